from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest

from storage import outbox
from storage.database import Database
from storage.errors import AlreadyQueued
from storage.errors import ClaimLost
from storage.errors import ConversationBusy
from storage.errors import IllegalMove
from storage.errors import OutboxError
from storage.errors import ReasonNeeded
from storage.opening import open_archive
from storage.outbox import Baseline
from storage.outbox import Claim
from storage.outbox import Draft
from storage.outbox import OutboxStatus
from storage.outbox import Proof
from storage.process import Holder

Queue = Callable[..., int]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOLDER = Holder(host="desk", pid=4711, process_started_at=NOON - timedelta(hours=1))
BASELINE = Baseline(message_ids=("m1", "m2"), occurrences=0, taken_at=NOON)


@pytest.fixture
def queue(database: Database) -> Queue:
    """Add and approve a reply."""

    def queue(case_id: str = "1001", text: str = "Please refund.") -> int:
        draft = Draft(account="acme", case_id=case_id, text=text)
        entry_id = outbox.add(database, draft, author="ann", at=NOON)
        outbox.approve(
            database,
            entry_id,
            seen_hash=outbox.content_hash(draft),
            seen_message_ids=("m1",),
            approver="bob",
            at=NOON,
        )
        return entry_id

    return queue


@pytest.fixture
def submitted(database: Database, queue: Queue) -> Callable[[], tuple[int, str]]:
    """Bring an entry to the point where the click follows."""

    def submitted() -> tuple[int, str]:
        entry_id = queue()
        token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
        outbox.record_baseline(database, entry_id, token, BASELINE)
        outbox.submit_started(database, entry_id, token, at=NOON)
        return entry_id, token

    return submitted


def status(database: Database, entry_id: int) -> OutboxStatus:
    return outbox.get_entry(database, entry_id).status


def try_claim(arguments: tuple[str, int]) -> str:
    path, entry_id = arguments
    database = open_archive(path)
    try:
        outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    except OutboxError as refusal:
        return type(refusal).__name__
    finally:
        database.close()
    return "claimed"


def test_happy_path(database: Database, submitted: Callable[[], tuple[int, str]]) -> None:
    """Claimed, baseline, submit, proved: sent, with the proof, no claim left, and every step in the history."""
    entry_id, token = submitted()
    outbox.mark_sent(database, entry_id, token, Proof(message_id="m3"), at=NOON)
    entry = outbox.get_entry(database, entry_id)
    assert (OutboxStatus.SENT, Proof(message_id="m3"), None, 1) == (
        entry.status,
        entry.proof,
        entry.claim,
        entry.attempts,
    )
    assert frozenset({"m3"}) == outbox.proven_messages(database, "acme", "1001")
    assert [
        ("added", None, "draft"),
        ("approved", "draft", "queued"),
        ("claimed", "queued", "sending"),
        ("baseline", "sending", "sending"),
        ("submit_started", "sending", "sending"),
        ("proved", "sending", "sent"),
    ] == [(event.event, event.source, event.target) for event in outbox.events_of(database, entry_id)]


def test_claim(database: Database, queue: Queue) -> None:
    """A claim names its holder, for whoever has to find out later whether it still lives."""
    entry_id = queue()
    token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    (entry,) = outbox.in_flight(database, "acme")
    assert Claim(token=token, holder=HOLDER, at=NOON) == entry.claim


def test_one_of_many_threads(database: Database, queue: Queue) -> None:
    """Of many threads that claim one entry, one gets it."""
    entry_id = queue()
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(try_claim, [(str(database.path), entry_id)] * 6))
    assert ["IllegalMove"] * 5 + ["claimed"] == sorted(results)


def test_one_of_many_processes(database: Database, queue: Queue) -> None:
    """Of two processes that claim one entry, one gets it."""
    entry_id = queue()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        results = pool.map(try_claim, [(str(database.path), entry_id)] * 4)
    assert ["IllegalMove"] * 3 + ["claimed"] == sorted(results)


def test_one_per_conversation(database: Database, queue: Queue) -> None:
    """A second entry of a case waits while the first is in flight; another case's does not."""
    first, second, elsewhere = queue(), queue(text="And another thing."), queue("1002")
    assert [first, elsewhere] == [entry.entry_id for entry in outbox.due(database)]
    outbox.claim(database, first, holder=HOLDER, at=NOON)
    with pytest.raises(ConversationBusy) as refusal:
        outbox.claim(database, second, holder=HOLDER, at=NOON)
    assert (second, first, "sending") == (
        refusal.value.entry_id,
        refusal.value.blocked_by,
        refusal.value.status,
    )
    assert OutboxStatus.QUEUED == status(database, second)
    assert [elsewhere] == [entry.entry_id for entry in outbox.due(database, "acme")]
    outbox.claim(database, elsewhere, holder=HOLDER, at=NOON)


def test_unresolved_blocks(database: Database, submitted: Callable[[], tuple[int, str]], queue: Queue) -> None:
    """What may have been posted blocks its case until it is proved or a person decides; then the next may go."""
    entry_id, token = submitted()
    second = queue(text="And another thing.")
    outbox.mark_unconfirmed(database, entry_id, token, reason="blank answer", at=NOON)
    assert () == outbox.due(database)
    with pytest.raises(ConversationBusy):
        outbox.claim(database, second, holder=HOLDER, at=NOON)
    outbox.reconcile_held(database, entry_id, reason="not there, twice", at=NOON)
    assert () == outbox.due(database)
    with pytest.raises(ConversationBusy):
        outbox.claim(database, second, holder=HOLDER, at=NOON)
    outbox.resolve(database, entry_id, OutboxStatus.CANCELLED, person="ann", reason="looked: not there", at=NOON)
    outbox.claim(database, second, holder=HOLDER, at=NOON)


def test_held_before_submit_does_not_block(database: Database, queue: Queue) -> None:
    """An entry that was held before anything was submitted lets the next one pass."""
    first, second = queue(), queue(text="And another thing.")
    token = outbox.claim(database, first, holder=HOLDER, at=NOON)
    outbox.hold(database, first, token, reason="a message came since", at=NOON)
    outbox.claim(database, second, holder=HOLDER, at=NOON)


def test_intent_needs_a_baseline(database: Database, queue: Queue) -> None:
    """Nothing is submitted before the thread was read."""
    entry_id = queue()
    token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    with pytest.raises(IllegalMove):
        outbox.submit_started(database, entry_id, token, at=NOON)


def test_submit_once(database: Database, submitted: Callable[[], tuple[int, str]]) -> None:
    """An attempt begins to submit once."""
    entry_id, token = submitted()
    with pytest.raises(ClaimLost):
        outbox.submit_started(database, entry_id, token, at=NOON)


def test_no_way_back_after_submit(database: Database, submitted: Callable[[], tuple[int, str]]) -> None:
    """After the intent there is no way back into the queue, and no hold without "unconfirmed" before it."""
    entry_id, token = submitted()
    with pytest.raises(IllegalMove):
        outbox.release(database, entry_id, token, reason="stop", at=NOON)
    with pytest.raises(IllegalMove):
        outbox.hold(database, entry_id, token, reason="?", at=NOON)


def test_no_verdict_before_submit(database: Database, queue: Queue) -> None:
    """Before the intent nothing can be sent, rejected or unconfirmed."""
    entry_id = queue()
    token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    with pytest.raises(IllegalMove):
        outbox.mark_sent(database, entry_id, token, Proof(message_id="m3"), at=NOON)
    with pytest.raises(IllegalMove):
        outbox.mark_rejected(database, entry_id, token, reason="?", at=NOON)
    with pytest.raises(IllegalMove):
        outbox.mark_unconfirmed(database, entry_id, token, reason="?", at=NOON)


def test_first_baseline_is_kept(database: Database, queue: Queue) -> None:
    """A later attempt is measured from the first attempt's baseline."""
    entry_id = queue()
    token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    assert BASELINE == outbox.record_baseline(database, entry_id, token, BASELINE)
    outbox.release(database, entry_id, token, reason="no engine", at=NOON)
    token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    assert outbox.get_entry(database, entry_id).baseline is None
    later = Baseline(message_ids=("m1", "m2", "m3"), occurrences=1, taken_at=NOON + timedelta(hours=1))
    assert BASELINE == outbox.record_baseline(database, entry_id, token, later)
    entry = outbox.get_entry(database, entry_id)
    assert (BASELINE, later, 2) == (entry.first_baseline, entry.baseline, entry.attempts)


def test_dead_holder_before_submit(database: Database, queue: Queue) -> None:
    """A dead holder's entry goes back into the queue when nothing was submitted; the old token is void."""
    entry_id = queue()
    token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    assert OutboxStatus.QUEUED == outbox.release_dead_claim(database, entry_id, token, at=NOON)
    with pytest.raises(ClaimLost):
        outbox.record_baseline(database, entry_id, token, BASELINE)
    again = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    with pytest.raises(ClaimLost):
        outbox.release_dead_claim(database, entry_id, token, at=NOON)
    assert again != token


def test_dead_holder_after_submit(database: Database, submitted: Callable[[], tuple[int, str]]) -> None:
    """A dead holder's entry is unconfirmed when the intent was committed: only reading decides then."""
    entry_id, token = submitted()
    assert OutboxStatus.UNCONFIRMED == outbox.release_dead_claim(database, entry_id, token, at=NOON)
    with pytest.raises(ClaimLost):
        outbox.mark_sent(database, entry_id, token, Proof(message_id="m3"), at=NOON)
    outbox.reconcile_sent(database, entry_id, Proof(message_id="m3"), at=NOON)
    assert OutboxStatus.SENT == status(database, entry_id)


def test_rejected_may_be_mended(database: Database, submitted: Callable[[], tuple[int, str]]) -> None:
    """A rejected reply can be edited and goes its whole way again, approval included."""
    entry_id, token = submitted()
    outbox.mark_rejected(database, entry_id, token, reason="Text too long.", at=NOON)
    outbox.edit(database, entry_id, author="ann", at=NOON, text="Short.")
    entry = outbox.get_entry(database, entry_id)
    assert (OutboxStatus.DRAFT, None, None) == (entry.status, entry.approval, entry.submit_started_at)


@pytest.mark.parametrize("target", [OutboxStatus.SENT, OutboxStatus.QUEUED, OutboxStatus.DRAFT, OutboxStatus.CANCELLED])
def test_resolve(database: Database, submitted: Callable[[], tuple[int, str]], target: OutboxStatus) -> None:
    """A person brings a held reply where it belongs; who and why is in its history."""
    entry_id, token = submitted()
    outbox.mark_unconfirmed(database, entry_id, token, reason="blank", at=NOON)
    outbox.reconcile_held(database, entry_id, reason="not there", at=NOON)
    with pytest.raises(ReasonNeeded):
        outbox.resolve(database, entry_id, target, person="ann", reason=" ", at=NOON)
    outbox.resolve(database, entry_id, target, person="ann", reason="I looked", at=NOON)
    event = outbox.events_of(database, entry_id)[-1]
    assert ("resolved", "held", target, "ann", "I looked", {"submitted": True}) == (
        event.event,
        event.source,
        event.target,
        event.actor,
        event.reason,
        event.detail,
    )


def test_resolve_only_what_is_held(database: Database, queue: Queue) -> None:
    """No reason makes an entry jump that is not held, and none queues a draft that nobody approved."""
    queued, draft = queue(), Draft(account="acme", case_id="1001", text="Other.")
    unapproved = outbox.add(database, draft, author="ann", at=NOON)
    for entry_id, target in ((queued, OutboxStatus.SENT), (unapproved, OutboxStatus.QUEUED)):
        with pytest.raises(IllegalMove):
            outbox.resolve(database, entry_id, target, person="ann", reason="I know", at=NOON)


def test_requeued_is_approved_for_what_was_seen(database: Database, submitted: Callable[[], tuple[int, str]]) -> None:
    """Back in the queue by a person, an entry is approved for the thread which that person saw."""
    entry_id, token = submitted()
    outbox.mark_unconfirmed(database, entry_id, token, reason="blank", at=NOON)
    outbox.reconcile_held(database, entry_id, reason="not there", at=NOON)
    outbox.resolve(
        database,
        entry_id,
        OutboxStatus.QUEUED,
        person="ann",
        reason="not there",
        at=NOON,
        seen_message_ids=("m1", "m2", "m9"),
    )
    entry = outbox.get_entry(database, entry_id)
    assert entry.approval is not None
    assert (("m1", "m2", "m9"), None) == (entry.approval.seen_message_ids, entry.submit_started_at)
    outbox.claim(database, entry_id, holder=HOLDER, at=NOON)


def test_cancelled_after_submit_keeps_its_key(
    database: Database, submitted: Callable[[], tuple[int, str]], queue: Queue
) -> None:
    """A reply that may have been posted before it was cancelled is not added again by accident."""
    entry_id, token = submitted()
    outbox.mark_unconfirmed(database, entry_id, token, reason="blank", at=NOON)
    outbox.reconcile_held(database, entry_id, reason="not there", at=NOON)
    outbox.resolve(database, entry_id, OutboxStatus.CANCELLED, person="ann", reason="no need", at=NOON)
    with pytest.raises(AlreadyQueued):
        queue()


def test_intent_is_durable(database: Database, queue: Queue, tmp_path: Path) -> None:
    """The intent is committed with a wait for the disk."""
    entry_id = queue()
    token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    outbox.record_baseline(database, entry_id, token, BASELINE)
    statements: list[str] = []
    from sqlalchemy import event

    event.listen(database.engine, "before_cursor_execute", lambda _c, _cur, sql, *_: statements.append(sql))
    outbox.submit_started(database, entry_id, token, at=NOON)
    assert ["PRAGMA synchronous=FULL", "PRAGMA fullfsync=ON", "BEGIN IMMEDIATE"] == statements[:3]
