"""Writes readings into the tables, many rows at a time, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import update

from storage.archive.changelog import log_changes
from storage.archive.compare import CASE_FIELDS
from storage.archive.compare import PlacedMessage
from storage.archive.compare import Reading
from storage.archive.files import write_attachments
from storage.archive.hashing import case_hash
from storage.records import CaseRecord
from storage.search.index import add_lines
from storage.search.index import case_line
from storage.search.index import message_line
from storage.search.index import turn_subject
from storage.tables import absences
from storage.tables import case_revisions
from storage.tables import cases
from storage.tables import message_revisions
from storage.tables import messages

#: A message by its case's key and the id that the portal or the extractor gave it.
MessageKeys = dict[tuple[int, str], int]


def write_cases(connection: Connection, readings: Sequence[Reading], *, run_id: str, seen_at: datetime) -> None:
    placed = _write_case_rows(connection, readings, run_id, seen_at)
    _write_case_revisions(connection, placed, run_id, seen_at)
    message_keys = _write_messages(connection, placed, run_id, seen_at)
    _write_message_revisions(connection, placed, message_keys, run_id, seen_at)
    _mark_messages(connection, placed, seen_at)
    write_attachments(connection, placed, message_keys, run_id=run_id, seen_at=seen_at)
    _end_absences(connection, placed, seen_at)
    log_changes(connection, placed, message_keys, run_id=run_id, seen_at=seen_at)


def _write_case_rows(
    connection: Connection, readings: Sequence[Reading], run_id: str, seen_at: datetime
) -> list[tuple[int, Reading]]:
    """Insert or update the cases; returns each reading with its case's key."""
    fresh = [reading for reading in readings if reading.known is None]
    keys: dict[str, int] = {}
    if fresh:
        result = connection.execute(
            insert(cases).returning(cases.c.case_id, cases.c.id),
            [
                {
                    "account": reading.record.account,
                    "case_id": reading.record.case_id,
                    "first_seen_at": seen_at,
                    **_case_values(reading, run_id, seen_at),
                }
                for reading in fresh
            ],
        )
        keys = {row.case_id: row.id for row in result}
    read_again = [(reading.known.key, reading) for reading in readings if reading.known is not None]
    if read_again:
        connection.execute(
            update(cases).where(cases.c.id == bindparam("key")),
            [{"key": key, **_case_values(reading, run_id, seen_at)} for key, reading in read_again],
        )
    return [(reading.known.key if reading.known else keys[reading.record.case_id], reading) for reading in readings]


def _case_values(reading: Reading, run_id: str, seen_at: datetime) -> dict[str, Any]:
    record = reading.record
    return {
        **{name: getattr(record, name) for name in CASE_FIELDS},
        "revision": _revision(reading),
        "created_at_raw": record.created_at_raw,
        "updated_at_raw": record.updated_at_raw,
        "url": record.url,
        "can_reply": record.can_reply,
        "complete": record.complete,
        "fingerprint": record.fingerprint,
        "last_seen_at": seen_at,
        "last_read_at": seen_at,
        "last_run_id": run_id,
        "last_activity_at": _last_activity(reading),
    }


def _revision(reading: Reading) -> int:
    if reading.known is None:
        return 1
    return reading.known.revision + bool(reading.difference.fields)


def _last_activity(reading: Reading) -> datetime | None:
    record = reading.record
    times = [record.created_at, record.updated_at, *(message.sent_at for message in record.messages)]
    if reading.known is not None:
        times.append(reading.known.last_activity_at)
    return max((time for time in times if time is not None), default=None)


def _write_case_revisions(
    connection: Connection, placed: Sequence[tuple[int, Reading]], run_id: str, seen_at: datetime
) -> None:
    rows: list[dict[str, Any]] = []
    records: dict[int, CaseRecord] = {}
    for key, reading in placed:
        if reading.known is not None and not reading.difference.fields:
            continue
        values = {name: getattr(reading.record, name) for name in CASE_FIELDS}
        records[key] = reading.record
        if reading.known is not None and "subject" in reading.difference.fields:
            before = str(reading.known.fields[CASE_FIELDS.index("subject")])
            turn_subject(connection, key, reading.record.account, before=before, after=reading.record.subject)
        rows.append(
            {
                **values,
                "case_key": key,
                "number": _revision(reading),
                "created_at_raw": reading.record.created_at_raw,
                "updated_at_raw": reading.record.updated_at_raw,
                "content_hash": case_hash(**values),
                "seen_at": seen_at,
                "run_id": run_id,
            }
        )
    if rows:
        inserted = connection.execute(
            insert(case_revisions).returning(case_revisions.c.case_key, case_revisions.c.id), rows
        )
        add_lines(
            connection,
            [
                case_line(revision, records[case_key].account, records[case_key].subject)
                for case_key, revision in inserted
            ],
        )


def _write_messages(
    connection: Connection, placed: Sequence[tuple[int, Reading]], run_id: str, seen_at: datetime
) -> MessageKeys:
    """Insert new messages; returns the keys of all that the readings name."""
    keys: MessageKeys = {
        (key, message.message_id): message.key
        for key, reading in placed
        if reading.known is not None
        for message in reading.known.messages.values()
    }
    rows = [
        {
            "case_key": key,
            "message_id": message.record.message_id,
            "native_id": message.record.native_id,
            "position": message.position,
            "revision": 1,
            "sent_at": message.record.sent_at,
            "first_seen_at": seen_at,
            "first_run_id": run_id,
        }
        for key, reading in placed
        for message in reading.difference.new
    ]
    if rows:
        inserted = connection.execute(
            insert(messages).returning(messages.c.case_key, messages.c.message_id, messages.c.id), rows
        )
        keys.update({(case_key, message_id): key for case_key, message_id, key in inserted})
    return keys


def _write_message_revisions(
    connection: Connection,
    placed: Sequence[tuple[int, Reading]],
    message_keys: MessageKeys,
    run_id: str,
    seen_at: datetime,
) -> None:
    rows: list[dict[str, Any]] = []
    owners: dict[int, tuple[CaseRecord, str]] = {}
    for case_key, reading in placed:
        numbered = [(1, message) for message in reading.difference.new]
        numbered += [(old.revision + 1, message) for old, message in reading.difference.edited]
        for number, message in numbered:
            message_key = message_keys[case_key, message.record.message_id]
            owners[message_key] = reading.record, message.record.body
            rows.append(
                _revision_values(message)
                | {"message_key": message_key, "number": number, "seen_at": seen_at, "run_id": run_id}
            )
    if rows:
        # Rows come back in any order: SQLAlchemy would insert one by one to keep ours.
        inserted = connection.execute(
            insert(message_revisions).returning(message_revisions.c.message_key, message_revisions.c.id), rows
        )
        add_lines(
            connection,
            [
                message_line(revision, record.account, record.subject, body)
                for message_key, revision in inserted
                for record, body in (owners[message_key],)
            ],
        )


def _revision_values(message: PlacedMessage) -> dict[str, Any]:
    record = message.record
    return {
        "direction": record.direction,
        "author": record.author,
        "sent_at": record.sent_at,
        "sent_at_raw": record.sent_at_raw,
        "body": record.body,
        "body_html": record.body_html,
        "content_hash": message.content_hash,
    }


def _mark_messages(connection: Connection, placed: Sequence[tuple[int, Reading]], seen_at: datetime) -> None:
    """Bring the messages' own rows up to date: current revision, place, vanished or back."""
    updates: dict[int, dict[str, Any]] = {}
    for _, reading in placed:
        difference = reading.difference
        for old, message in difference.edited:
            updates.setdefault(old.key, {}).update(revision=old.revision + 1, sent_at=message.record.sent_at)
        for old, position in difference.moved:
            updates.setdefault(old.key, {})["position"] = position
        for old in difference.vanished:
            updates.setdefault(old.key, {})["vanished_at"] = seen_at
        for old in difference.returned:
            updates.setdefault(old.key, {})["vanished_at"] = None
    for key, values in updates.items():
        connection.execute(update(messages).where(messages.c.id == key).values(values))


def _end_absences(connection: Connection, placed: Sequence[tuple[int, Reading]], seen_at: datetime) -> None:
    keys = [key for key, reading in placed if reading.returned]
    if keys:
        end_absences(connection, keys, seen_at)


def end_absences(connection: Connection, case_keys: Sequence[int], at: datetime) -> None:
    """Close the open absence of each case."""
    connection.execute(
        update(absences).where(absences.c.case_key.in_(case_keys), absences.c.until.is_(None)).values(until=at)
    )
    connection.execute(update(cases).where(cases.c.id.in_(case_keys)).values(absent_since=None))
