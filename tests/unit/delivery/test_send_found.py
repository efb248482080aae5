"""What the stateful test found, each as the story that it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.delivery.match import Expected
from agent.delivery.match import look
from agent.delivery.match import take_baseline
from agent.delivery.send import SendOutcome
from agent.profile.model.reply import TextRules
from storage import outbox
from storage.database import Database
from storage.opening import open_archive
from storage.outbox import OutboxStatus
from storage.records import CaseRecord
from tests.conftest import AsyncRunner
from tests.unit.delivery.model_portal import JumpingClock
from tests.unit.delivery.sending_portal import DROPPED
from tests.unit.delivery.sending_portal import Click
from tests.unit.delivery.sending_portal import Form
from tests.unit.delivery.sending_run import GRACE
from tests.unit.delivery.sending_run import TEXT
from tests.unit.delivery.sending_run import SendingRun
from tests.unit.delivery.test_send_crash import run_killed

SENT, HELD, QUEUED = OutboxStatus.SENT, OutboxStatus.HELD, OutboxStatus.QUEUED
UNCONFIRMED = OutboxStatus.UNCONFIRMED


def cancelled(run: SendingRun, entry: int) -> None:
    outbox.cancel(run.database, entry, actor="ann", at=run.clock.now())


def edited(run: SendingRun, entry: int) -> None:
    outbox.edit(run.database, entry, author="ann", at=run.clock.now(), text="On second thought ...")


def settled(run: SendingRun, entry: int) -> None:
    token = outbox.claim(run.database, entry, holder=run.holder, at=run.clock.now())
    outbox.hold(run.database, entry, token, reason="case_closed", at=run.clock.now())
    outbox.resolve(
        run.database, entry, OutboxStatus.CANCELLED, person="ann", reason="no longer needed", at=run.clock.now()
    )


def test_a_message_that_was_edited_after_the_approval_holds_the_reply(
    run: SendingRun, run_async: AsyncRunner[SendOutcome]
) -> None:
    """The approver saw another text under the same id."""
    entry = run.queue()
    moment, message = run.portal.thread[-1]
    run.portal.thread[-1] = (moment, replace(message, body="Never mind, we found it."))

    run_async(run.send())

    assert (HELD, "changed_message: m2") == run.stands(entry)
    assert [] == run.portal.ledger


def test_white_space_is_no_edit(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """Pages and lanes break lines differently."""
    entry = run.queue()
    moment, message = run.portal.thread[-1]
    run.portal.thread[-1] = (moment, replace(message, body="Which\u00a0 parcel?\u200b\n"))

    run_async(run.send())

    assert (SENT, None) == run.stands(entry)


def test_a_reply_that_was_posted_twice_holds_no_other(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """Both of its messages are known to be ours: the alarm was raised, and nobody else wrote."""
    first, second = run.queue("First of two."), run.queue("Second of two.")
    run.portal.clicks.append(Click(times=2))

    run_async(run.send())

    assert [(SENT, None), (SENT, None)] == [run.stands(first), run.stands(second)]


def test_a_clock_that_jumps_ahead_does_not_shorten_the_grace(run: SendingRun, run_async: AsyncRunner[object]) -> None:
    """Killed after the click, and the clock is set a day ahead: a reply that is shown within its grace is found."""
    run.clock = run.portal.clock = JumpingClock()
    entry = run.queue()
    run.portal.clicks.append(Click(shown_after=GRACE - 1, answer=DROPPED.answer))
    run_async(run_killed(run, at=7, before=False))
    run.clock.jump(86_000)

    run_async(run.send())

    assert (SENT, None) == run.stands(entry)


@pytest.mark.parametrize("seconds", [601, 86_400])
def test_a_process_that_stood_still_before_the_click_does_not_click(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """The thread that it judged may have changed since: the reply goes back into the queue, and the next run looks."""
    entry = run.queue()
    fill = Form.fill

    async def stand_still(*arguments: object, **named: object) -> object:
        run.clock.advance(seconds)
        monkeypatch.undo()
        return await fill(*arguments, **named)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(Form, "fill", stand_still)
    run_async(run.send())

    assert (QUEUED, f"the thread was read too long ago: {seconds:.0f} s") == run.stands(entry)
    assert [] == run.portal.ledger

    run_async(run.send())

    assert (SENT, None) == run.stands(entry)


def test_what_was_read_of_one_attempt_says_nothing_of_the_next(
    run: SendingRun, run_async: AsyncRunner[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that stood still while it looked wakes after a person queued the reply again and another clicked."""
    entry = run.queue()
    run_async(run_killed(run, at=6, before=False))

    def stand_still(*arguments: Any) -> Any:
        answer = look(*arguments)
        monkeypatch.undo()
        outbox.reconcile_held(run.database, entry, reason="not_there", at=run.clock.now())
        outbox.resolve(run.database, entry, QUEUED, person="ann", reason="looked", at=run.clock.now())
        token = outbox.claim(run.database, entry, holder=run.holder, at=run.clock.now())
        outbox.record_baseline(run.database, entry, token, take_baseline(*baseline_of(run)))
        outbox.submit_started(run.database, entry, token, at=run.clock.now())
        outbox.mark_unconfirmed(run.database, entry, token, reason="the answer was lost", at=run.clock.now())
        return answer

    run.clock.advance(3600)
    monkeypatch.setattr("agent.delivery.read_back.look", stand_still)
    run_async(run.send())

    assert (UNCONFIRMED, "the answer was lost") == run.stands(entry)


def baseline_of(run: SendingRun) -> tuple[CaseRecord, Expected, datetime]:
    return run.portal.record(), Expected(text=TEXT, rules=TextRules()), run.clock.now()


def test_a_process_that_stood_still_at_the_commit_does_not_click(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the look at the thread's age, and before the intent was on the disk: a person has to look."""
    entry = run.queue()
    commit = outbox.submit_started

    def stand_still(*arguments: Any, **named: Any) -> None:
        run.clock.advance(700)
        commit(*arguments, **named)

    monkeypatch.setattr(outbox, "submit_started", stand_still)
    run_async(run.send())

    assert (HELD, "not_clicked: 100 s") == run.stands(entry)
    assert [] == run.portal.ledger


@pytest.mark.parametrize("taken_back", [cancelled, edited, settled])
def test_a_database_put_back_in_place_sends_nothing_that_was_taken_back_since(
    tmp_path: Path,
    open_copy: Callable[[Path], Database],
    run_async: AsyncRunner[SendOutcome],
    taken_back: Callable[[SendingRun, int], None],
) -> None:
    """The same file with an older content, from before a person said no: what it would send is held."""
    run = SendingRun(open_copy(tmp_path))
    entry = run.queue()
    run.database.close()
    before = run.database.path.read_bytes()
    taken_back(run, entry)
    run.database.close()
    run.database.path.write_bytes(before)
    run.database = open_archive(run.database.path, at=run.clock.now())

    run_async(run.send())

    assert HELD is run.entry(entry).status
    assert [] == run.portal.ledger
    run.database.close()


def test_old_approvals_still_count(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """An approval that noted no texts binds to the ids alone."""
    entry = run.queue(seen=["m1", "m2"])
    approval = run.entry(entry).approval

    run_async(run.send())

    assert approval is not None
    assert ({}, SENT) == (approval.seen_texts, run.entry(entry).status)
    assert outbox.proven_messages(run.database, "acme", "C1") == {"m3"}
