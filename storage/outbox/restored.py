"""A restored copy of an archive does not know what the original has sent since: whatever it would send, it holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from storage.journal.audit import write_audit
from storage.outbox.model import OutboxStatus
from storage.outbox.moves import NO_CLAIM
from storage.outbox.moves import move
from storage.outbox.moves import write_event
from storage.tables import account_locks
from storage.tables import outbox_entries

ACTOR = "archive"
REASON = "this archive was restored or copied; the original may have sent this since"


def hold_unsent(connection: Connection, at: datetime) -> int:
    """Hold what is queued or claimed; a submit that had begun becomes unconfirmed. Returns how many were held.

    Locks came along with the copy; whoever holds them works on the original.
    QUEUED -> HELD is the one move outside of TRANSITIONS: no attempt leads there, only a copy.
    """
    entries = outbox_entries.c
    rows = connection.execute(
        select(entries.id, entries.status, entries.submit_started_at).where(
            entries.status.in_((OutboxStatus.QUEUED, OutboxStatus.SENDING))
        )
    ).all()
    connection.execute(delete(account_locks))
    held = 0
    for row in rows:
        if row.submit_started_at is not None:
            move(
                connection,
                row.id,
                OutboxStatus.UNCONFIRMED,
                event="restored",
                actor=ACTOR,
                at=at,
                reason=REASON,
            )
            continue
        connection.execute(
            update(outbox_entries)
            .where(entries.id == row.id, entries.status == row.status)
            .values(status=OutboxStatus.HELD, reason=REASON, updated_at=at, **NO_CLAIM)
        )
        write_event(
            connection,
            row.id,
            "restored",
            source=OutboxStatus(row.status),
            target=OutboxStatus.HELD,
            actor=ACTOR,
            at=at,
            reason=REASON,
        )
        held += 1
    write_audit(connection, actor=ACTOR, action="restored copy", subject=f"{held} entries held", reason=REASON, at=at)
    return held
