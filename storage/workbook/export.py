"""The archive as an Excel workbook: cases, messages, attachments, changes and runs, linked with each other.

Everything streams: memory does not grow with the number of messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from datetime import tzinfo
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from storage.archive.changelog import read_changes
from storage.archive.model import ArchivedCase
from storage.archive.model import CaseFilter
from storage.archive.queries import iterate_cases
from storage.database import Database
from storage.journal.runs import iterate_runs
from storage.records import AttachmentRef
from storage.records import MessageRecord
from storage.records import NotFetched
from storage.workbook.cells import zone_name
from storage.workbook.saving import new_workbook
from storage.workbook.sheets import Column
from storage.workbook.sheets import Linked
from storage.workbook.sheets import Sheet
from storage.workbook.sheets import Value

#: What of a run's numbers the sheet shows: heading and path into `Run.numbers`.
RUN_NUMBERS = (
    ("cases seen", ("cases", "seen")),
    ("cases new", ("cases", "new")),
    ("cases changed", ("cases", "changed")),
    ("cases unchanged", ("cases", "unchanged")),
    ("cases absent", ("cases", "absent")),
    ("messages", ("messages",)),
    ("attachments", ("attachments",)),
    ("pages live", ("pages", "live")),
    ("pages fetched", ("pages", "fetch")),
    ("pages as JSON", ("pages", "json")),
    ("recoveries", ("recoveries",)),
    ("engine", ("engine",)),
    ("seconds", ("seconds",)),
)


def export_xlsx(
    database: Database, path: Path, *, zone: tzinfo = UTC, where: CaseFilter | None = None, at: datetime
) -> dict[str, int]:
    """Write the workbook to `path`, replacing it when it is whole; returns the rows of each sheet.

    Times are wall-clock times of `zone`, which the headings name; `at` decides which of its names (summer or winter).
    """
    with new_workbook(path) as workbook:
        written = _write(workbook, database, zone=zone, where=where, at=at)
        for sheet in written.values():
            sheet.finish()
    return {title: sheet.count for title, sheet in written.items()}


def _write(
    workbook: Workbook, database: Database, *, zone: tzinfo, where: CaseFilter | None, at: datetime
) -> dict[str, Sheet]:
    name = zone_name(zone, at)
    account = None if where is None else where.account
    sheets = _case_sheets(workbook, zone, name)
    for archived in iterate_cases(database, where):
        _write_case(sheets, archived)
    changes = Sheet(workbook, "changes", _change_columns(name), zone)
    for line in read_changes(database, account=account):
        changes.append(
            [
                line.at,
                line.run_id,
                line.ref.account,
                line.ref.case_id,
                line.subject,
                line.event.value,
                line.message_id,
                line.detail,
            ]
        )
    runs = Sheet(workbook, "runs", _run_columns(name), zone)
    for run in iterate_runs(database, account):
        runs.append(
            [
                run.run_id,
                run.account,
                run.scope,
                run.started_at,
                run.finished_at,
                None if run.outcome is None else run.outcome.value,
                *(_number(run.numbers, keys) for _, keys in RUN_NUMBERS),
            ]
        )
    return {**sheets, "changes": changes, "runs": runs}


def _case_sheets(workbook: Workbook, zone: tzinfo, name: str) -> dict[str, Sheet]:
    columns = {
        "cases": [
            Column("account"),
            Column("case"),
            Column("subject", 50),
            Column("status"),
            Column("status at the portal", 24),
            Column("tabs", 26),
            Column(f"created ({name})", 20),
            Column(f"updated ({name})", 20),
            Column(f"first seen ({name})", 20),
            Column(f"last seen ({name})", 20),
            Column(f"absent since ({name})", 20),
            Column("complete", 10),
            Column("messages", 10),
            Column("attachments", 12),
        ],
        "messages": [
            Column("account"),
            Column("case"),
            Column("number", 8),
            Column("direction", 10),
            Column("author", 22),
            Column(f"sent ({name})", 20),
            Column("sent, as shown", 24),
            Column("text", 90),
            Column("attachments", 30),
            Column(f"vanished ({name})", 20),
            Column("message", 20),
        ],
        "attachments": [
            Column("account"),
            Column("case"),
            Column("message", 20),
            Column("name", 40),
            Column("type", 24),
            Column("size", 12),
            Column("sha256", 66),
            Column(f"gone ({name})", 20),
        ],
    }
    return {title: Sheet(workbook, title, headings, zone) for title, headings in columns.items()}


def _write_case(sheets: Mapping[str, Sheet], archived: ArchivedCase) -> None:
    record = archived.record
    files = list(_files(archived))
    shown = sum(gone_at is None for _, _, gone_at in files)
    lines = len(record.messages) + len(archived.vanished)
    case_place = sheets["cases"].next_place()
    sheets["cases"].append(
        [
            record.account,
            Linked(record.case_id, record.url) if record.url.startswith(("https://", "http://")) else record.case_id,
            record.subject,
            record.status.value,
            record.status_raw,
            ", ".join(tab.value for tab in archived.tabs),
            record.created_at,
            record.updated_at,
            archived.first_seen_at,
            archived.last_seen_at,
            archived.absent_since,
            record.complete,
            _linked_count(len(record.messages), lines, sheets["messages"]),
            _linked_count(shown, len(files), sheets["attachments"]),
        ]
    )
    _write_messages(sheets["messages"], archived, case_place)
    for message_id, file, gone_at in files:
        sheets["attachments"].append(
            [
                record.account,
                Linked(record.case_id, case_place),
                message_id,
                file.name,
                file.mime,
                _known(file.size),
                _known(file.sha256),
                gone_at,
            ]
        )


def _files(archived: ArchivedCase) -> Iterator[tuple[str | None, AttachmentRef, datetime | None]]:
    """Each file with its message, and since when it is gone, alone or with the message."""
    record = archived.record
    yield from ((None, file, None) for file in record.attachments)
    yield from ((each.message_id, file, None) for each in record.messages for file in each.attachments)
    for vanished in archived.vanished:
        message = vanished.message
        yield from ((message.message_id, file, vanished.vanished_at) for file in message.attachments)
    yield from ((each.message_id, each.file, each.gone_at) for each in archived.gone)


def _linked_count(count: int, rows: int, sheet: Sheet) -> Value | Linked:
    """How many the portal shows, with a link to the first of the rows that follow in another sheet."""
    return Linked(count, sheet.next_place()) if rows else 0


def _write_messages(sheet: Sheet, archived: ArchivedCase, case_place: str) -> None:
    """The thread as it is shown, then what vanished from it; a case's first line leads back to the case."""
    lines: list[tuple[MessageRecord, datetime | None]] = [(message, None) for message in archived.record.messages]
    lines += [(gone.message, gone.vanished_at) for gone in archived.vanished]
    for number, (message, vanished_at) in enumerate(lines, start=1):
        case_id = archived.record.case_id
        sheet.append(
            [
                archived.record.account,
                Linked(case_id, case_place) if number == 1 else case_id,
                number,
                message.direction.value,
                message.author,
                message.sent_at,
                message.sent_at_raw,
                message.body,
                _names(message.attachments),
                vanished_at,
                message.message_id,
            ]
        )


def _change_columns(name: str) -> list[Column]:
    return [
        Column(f"found ({name})", 20),
        Column("run", 26),
        Column("account"),
        Column("case"),
        Column("subject", 50),
        Column("change", 20),
        Column("message", 20),
        Column("detail", 60),
    ]


def _run_columns(name: str) -> list[Column]:
    return [
        Column("run", 26),
        Column("account"),
        Column("scope"),
        Column(f"started ({name})", 20),
        Column(f"finished ({name})", 20),
        Column("outcome", 12),
        *(Column(heading) for heading, _ in RUN_NUMBERS),
    ]


def _number(numbers: Mapping[str, Any], keys: Sequence[str]) -> Value:
    value: Any = numbers
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, str | int | float) else None


def _names(files: Sequence[AttachmentRef]) -> str | None:
    return "\n".join(file.name for file in files) or None


def _known(value: int | str | NotFetched) -> int | str | None:
    return None if isinstance(value, NotFetched) else value
