"""Several replies in one run, and what ends a run: errors, the stop switch, Ctrl-C, another process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.delivery.dispatch import Result
from agent.delivery.send import SendOutcome
from agent.errors import AccessDenied
from agent.errors import AccountBusy
from agent.errors import CaselogError
from agent.errors import DriftedPage
from agent.errors import NoEngine
from agent.errors import PersonNeeded
from agent.errors import StopRequested
from agent.errors import WrongAccount
from agent.extract.snapshot import Verdict
from agent.profile.model.reply import DeliveryRules
from storage import outbox
from storage.errors import ConversationBusy
from storage.outbox import OutboxStatus
from tests.conftest import AsyncRunner
from tests.unit.delivery.sending_portal import LATE
from tests.unit.delivery.sending_run import SendingRun

SENT, HELD, QUEUED = OutboxStatus.SENT, OutboxStatus.HELD, OutboxStatus.QUEUED
REJECTED, UNCONFIRMED = OutboxStatus.REJECTED, OutboxStatus.UNCONFIRMED


@pytest.mark.parametrize(
    ("way", "error"),
    [
        (Verdict.CHALLENGE, PersonNeeded),
        (Verdict.DENIED, AccessDenied),
        (Verdict.WRONG_ACCOUNT, WrongAccount),
        (Verdict.DRIFTED, DriftedPage),
        (NoEngine("submits", ("firefox: none",)), NoEngine),
    ],
)
def test_what_ends_the_run_leaves_the_entry_queued(
    run: SendingRun,
    run_async: AsyncRunner[SendOutcome],
    way: Verdict | Exception,
    error: type[CaselogError],
) -> None:
    """Nothing was submitted, so that nothing is lost; the next entries are not tried."""
    entry, other = run.queue(), run.queue("Another text", case_id="C2")
    run.portal.opens.append(way)

    outcome = run_async(run.send())

    assert error is type(outcome.ended_by)
    assert (QUEUED, error.__name__) == run.stands(entry)
    assert ["added", "approved"] == run.moves(other)
    assert "click" not in run.portal.log


def test_a_run_that_ends_after_the_click_leaves_the_entry_unconfirmed(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error on the way to the proof is no answer."""
    entry = run.queue()
    accept = run.portal.accept

    def stop(*arguments: Any) -> None:
        accept(*arguments)
        run.stopped = True

    monkeypatch.setattr(run.portal, "accept", stop)
    run.portal.clicks.append(LATE)

    outcome = run_async(run.send())

    assert StopRequested is type(outcome.ended_by)
    assert (UNCONFIRMED, "StopRequested") == run.stands(entry)
    assert {entry: Result(entry, UNCONFIRMED, "StopRequested")} == outcome.results


def test_a_click_that_comes_too_late_is_left_out(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the machine slept between the commit and the click, the thread may have changed: nothing is clicked."""
    entry = run.queue()
    submit_started = outbox.submit_started
    now = run.clock.now

    def sleepy(*arguments: Any, **named: Any) -> None:
        submit_started(*arguments, **named)
        moments = iter([now(), *[now().replace(second=now().second + 6)] * 100])
        monkeypatch.setattr(run.clock, "now", lambda: next(moments))

    monkeypatch.setattr(outbox, "submit_started", sleepy)
    run_async(run.send())

    assert (HELD, "not_clicked: 6 s") == run.stands(entry)
    assert [] == run.portal.ledger


def test_a_lost_account_lock_stops_before_the_intent(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """Whoever took the account over is the one who sends."""
    entry = run.queue()
    run.locked = False

    outcome = run_async(run.send())

    assert AccountBusy is type(outcome.ended_by)
    assert (QUEUED, "AccountBusy") == run.stands(entry)


def test_the_stop_switch_is_obeyed_before_the_click(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thrown while the form is filled, it keeps the reply from being sent."""
    entry = run.queue()
    opened = run.portal.open_reply

    async def throw(case_id: str) -> Any:
        run.stopped = True
        return await opened(case_id)

    monkeypatch.setattr(run.portal, "open_reply", throw)
    outcome = run_async(run.send())

    assert StopRequested is type(outcome.ended_by)
    assert (QUEUED, "StopRequested") == run.stands(entry)
    assert [] == run.portal.ledger


def test_ctrl_c_finishes_the_reply_in_hand(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One Ctrl-C: this reply is proved, the next is not begun."""
    first, second = run.queue(), run.queue("Another text", case_id="C2")
    accept = run.portal.accept

    def interrupt(*arguments: Any) -> None:
        run.stop.finish()
        accept(*arguments)

    monkeypatch.setattr(run.portal, "accept", interrupt)
    run_async(run.send())

    assert (SENT, None) == run.stands(first)
    assert (QUEUED, None) == run.stands(second)


def test_replies_of_one_conversation_go_one_after_the_other(
    run: SendingRun, run_async: AsyncRunner[SendOutcome]
) -> None:
    """Our own proven reply is no unseen message for the next one."""
    first, second = run.queue("First of two."), run.queue("Second of two.")

    run_async(run.send())

    assert [(SENT, None), (SENT, None)] == [run.stands(first), run.stands(second)]
    assert ["First of two.", "Second of two."] == run.portal.ledger


def test_an_unconfirmed_reply_blocks_its_conversation(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """While nobody knows what became of one, nothing else is said there."""
    first, second = run.queue("First of two."), run.queue("Second of two.")
    run.portal.looks.extend([True, *[Verdict.BLANK] * 20])

    run_async(run.send())

    assert [UNCONFIRMED, QUEUED] == [run.stands(first)[0], run.stands(second)[0]]
    with pytest.raises(ConversationBusy):
        outbox.claim(run.database, second, holder=run.holder, at=run.clock.now())


def test_the_pause_between_two_replies_is_kept(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """A person's pace is kept where the profile asks for it."""
    run.queue(), run.queue("Another text", case_id="C2")
    run.rules = replace(run.rules, delivery=DeliveryRules(pause=7))

    run_async(run.send())

    assert [1.0] * 7 == run.clock.slept


def test_a_claimed_entry_is_left_to_its_holder(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two processes that want the same entry, the second does nothing."""
    entry = run.queue()
    due = outbox.due(run.database)
    outbox.claim(run.database, entry, holder=run.holder, at=run.clock.now())
    monkeypatch.setattr(outbox, "due", lambda *_: due)
    monkeypatch.setattr(outbox, "in_flight", lambda *_: ())

    outcome = run_async(run.send())

    assert {} == outcome.results
    assert [] == run.portal.log


def test_the_outcome_counts_under_stable_keys(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """What `--json` prints."""
    sent, held = run.queue(), run.queue("short", case_id="C2", seen=())

    assert {
        "account": "acme",
        "sent": 1,
        "held": 1,
        "rejected": 0,
        "unconfirmed": 0,
        "queued": 0,
        "alarms": 0,
        "entries": [
            {"id": sent, "status": "sent", "reason": "", "message_ids": ["m3"]},
            {"id": held, "status": "held", "reason": "unseen_message: m1, m2, m3", "message_ids": []},
        ],
    } == run_async(run.send()).to_json()
