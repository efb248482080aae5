"""A restored copy of an archive does not know what the original has sent since: whatever it would send, it holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import select

from storage.journal.audit import write_audit
from storage.outbox.model import OutboxStatus
from storage.outbox.moves import move
from storage.tables import account_locks
from storage.tables import outbox_entries

ACTOR = "archive"
REASON = "this archive was restored or copied; the original may have sent this since"


def hold_unsent(connection: Connection, at: datetime) -> int:
    """Hold what is queued or claimed; a submit that had begun becomes unconfirmed. Returns how many were held.

    Locks came along with the copy; whoever holds them works on the original.
    """
    entries = outbox_entries.c
    rows = connection.execute(
        select(entries.id, entries.submit_started_at).where(
            entries.status.in_((OutboxStatus.QUEUED, OutboxStatus.SENDING))
        )
    ).all()
    connection.execute(delete(account_locks))
    for row in rows:
        target = OutboxStatus.HELD if row.submit_started_at is None else OutboxStatus.UNCONFIRMED
        move(connection, row.id, target, event="restored", actor=ACTOR, at=at, reason=REASON, restored=True)
    held = sum(row.submit_started_at is None for row in rows)
    write_audit(connection, actor=ACTOR, action="restored copy", subject=f"{held} entries held", reason=REASON, at=at)
    return held
