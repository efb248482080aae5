"""The archive as JSON Lines: one case per line, the keys and their order are a promise to other people's scripts."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import TextIO

from storage.archive.model import ArchivedCase
from storage.archive.model import CaseFilter
from storage.archive.model import GoneFile
from storage.archive.queries import iterate_cases
from storage.database import Database
from storage.json_text import json_text
from storage.records import AttachmentRef
from storage.records import MessageRecord
from storage.records import NotFetched


def export_jsonl(database: Database, output: TextIO, where: CaseFilter | None = None) -> int:
    """Write the cases to `output` (UTF-8, `\\n`), streaming; returns how many there are."""
    count = 0
    for line in jsonl(database, where):
        output.write(line)
        count += 1
    return count


def jsonl(database: Database, where: CaseFilter | None = None) -> Iterator[str]:
    """One line per case, with its line feed."""
    for archived in iterate_cases(database, where):
        yield json_text(case_object(archived)) + "\n"


def case_object(archived: ArchivedCase) -> dict[str, Any]:
    """The case as the portal shows it: vanished messages and files are left out, they have no place in the format."""
    record = archived.record
    return {
        "account": record.account,
        "case_id": record.case_id,
        "subject": record.subject,
        "status": record.status.value,
        "status_raw": record.status_raw,
        "tabs": [tab.value for tab in archived.tabs],
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
        "first_seen_at": iso(archived.first_seen_at),
        "last_seen_at": iso(archived.last_seen_at),
        "absent_since": iso(archived.absent_since),
        "complete": record.complete,
        "messages": [_message(message) for message in record.messages],
        "attachments": file_objects(record.attachments),
    }


def iso(value: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second, or to the microsecond where there is one."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _message(message: MessageRecord) -> dict[str, Any]:
    return {
        "id": message.message_id,
        "direction": message.direction.value,
        "author": message.author,
        "sent_at": iso(message.sent_at),
        "sent_at_raw": message.sent_at_raw,
        "body": message.body,
        "attachments": file_objects(message.attachments),
    }


def gone_objects(files: Sequence[GoneFile]) -> list[dict[str, Any]]:
    """What the portal shows no more has no place in the format; whoever shows more of a case shows it like this."""
    objects = file_objects([gone.file for gone in files])
    return [
        {"message_id": gone.message_id, **value, "gone_at": iso(gone.gone_at)}
        for gone, value in zip(files, objects, strict=True)
    ]


def file_objects(files: Sequence[AttachmentRef]) -> list[dict[str, Any]]:
    return [
        {"name": file.name, "mime": file.mime, "size": _known(file.size), "sha256": _known(file.sha256)}
        for file in files
    ]


def _known(value: int | str | NotFetched) -> int | str | None:
    return None if isinstance(value, NotFetched) else value
