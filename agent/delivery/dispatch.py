"""Posts one queued reply once, or holds it for a person. The order of the steps is the promise."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from agent.delivery.attempt import Attempt
from agent.delivery.attempt import leave
from agent.delivery.decide import Conclusion
from agent.delivery.decide import Rejected
from agent.delivery.decide import Sent
from agent.delivery.decide import Setback
from agent.delivery.decide import Unconfirmed
from agent.delivery.desk import Desk
from agent.delivery.hold import Hold
from agent.delivery.hold import HoldReason
from agent.delivery.preflight import FilesUnfit
from agent.delivery.preflight import staged
from agent.delivery.read_back import read_back
from agent.log import get_logger
from storage import outbox
from storage.blobs import blobs_of
from storage.errors import ClaimLost
from storage.outbox import OutboxStatus
from storage.outbox import Proof

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """Where an entry stands after it was worked on; `message_ids` are the proof, more than one is an alarm."""

    entry_id: int
    status: OutboxStatus
    reason: str = ""
    message_ids: tuple[str, ...] = ()


async def dispatch(desk: Desk, entry_id: int) -> Result:
    """Take a queued entry through one attempt. What ends the run is raised, after the entry was put where it belongs.

    Raises the archive's `OutboxError` when the entry cannot be claimed.
    """
    token = outbox.claim(desk.database, entry_id, holder=desk.holder, at=desk.clock.now())
    # Read after the claim: from then on nobody can change it.
    attempt = Attempt(desk, outbox.get_entry(desk.database, entry_id), token)
    try:
        conclusion = await _deliver(attempt)
    except Setback as setback:
        return _give_back(attempt, setback)
    except BaseException as error:
        _abandon(attempt, type(error).__name__)
        raise
    return _finish(attempt, conclusion)


async def _deliver(attempt: Attempt) -> Conclusion:
    desk, draft = attempt.desk, attempt.entry.draft
    attempt.check_draft()
    try:
        with staged(draft.files, blobs_of(desk.database), scratch=desk.scratch) as files:
            form = await attempt.prepare(files)
            try:
                intent = attempt.commit_intent()
                refused = await attempt.click(form, intent)
            finally:
                await leave(form)
    except FilesUnfit as unfit:
        raise Setback(Hold(HoldReason.ATTACHMENT_RULES, "; ".join(map(str, unfit.problems)))) from unfit
    assert attempt.baseline is not None
    return await read_back(desk, draft, attempt.baseline, grace=desk.rules.delivery.grace, refused=refused)


def _give_back(attempt: Attempt, setback: Setback) -> Result:
    """End an attempt without a click: back into the queue, or to a person."""
    database, entry_id, now = attempt.desk.database, attempt.entry.entry_id, attempt.desk.clock.now()
    reason = str(setback.outcome)
    log.info("reply_not_submitted", entry=entry_id, reason=reason)
    if isinstance(setback.outcome, str):
        outbox.release(database, entry_id, attempt.token, reason=reason, at=now)
        return Result(entry_id, OutboxStatus.QUEUED, reason)
    if setback.outcome.reason is HoldReason.NOT_CLICKED:
        return _finish(attempt, setback.outcome)
    outbox.hold(database, entry_id, attempt.token, reason=reason, at=now)
    return Result(entry_id, OutboxStatus.HELD, reason)


def _finish(attempt: Attempt, conclusion: Conclusion) -> Result:
    """Record what became of a submitted reply."""
    database, entry_id, token, now = (
        attempt.desk.database,
        attempt.entry.entry_id,
        attempt.token,
        attempt.desk.clock.now(),
    )
    log.info("reply_submitted", entry=entry_id, conclusion=type(conclusion).__name__)
    match conclusion:
        case Sent(message_ids):
            outbox.mark_sent(database, entry_id, token, proof_of(message_ids), at=now)
            return Result(entry_id, OutboxStatus.SENT, message_ids=message_ids)
        case Rejected(words):
            outbox.mark_rejected(database, entry_id, token, reason=words, at=now)
            return Result(entry_id, OutboxStatus.REJECTED, words)
        case Unconfirmed(reason):
            outbox.mark_unconfirmed(database, entry_id, token, reason=reason, at=now)
            return Result(entry_id, OutboxStatus.UNCONFIRMED, reason)
        case Hold():
            # Two moves, since a submitted entry is held only by what reading its thread has shown.
            outbox.mark_unconfirmed(database, entry_id, token, reason=str(conclusion), at=now)
            number = attempt.entry.attempts
            outbox.reconcile_held(database, entry_id, reason=str(conclusion), at=now, attempt=number)
            return Result(entry_id, OutboxStatus.HELD, str(conclusion))


def _abandon(attempt: Attempt, reason: str) -> None:
    """Put an entry where it belongs while an error ends the run; the archive knows whether the intent was committed."""
    database, entry_id, now = attempt.desk.database, attempt.entry.entry_id, attempt.desk.clock.now()
    submitted = outbox.get_entry(database, entry_id).submit_started_at is not None
    give_up = outbox.mark_unconfirmed if submitted else outbox.release
    with suppress(ClaimLost):
        give_up(database, entry_id, attempt.token, reason=reason, at=now)


def proof_of(message_ids: tuple[str, ...]) -> Proof:
    return Proof(message_id=message_ids[0], matches=len(message_ids), others=message_ids[1:])
