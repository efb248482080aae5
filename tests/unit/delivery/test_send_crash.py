"""Killed anywhere: the portal got the reply once or not at all, and nobody loses sight of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from agent.delivery.send import SendOutcome
from agent.extract.snapshot import Verdict
from agent.recovery.account_lock import this_process
from storage import outbox
from storage.database import Database
from storage.outbox import OutboxStatus
from storage.process import Holder
from storage.records import Direction
from tests.conftest import AsyncRunner
from tests.unit.delivery.killing import Killed
from tests.unit.delivery.killing import killing
from tests.unit.delivery.sending_portal import DROPPED
from tests.unit.delivery.sending_portal import LATE
from tests.unit.delivery.sending_portal import REFUSED
from tests.unit.delivery.sending_portal import Click
from tests.unit.delivery.sending_run import GRACE
from tests.unit.delivery.sending_run import TEXT
from tests.unit.delivery.sending_run import SendingRun


async def run_killed(run: SendingRun, *, at: int, before: bool) -> bool:
    """Send in a process that is killed at a seam; returns whether it came that far."""
    run.holder = dead_process()
    try:
        with killing(at, before=before):
            await run.send()
    except Killed:
        return True
    return False


def dead_process() -> Holder:
    """A process of this host whose number nobody has any more."""
    return replace(this_process(), pid=2**22 + 1)


async def run_on(run: SendingRun) -> SendOutcome:
    """The next process, an hour later."""
    run.holder = this_process()
    run.clock.advance(3600)
    return await run.send()


async def seams_of(run: SendingRun, click: Click) -> list[str]:
    run.portal.clicks.append(click)
    with killing() as killer:
        await run.send()
    return killer.calls


CLICKS = {
    "accepted": Click(),
    "late": LATE,
    "dropped": DROPPED,
    "refused": REFUSED,
}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("click", CLICKS.values(), ids=CLICKS.keys())
def test_killed_at_every_step(
    click: Click,
    before: bool,
    tmp_path: Path,
    open_copy: Callable[[Path], Database],
    run_async: AsyncRunner[None],
) -> None:
    """After a kill at any step and another run, the reply was posted once and is SENT, or a person is asked."""

    async def all_steps() -> None:
        at = 1
        while True:
            folder = tmp_path / str(at)
            folder.mkdir()
            database = open_copy(folder)
            run = SendingRun(database)
            entry = run.queue(files=["a.pdf"])
            run.portal.clicks.append(click)
            reached = await run_killed(run, at=at, before=before)
            await run_on(run)
            check_invariant(run, entry)
            database.close()
            if not reached:
                return
            at += 1

    run_async(all_steps())


def check_invariant(run: SendingRun, entry_id: int) -> None:
    status, reason = run.stands(entry_id)
    posted = len(run.portal.ledger)
    assert posted <= 1
    assert status in {OutboxStatus.SENT, OutboxStatus.HELD, OutboxStatus.REJECTED}
    assert status is not OutboxStatus.SENT or posted == 1
    assert status is OutboxStatus.SENT or reason


def test_every_seam_is_crossed(run: SendingRun, run_async: AsyncRunner[list[str]]) -> None:
    """The kill test would prove little if it did not reach the steps that matter."""
    run.queue()

    assert [
        "claim",
        "get_entry",
        "Threads.read",
        "record_baseline",
        "Form.fill",
        "submit_started",
        "Form.submit",
        "Form.close",
        "Threads.read",
        "mark_sent",
    ] == run_async(seams_of(run, Click()))


@pytest.mark.parametrize(
    ("at", "expected", "posted"),
    [
        pytest.param(5, (OutboxStatus.SENT, None), 1, id="before the intent: sent by the next run"),
        pytest.param(6, (OutboxStatus.HELD, "not_there"), 0, id="between intent and click"),
        pytest.param(7, (OutboxStatus.SENT, None), 1, id="after the click: proved by the next run"),
        pytest.param(9, (OutboxStatus.SENT, None), 1, id="before the proof is stored"),
    ],
)
def test_killed_around_the_click(
    run: SendingRun,
    run_async: AsyncRunner[object],
    at: int,
    expected: tuple[OutboxStatus, str | None],
    posted: int,
) -> None:
    """Up to the intent the next run sends it; from then on the next run only reads."""
    entry = run.queue()

    assert run_async(run_killed(run, at=at, before=False))
    run_async(run_on(run))

    assert expected == run.stands(entry)
    assert [TEXT] * posted == run.portal.ledger


def test_a_living_holder_keeps_its_claim(run: SendingRun, run_async: AsyncRunner[object]) -> None:
    """On another host nobody can prove a process dead: its entry is left alone, whatever the clock says."""
    entry = run.queue()
    elsewhere = replace(this_process(), host="another-host")
    outbox.claim(run.database, entry, holder=elsewhere, at=run.clock.now())

    run_async(run_on(run))

    assert OutboxStatus.SENDING is run.stands(entry)[0]
    assert [] == run.portal.log


def test_a_claim_that_this_process_left_behind_is_taken_over(run: SendingRun, run_async: AsyncRunner[object]) -> None:
    """A worker that lives on after a failed run must not hold its own entry for ever."""
    entry = run.queue()
    outbox.claim(run.database, entry, holder=this_process(), at=run.clock.now())

    run_async(run_on(run))

    assert (OutboxStatus.SENT, None) == run.stands(entry)


def test_reconciling_only_reads(run: SendingRun, run_async: AsyncRunner[object]) -> None:
    """A reply of which nobody knows is looked for, and never sent again by itself."""
    entry = run.queue()
    run_async(run_killed(run, at=6, before=False))
    run.portal.log.clear()

    run_async(run_on(run))

    assert {"thread"} == set(run.portal.log)
    assert [] == run.portal.ledger
    assert ["holder_died", "held"] == run.moves(entry)[-2:]


def test_an_unconfirmed_reply_is_held_after_the_time_limit(run: SendingRun, run_async: AsyncRunner[object]) -> None:
    """A thread that stays unreadable must not leave a reply in the dark for ever."""
    entry = run.queue()
    run_async(run_killed(run, at=7, before=False))

    run.portal.looks.extend([Verdict.BLANK] * 9)
    run_async(run_on(run))
    first = run.entry(entry).status
    run.portal.looks.clear()
    run.portal.looks.extend([Verdict.BLANK] * 9)
    run.clock.advance(timedelta(hours=24).total_seconds())
    run_async(run_on(run))

    assert OutboxStatus.UNCONFIRMED is first
    assert (OutboxStatus.HELD, "never_confirmed: the case's page: blank scripted") == run.stands(entry)


def test_a_clock_that_was_set_back_does_not_prolong_the_wait(run: SendingRun, run_async: AsyncRunner[object]) -> None:
    """The grace is never longer than the profile's, whatever the wall clock says of when the click was."""
    entry = run.queue()
    run_async(run_killed(run, at=6, before=False))
    run.clock.advance(-7200)
    run.clock.slept.clear()

    run_async(run_on(run))

    assert (OutboxStatus.HELD, "not_there") == run.stands(entry)
    assert sum(run.clock.slept) < 2 * GRACE


steps = st.lists(
    st.one_of(
        st.tuples(st.just("kill"), st.integers(1, 14), st.booleans()),
        st.tuples(st.just("run"), st.just(0), st.just(False)),
        st.tuples(st.just("portal writes"), st.just(0), st.just(False)),
        st.tuples(st.just("unreadable"), st.integers(1, 6), st.booleans()),
        st.tuples(st.just("approve again"), st.just(0), st.just(False)),
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(clicks=st.lists(st.sampled_from(list(CLICKS.values())), max_size=3), story=steps)
def test_no_story_posts_a_reply_twice(
    clicks: list[Click],
    story: list[tuple[str, int, bool]],
    tmp_path_factory: pytest.TempPathFactory,
    open_copy: Callable[[Path], Database],
) -> None:
    """Kills, unreadable threads and messages in between, in any order: the ledger holds one at most.

    Approving again means what it must mean: only entries that were never submitted are put back by the person here.
    """
    database = open_copy(tmp_path_factory.mktemp("story"))
    run = SendingRun(database)
    entry = run.queue()
    run.portal.clicks.extend(clicks)

    async def tell() -> None:
        for kind, number, flag in story:
            if kind == "kill":
                await run_killed(run, at=number, before=flag)
            elif kind == "run":
                await run_on(run)
            elif kind == "portal writes":
                run.portal.write("And another thing.", direction=Direction.PORTAL)
            elif kind == "unreadable":
                run.portal.looks.extend([flag] * number)
            else:
                approve_again(run, entry)
        run.portal.looks.clear()
        await run_on(run)

    try:
        asyncio.run(tell())
        check_invariant(run, entry)
    finally:
        database.close()


def approve_again(run: SendingRun, entry_id: int) -> None:
    """A person puts a held entry back, having seen the thread as it is."""
    entry = run.entry(entry_id)
    if entry.status is OutboxStatus.HELD and entry.submit_started_at is None:
        seen = [message.message_id for message in run.portal.record().messages]
        outbox.resolve(
            run.database,
            entry_id,
            OutboxStatus.QUEUED,
            person="ann",
            reason="looked at it",
            at=run.clock.now(),
            seen_message_ids=seen,
        )
