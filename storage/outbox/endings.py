"""How an attempt ends: by the claim's token, later by reading only, or by a person's decision."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from storage import identity
from storage.database import Database
from storage.errors import ClaimLost
from storage.errors import IllegalMove
from storage.errors import ReasonNeeded
from storage.outbox.claims import DISPATCH
from storage.outbox.model import OutboxStatus
from storage.outbox.model import Proof
from storage.outbox.moves import NO_APPROVAL
from storage.outbox.moves import load
from storage.outbox.moves import move
from storage.outbox.queue import NOTHING
from storage.outbox.queue import approval_values
from storage.outbox.stored import proof_json

#: The actor of moves that reading the thread has decided.
RECONCILE = "reconcile"


def mark_sent(database: Database, entry_id: int, token: str, proof: Proof, *, at: datetime) -> None:
    """Submitted, and there: `proof` is the portal's own message."""
    _end(
        database,
        entry_id,
        OutboxStatus.SENT,
        event="proved",
        token=token,
        at=at,
        values={"proof": proof_json(proof)},
        detail=proof_json(proof),
    )


def mark_rejected(database: Database, entry_id: int, token: str, *, reason: str, at: datetime) -> None:
    """Submitted, refused by the portal, and absent from the complete thread."""
    _end(database, entry_id, OutboxStatus.REJECTED, event="rejected", token=token, at=at, reason=reason)


def mark_unconfirmed(database: Database, entry_id: int, token: str, *, reason: str, at: datetime) -> None:
    """Submitted, and nobody could tell yet whether it arrived."""
    _end(database, entry_id, OutboxStatus.UNCONFIRMED, event="unconfirmed", token=token, at=at, reason=reason)


def hold(database: Database, entry_id: int, token: str, *, reason: str, at: datetime) -> None:
    """Nothing was submitted, and a person has to look."""
    _end(database, entry_id, OutboxStatus.HELD, event="held", token=token, at=at, reason=reason)


def reconcile_sent(
    database: Database, entry_id: int, proof: Proof, *, at: datetime, attempt: int | None = None
) -> None:
    """An unconfirmed entry was found in the thread. `attempt`: only if that is still the last one."""
    with database.write() as connection:
        _check_attempt(connection, entry_id, attempt)
        move(
            connection,
            entry_id,
            OutboxStatus.SENT,
            event="proved",
            actor=RECONCILE,
            at=at,
            values={"proof": proof_json(proof)},
            detail=proof_json(proof),
        )


def reconcile_held(database: Database, entry_id: int, *, reason: str, at: datetime, attempt: int | None = None) -> None:
    """An unconfirmed entry is certainly not there, or nobody could tell for too long. Never back into the queue.

    `attempt`: only if that is still the last one.
    """
    with database.write() as connection:
        _check_attempt(connection, entry_id, attempt)
        move(connection, entry_id, OutboxStatus.HELD, event="held", actor=RECONCILE, at=at, reason=reason)


def resolve(
    database: Database,
    entry_id: int,
    target: OutboxStatus,
    *,
    person: str,
    reason: str,
    at: datetime,
    proof: Proof | None = None,
    seen_message_ids: Sequence[str] | None = None,
    seen_texts: Mapping[str, str] = NOTHING,
) -> None:
    """A person's decision on a held entry: SENT, QUEUED, DRAFT or CANCELLED.

    Back to QUEUED after a submit is the one exception to "never twice". `seen_message_ids` (and `seen_texts`) renew the
    approval for the thread as that person saw it; without them a message that came since holds the entry again.
    """
    with database.write(durable=True) as connection:
        values: dict[str, Any] = {} if proof is None else {"proof": proof_json(proof)}
        if target is OutboxStatus.QUEUED and seen_message_ids is not None:
            seen_hash = load(connection, entry_id).content_hash
            values |= approval_values(seen_hash, seen_message_ids, seen_texts, person, at)
        resolve_in(connection, entry_id, target, person=person, reason=reason, at=at, values=values)
    identity.note_submits(database)


def resolve_in(
    connection: Connection,
    entry_id: int,
    target: OutboxStatus,
    *,
    person: str,
    reason: str,
    at: datetime,
    values: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """The same inside the caller's transaction."""
    row = load(connection, entry_id)
    submitted = row.submit_started_at is not None
    if row.status != OutboxStatus.HELD:
        raise IllegalMove(entry_id, row.status, target, submitted)
    if not reason.strip():
        raise ReasonNeeded(entry_id)
    if target in {OutboxStatus.DRAFT, OutboxStatus.QUEUED}:
        values = {"submit_started_at": None, **(NO_APPROVAL if target is OutboxStatus.DRAFT else {}), **values}
    move(
        connection,
        entry_id,
        target,
        event="resolved",
        actor=person,
        at=at,
        reason=reason,
        person=True,
        values=values,
        detail={"submitted": submitted},
    )


def _check_attempt(connection: Connection, entry_id: int, attempt: int | None) -> None:
    """What somebody read about one attempt says nothing of a later one."""
    row = load(connection, entry_id)
    if attempt is not None and row.attempts != attempt:
        raise ClaimLost(entry_id, row.status)


def _end(
    database: Database,
    entry_id: int,
    target: OutboxStatus,
    *,
    event: str,
    token: str,
    at: datetime,
    reason: str = "",
    values: dict[str, Any] | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    with database.write() as connection:
        move(
            connection,
            entry_id,
            target,
            event=event,
            actor=DISPATCH,
            at=at,
            reason=reason,
            token=token,
            values=values,
            detail=detail,
        )
