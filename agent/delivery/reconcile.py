"""Finds out, by reading only, what became of replies that an earlier run left open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from datetime import timedelta

from agent.delivery.decide import Conclusion
from agent.delivery.decide import Sent
from agent.delivery.decide import Unconfirmed
from agent.delivery.desk import Desk
from agent.delivery.dispatch import Result
from agent.delivery.dispatch import proof_of
from agent.delivery.hold import Hold
from agent.delivery.hold import HoldReason
from agent.delivery.read_back import read_back
from agent.log import get_logger
from agent.recovery.account_lock import is_dead
from storage import outbox
from storage.database import Database
from storage.errors import OutboxError
from storage.outbox import OutboxEntry
from storage.outbox import OutboxStatus
from storage.process import Holder

log = get_logger(__name__)

#: How long an entry may stay unconfirmed before a person is asked.
TIME_LIMIT = timedelta(hours=24)


def _take_over(database: Database, account: str, ours: Holder, *, at: datetime) -> None:
    """Free what dead processes held: nothing at the portal needs to be looked at for that."""
    for entry in outbox.in_flight(database, account):
        if entry.claim is not None and _is_left_behind(entry.claim.holder, ours):
            status = outbox.release_dead_claim(database, entry.entry_id, entry.claim.token, at=at)
            log.warning("claim_taken_over", entry=entry.entry_id, pid=entry.claim.holder.pid, status=status.value)


def settle_unread(database: Database, account: str, ours: Holder, *, at: datetime) -> Iterator[Result]:
    """What can be settled when the portal cannot be read: an account may be closed to us for good.

    What dead processes held is freed, and a person is asked about what no run could look for in all that time.
    """
    _take_over(database, account, ours, at=at)
    for entry in _unconfirmed(database, account):
        if _is_overdue(entry, at):
            reason = str(Hold(HoldReason.NEVER_CONFIRMED, entry.reason or ""))
            with suppress(OutboxError):  # another process found it out meanwhile
                outbox.reconcile_held(database, entry.entry_id, reason=reason, at=at, attempt=entry.attempts)
                yield Result(entry.entry_id, OutboxStatus.HELD, reason)


async def reconcile(desk: Desk) -> AsyncIterator[Result]:
    """Take over what dead processes held, then look for every unconfirmed reply in its thread."""
    _take_over(desk.database, desk.account.name, desk.holder, at=desk.clock.now())
    began = desk.clock.monotonic()
    for entry in _unconfirmed(desk.database, desk.account.name):
        if desk.stop.finishing:
            break
        desk.stop.check()
        try:
            result = await _reconcile_one(desk, entry, began)
        except OutboxError as error:
            # Another process was faster: what we read is no longer about the last attempt.
            log.info("entry_not_reconciled", entry=entry.entry_id, error=type(error).__name__)
            continue
        yield result


def _unconfirmed(database: Database, account: str) -> tuple[OutboxEntry, ...]:
    return outbox.list_entries(database, account=account, statuses=(OutboxStatus.UNCONFIRMED,))


def _is_overdue(entry: OutboxEntry, at: datetime) -> bool:
    assert entry.submit_started_at is not None, "only what was submitted can be unconfirmed"
    return at - entry.submit_started_at > TIME_LIMIT


def _is_left_behind(holder: Holder, ours: Holder) -> bool:
    """Whether nobody works on it: the process is dead, or it is this one, which has only just begun."""
    return (holder.host, holder.pid) == (ours.host, ours.pid) or is_dead(holder)


async def _reconcile_one(desk: Desk, entry: OutboxEntry, began: float) -> Result:
    assert entry.baseline is not None
    # How long ago the click was, only the wall clock says, which may have jumped; that this run began after it is sure.
    left = max(0.0, began + desk.rules.delivery.grace - desk.clock.monotonic())
    conclusion: Conclusion = await read_back(desk, entry.draft, entry.baseline, grace=left, refused=None)
    if isinstance(conclusion, Unconfirmed) and _is_overdue(entry, desk.clock.now()):
        conclusion = Hold(HoldReason.NEVER_CONFIRMED, conclusion.reason)
    return _record(desk, entry, conclusion)


def _record(desk: Desk, entry: OutboxEntry, conclusion: Conclusion) -> Result:
    entry_id, attempt = entry.entry_id, entry.attempts
    log.info("reply_reconciled", entry=entry_id, conclusion=type(conclusion).__name__)
    now = desk.clock.now()
    match conclusion:
        case Sent(message_ids):
            outbox.reconcile_sent(desk.database, entry_id, proof_of(message_ids), at=now, attempt=attempt)
            return Result(entry_id, OutboxStatus.SENT, message_ids=message_ids)
        case Hold():
            outbox.reconcile_held(desk.database, entry_id, reason=str(conclusion), at=now, attempt=attempt)
            return Result(entry_id, OutboxStatus.HELD, str(conclusion))
        case Unconfirmed(reason):
            return Result(entry_id, OutboxStatus.UNCONFIRMED, reason)
        case _:
            raise AssertionError("without the portal's refusal nothing is rejected")
