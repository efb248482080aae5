"""The only place that changes an entry's status: guarded by where it comes from, its event in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from storage import identity
from storage.errors import ClaimLost
from storage.errors import ConversationBusy
from storage.errors import IllegalMove
from storage.errors import NotFound
from storage.outbox.model import OutboxStatus
from storage.outbox.model import is_legal
from storage.tables import outbox_entries
from storage.tables import outbox_events
from storage.tables.outbox import BLOCKING

#: Columns of a claim; an entry that leaves SENDING has none.
NO_CLAIM: Mapping[str, Any] = {
    "claim_token": None,
    "claim_host": None,
    "claim_pid": None,
    "claim_process_started_at": None,
    "claimed_at": None,
}

#: Where only people bring a reply. A database that was put back from before such a move must be known for it, as one
#: from before a submit is: it would send what somebody has taken back.
TAKEN_BACK = frozenset({OutboxStatus.CANCELLED, OutboxStatus.DRAFT})

NO_APPROVAL: Mapping[str, Any] = {
    "approved_at": None,
    "approved_by": None,
    "approved_hash": None,
    "seen_message_ids": None,
}


def load(connection: Connection, entry_id: int) -> Row[Any]:
    row = connection.execute(select(outbox_entries).where(outbox_entries.c.id == entry_id)).one_or_none()
    if row is None:
        raise NotFound("outbox entry", str(entry_id))
    return row


def move(
    connection: Connection,
    entry_id: int,
    target: OutboxStatus,
    *,
    event: str,
    actor: str,
    at: datetime,
    reason: str = "",
    token: str | None = None,
    person: bool = False,
    restored: bool = False,
    values: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Bring an entry to `target`, or raise and change nothing. `token`: only while this claim holds it."""
    row = load(connection, entry_id)
    source, submitted = OutboxStatus(row.status), row.submit_started_at is not None
    if token is not None and row.claim_token != token:
        raise ClaimLost(entry_id, source)
    if not is_legal(source, target, submitted=submitted, person=person, restored=restored):
        raise IllegalMove(entry_id, source, target, submitted)
    if source is OutboxStatus.SENDING:
        values = {**NO_CLAIM, **(values or {})}
    # Where one writer at a time is not the rule (PostgreSQL), the guard is this statement, not the look before it.
    statement = (
        update(outbox_entries)
        .where(
            outbox_entries.c.id == entry_id,
            outbox_entries.c.status == source,
            outbox_entries.c.submit_started_at.is_not_distinct_from(row.submit_started_at),
            outbox_entries.c.claim_token.is_not_distinct_from(row.claim_token),
        )
        .values(status=target, updated_at=at, reason=reason or None, **(values or {}))
    )
    try:
        with connection.begin_nested():
            moved = connection.execute(statement).rowcount
    except IntegrityError as error:
        raise _blocked(connection, row) from error
    if moved != 1:
        raise IllegalMove(entry_id, source, target, submitted)
    if target in TAKEN_BACK:
        identity.count_submit(connection)
    write_event(
        connection, entry_id, event, source=source, target=target, actor=actor, at=at, reason=reason, detail=detail
    )


def write_event(
    connection: Connection,
    entry_id: int,
    event: str,
    *,
    source: OutboxStatus | None,
    target: OutboxStatus,
    actor: str,
    at: datetime,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    connection.execute(
        insert(outbox_events).values(
            entry_id=entry_id,
            at=at,
            event=event,
            source=source,
            target=target,
            actor=actor,
            reason=reason,
            detail=dict(detail or {}),
        )
    )


def _blocked(connection: Connection, row: Row[Any]) -> ConversationBusy:
    """The partial unique index refused a second entry of the conversation: find the first."""
    entries = outbox_entries.c
    other = connection.execute(
        select(entries.id, entries.status)
        .where(
            entries.account == row.account,
            entries.conversation == row.conversation,
            entries.id != row.id,
            text(f"({BLOCKING})"),
        )
        .limit(1)
    ).one()
    return ConversationBusy(row.id, other.id, other.status)
