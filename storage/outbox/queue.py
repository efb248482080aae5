"""What people do with entries before they are sent: add, approve, cancel. `editing` has the fourth."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text

from storage import identity
from storage.archive.files import register_blob
from storage.database import Database
from storage.errors import AlreadyQueued
from storage.errors import IllegalMove
from storage.errors import StaleApproval
from storage.outbox.content import content_hash
from storage.outbox.content import conversation
from storage.outbox.content import idempotency_key
from storage.outbox.model import Draft
from storage.outbox.model import Kind
from storage.outbox.model import OutboxFile
from storage.outbox.model import OutboxStatus
from storage.outbox.moves import load
from storage.outbox.moves import move
from storage.outbox.moves import write_event
from storage.outbox.stored import seen_json
from storage.tables import outbox_attachments
from storage.tables import outbox_entries
from storage.tables import outbox_events
from storage.tables.outbox import KEEPS_KEY

NOTHING: Mapping[str, str] = MappingProxyType({})


def add(database: Database, draft: Draft, *, author: str, at: datetime, again: bool = False) -> int:
    """Add a draft and return its id. The files' contents lie in the blob store already.

    The same draft a second time raises AlreadyQueued, which names the entry that holds it, unless `again` is set.
    """
    with database.write() as connection:
        return add_in(connection, draft, author=author, at=at, again=again)


def add_all(
    database: Database, drafts: Sequence[Draft], *, author: str, at: datetime, again: bool = False
) -> tuple[int, ...]:
    """Add several drafts: all of them, or none."""
    with database.write() as connection:
        return tuple(add_in(connection, draft, author=author, at=at, again=again) for draft in drafts)


def add_in(connection: Connection, draft: Draft, *, author: str, at: datetime, again: bool) -> int:
    if (draft.case_id is None) != (draft.kind is Kind.NEW_CASE):
        raise ValueError("a new case has no case id, everything else has one")
    key = free_key(connection, draft, again=again)
    inserted = connection.execute(
        insert(outbox_entries).values(
            account=draft.account,
            case_id=draft.case_id,
            conversation=conversation(draft),
            kind=draft.kind,
            status=OutboxStatus.DRAFT,
            batch=draft.batch,
            created_at=at,
            created_by=author,
            updated_at=at,
            attempts=0,
            **content_values(draft, key),
        )
    ).inserted_primary_key
    assert inserted is not None
    entry_id = int(inserted[0])
    write_files(connection, entry_id, draft.files, at)
    write_event(connection, entry_id, "added", source=None, target=OutboxStatus.DRAFT, actor=author, at=at)
    return entry_id


def approve(
    database: Database,
    entry_id: int,
    *,
    seen_hash: str,
    seen_message_ids: Sequence[str],
    approver: str,
    at: datetime,
    seen_texts: Mapping[str, str] = NOTHING,
) -> None:
    """Queue a draft. `seen_hash` is the `content_hash` that the approver was shown, the ids are the thread's.

    `seen_texts`: how its messages read (`seen_text`); one that reads differently later holds the reply.
    """
    with database.write() as connection:
        approve_in(
            connection,
            entry_id,
            seen_hash=seen_hash,
            seen_message_ids=seen_message_ids,
            seen_texts=seen_texts,
            approver=approver,
            at=at,
        )


def approve_in(
    connection: Connection,
    entry_id: int,
    *,
    seen_hash: str,
    seen_message_ids: Sequence[str],
    seen_texts: Mapping[str, str],
    approver: str,
    at: datetime,
) -> None:
    row = load(connection, entry_id)
    if row.content_hash != seen_hash:
        raise StaleApproval(entry_id, expected=seen_hash, actual=row.content_hash)
    if row.status != OutboxStatus.DRAFT:
        raise IllegalMove(entry_id, row.status, OutboxStatus.QUEUED, row.submit_started_at is not None)
    move(
        connection,
        entry_id,
        OutboxStatus.QUEUED,
        event="approved",
        actor=approver,
        at=at,
        values=approval_values(seen_hash, seen_message_ids, seen_texts, approver, at),
        detail={"content_hash": seen_hash, "seen": len(seen_message_ids)},
    )


def approval_values(
    seen_hash: str, seen_message_ids: Sequence[str], seen_texts: Mapping[str, str], approver: str, at: datetime
) -> dict[str, Any]:
    return {
        "approved_at": at,
        "approved_by": approver,
        "approved_hash": seen_hash,
        "seen_message_ids": seen_json(seen_message_ids, seen_texts),
    }


def cancel(database: Database, entry_id: int, *, actor: str, at: datetime, reason: str = "") -> None:
    """Give up a draft, a queued or a rejected entry. A held one is cancelled by `resolve`, with a reason."""
    with database.write(durable=True) as connection:
        move(connection, entry_id, OutboxStatus.CANCELLED, event="cancelled", actor=actor, at=at, reason=reason)
    identity.note_submits(database)


def content_values(draft: Draft, key: str) -> dict[str, Any]:
    return {
        "subject": draft.subject,
        "text": draft.text,
        "content_hash": content_hash(draft),
        "idempotency_key": key,
    }


def free_key(connection: Connection, draft: Draft, *, again: bool, own: int | None = None) -> str:
    """The draft's key; where it is taken, the next repetition's if `again` is set. `own`: the entry that it is for."""
    if not again:
        _refuse_submitted(connection, draft, own)
    repetition = 0
    while True:
        key = idempotency_key(draft, repetition=repetition)
        holder = connection.execute(
            select(outbox_entries.c.id, outbox_entries.c.status)
            .where(outbox_entries.c.idempotency_key == key, text(f"({KEEPS_KEY})"))
            .order_by(outbox_entries.c.id.desc())
            .limit(1)
        ).one_or_none()
        if holder is None:
            return key
        if not again:
            raise AlreadyQueued(holder.id, holder.status)
        repetition += 1


def _refuse_submitted(connection: Connection, draft: Draft, own: int | None) -> None:
    """An entry that said this when it was submitted, and was edited since, has another key; the portal may have it."""
    entries, events = outbox_entries.c, outbox_events.c
    query = (
        select(entries.id, entries.status, events.event, events.detail)
        .join(outbox_events, events.entry_id == entries.id)
        .where(
            entries.account == draft.account,
            entries.conversation == conversation(draft),
            entries.first_submit_at.is_not(None),
            entries.id.is_distinct_from(own),
            events.event.in_(("submit_started", "edited")),
        )
        .order_by(events.id)
    )
    submitted: set[int] = set()
    for row in connection.execute(query):
        if row.event == "submit_started":
            submitted.add(row.id)
        elif row.id in submitted:
            if row.detail["before"] == content_hash(draft):
                raise AlreadyQueued(row.id, row.status)
            submitted.remove(row.id)


def write_files(connection: Connection, entry_id: int, files: Sequence[OutboxFile], at: datetime) -> None:
    for position, file in enumerate(files):
        register_blob(connection, file.sha256, file.size, at)
        connection.execute(
            insert(outbox_attachments).values(
                entry_id=entry_id,
                position=position,
                name=file.name,
                mime=file.mime,
                size=file.size,
                sha256=file.sha256,
            )
        )
