"""The change log: one append-only row for whatever a run found different."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select

from storage.archive.compare import CASE_FIELDS
from storage.archive.compare import KnownCase
from storage.archive.compare import Reading
from storage.archive.compare import case_fields
from storage.archive.model import ChangeEvent
from storage.archive.model import LoggedChange
from storage.database import Database
from storage.records import CaseRecord
from storage.records import CaseRef
from storage.tables import cases
from storage.tables import changes
from storage.tables import messages

#: Event, message id, detail.
Line = tuple[ChangeEvent, str | None, str]


def log_changes(
    connection: Connection,
    placed: Sequence[tuple[int, Reading]],
    message_keys: Mapping[tuple[int, str], int],
    *,
    run_id: str,
    seen_at: datetime,
) -> None:
    rows = [
        {
            "case_key": case_key,
            "message_key": None if message_id is None else message_keys[case_key, message_id],
            "run_id": run_id,
            "at": seen_at,
            "kind": event,
            "detail": detail,
        }
        for case_key, reading in placed
        for event, message_id, detail in lines(reading)
    ]
    if rows:
        connection.execute(insert(changes), rows)


def log_case_event(
    connection: Connection, case_keys: Sequence[int], event: ChangeEvent, detail: str, *, run_id: str, at: datetime
) -> None:
    """The same event for several cases, outside of an ingest."""
    if case_keys:
        connection.execute(
            insert(changes),
            [{"case_key": key, "run_id": run_id, "at": at, "kind": event, "detail": detail} for key in case_keys],
        )


def lines(reading: Reading) -> Iterator[Line]:
    """What one reading adds to the log; the first sight of a case is one line, whatever is in it."""
    difference = reading.difference
    if reading.known is None:
        yield ChangeEvent.CASE_NEW, None, ""
        return
    if reading.returned:
        yield ChangeEvent.CASE_RETURNED, None, ""
    if difference.fields:
        yield ChangeEvent.CASE_CHANGED, None, _fields(reading.known, reading.record)
    for message in difference.new:
        yield ChangeEvent.MESSAGE_NEW, message.record.message_id, ""
    for old, _ in difference.edited:
        yield ChangeEvent.MESSAGE_EDITED, old.message_id, f"revision {old.revision + 1}"
    for old in difference.vanished:
        yield ChangeEvent.MESSAGE_VANISHED, old.message_id, ""
    for old in difference.returned:
        yield ChangeEvent.MESSAGE_RETURNED, old.message_id, ""
    for item in difference.new_attachments:
        yield ChangeEvent.ATTACHMENT_NEW, item.message_id, item.ref.name
    for gone in difference.gone_attachments:
        yield ChangeEvent.ATTACHMENT_GONE, gone.message_id, gone.name


def _fields(known: KnownCase, record: CaseRecord) -> str:
    pairs = zip(CASE_FIELDS, known.fields, case_fields(record), strict=True)
    return "; ".join(f"{name}: {_plain(old)} -> {_plain(new)}" for name, old, new in pairs if old != new)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def read_changes(
    database: Database, *, account: str | None = None, run_id: str | None = None, ref: CaseRef | None = None
) -> Iterator[LoggedChange]:
    """The log, oldest first, streaming."""
    query = (
        select(
            changes.c.at,
            changes.c.run_id,
            cases.c.account,
            cases.c.case_id,
            cases.c.subject,
            changes.c.kind,
            messages.c.message_id,
            changes.c.detail,
        )
        .join(cases, cases.c.id == changes.c.case_key)
        .outerjoin(messages, messages.c.id == changes.c.message_key)
        .order_by(changes.c.id)
    )
    if account is not None:
        query = query.where(cases.c.account == account)
    if run_id is not None:
        query = query.where(changes.c.run_id == run_id)
    if ref is not None:
        query = query.where(cases.c.account == ref.account, cases.c.case_id == ref.case_id)
    with database.read() as connection:
        for row in connection.execution_options(yield_per=1000).execute(query):
            yield LoggedChange(
                at=row.at,
                run_id=row.run_id,
                ref=CaseRef(account=row.account, case_id=row.case_id),
                subject=row.subject,
                event=ChangeEvent(row.kind),
                message_id=row.message_id,
                detail=row.detail,
            )
