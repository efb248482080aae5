"""The steps of one attempt up to the click: claim, baseline, the intent to submit; and giving a claim back.

Every step shows the claim's token. The intent is on the disk before `submit_started` returns.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import update

from storage import identity
from storage.database import Database
from storage.errors import ClaimLost
from storage.errors import IllegalMove
from storage.errors import StaleApproval
from storage.outbox.model import Baseline
from storage.outbox.model import OutboxStatus
from storage.outbox.moves import load
from storage.outbox.moves import move
from storage.outbox.moves import write_event
from storage.outbox.stored import baseline_json
from storage.outbox.stored import read_baseline
from storage.process import Holder
from storage.tables import outbox_entries

#: The actor of moves that no person makes.
DISPATCH = "dispatch"


def claim(database: Database, entry_id: int, *, holder: Holder, at: datetime) -> str:
    """Take a queued entry and return the claim's token. Of two who try, one gets it; the other raises."""
    token = secrets.token_hex(16)
    with database.write() as connection:
        row = load(connection, entry_id)
        if row.status == OutboxStatus.QUEUED and row.approved_hash != row.content_hash:
            raise StaleApproval(entry_id, expected=row.approved_hash or "", actual=row.content_hash)
        move(
            connection,
            entry_id,
            OutboxStatus.SENDING,
            event="claimed",
            actor=DISPATCH,
            at=at,
            values={
                "claim_token": token,
                "claim_host": holder.host,
                "claim_pid": holder.pid,
                "claim_process_started_at": holder.process_started_at,
                "claimed_at": at,
                "attempts": row.attempts + 1,
                "baseline": None,
            },
            detail={"host": holder.host, "pid": holder.pid},
        )
    return token


def record_baseline(database: Database, entry_id: int, token: str, baseline: Baseline) -> Baseline:
    """Store the thread as it is before this attempt; returns the *first* attempt's baseline, which is kept."""
    with database.write() as connection:
        row = _check_unsubmitted(connection, entry_id, token)
        stored = baseline_json(baseline)
        connection.execute(
            update(outbox_entries)
            .where(outbox_entries.c.id == entry_id, outbox_entries.c.claim_token == token)
            .values(baseline=stored, first_baseline=row.first_baseline or stored)
        )
        _note(connection, entry_id, "baseline", baseline.taken_at, messages=len(baseline.message_ids))
        return baseline if row.first_baseline is None else read_baseline(row.first_baseline)


def submit_started(database: Database, entry_id: int, token: str, *, at: datetime) -> None:
    """Commit the intent to submit: when this returns, it survives a power cut. Then, and only then, click once."""
    with database.write(durable=True) as connection:
        row = _check_unsubmitted(connection, entry_id, token)
        if row.baseline is None:
            raise IllegalMove(entry_id, row.status, "submit_started", submitted=False)
        started = connection.execute(
            update(outbox_entries)
            .where(
                outbox_entries.c.id == entry_id,
                outbox_entries.c.status == OutboxStatus.SENDING,
                outbox_entries.c.claim_token == token,
                outbox_entries.c.submit_started_at.is_(None),
            )
            .values(submit_started_at=at, first_submit_at=row.first_submit_at or at, updated_at=at)
        ).rowcount
        if started != 1:
            raise ClaimLost(entry_id, row.status)
        _note(connection, entry_id, "submit_started", at)
        identity.count_submit(connection)
    identity.note_submits(database)


def release(database: Database, entry_id: int, token: str, *, reason: str, at: datetime) -> None:
    """Back into the queue, nothing having been submitted: no proven engine, a portal out of reach, a stop."""
    with database.write() as connection:
        move(
            connection,
            entry_id,
            OutboxStatus.QUEUED,
            event="released",
            actor=DISPATCH,
            at=at,
            reason=reason,
            token=token,
        )


def release_dead_claim(database: Database, entry_id: int, token: str, *, at: datetime) -> OutboxStatus:
    """Take an entry from a holder that the caller has proved dead: queued again, unconfirmed if a submit had begun."""
    with database.write() as connection:
        row = load(connection, entry_id)
        target = OutboxStatus.QUEUED if row.submit_started_at is None else OutboxStatus.UNCONFIRMED
        move(
            connection,
            entry_id,
            target,
            event="holder_died",
            actor=DISPATCH,
            at=at,
            reason=f"process {row.claim_pid} on {row.claim_host} is gone",
            token=token,
        )
    return target


def _check_unsubmitted(connection: Connection, entry_id: int, token: str) -> Row[Any]:
    row = load(connection, entry_id)
    if row.claim_token != token or row.submit_started_at is not None:
        raise ClaimLost(entry_id, row.status)
    return row


def _note(connection: Connection, entry_id: int, event: str, at: datetime, **detail: object) -> None:
    sending = OutboxStatus.SENDING
    write_event(connection, entry_id, event, source=sending, target=sending, actor=DISPATCH, at=at, detail=detail)
