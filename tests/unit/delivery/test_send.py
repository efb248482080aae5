"""One reply through the whole protocol, and every way in which it can end."""

from __future__ import annotations

from typing import Any

import pytest

from agent.delivery.dispatch import Result
from agent.delivery.send import SendOutcome
from agent.extract.snapshot import Verdict
from agent.portal.protocol import SubmitAnswer
from storage.outbox import OutboxStatus
from storage.outbox import Proof
from tests.conftest import AsyncRunner
from tests.unit.delivery.sending_portal import BLANK
from tests.unit.delivery.sending_portal import DROPPED
from tests.unit.delivery.sending_portal import LATE
from tests.unit.delivery.sending_portal import REFUSED
from tests.unit.delivery.sending_portal import Click
from tests.unit.delivery.sending_run import TEXT
from tests.unit.delivery.sending_run import SendingRun

SENT, HELD, QUEUED = OutboxStatus.SENT, OutboxStatus.HELD, OutboxStatus.QUEUED
REJECTED, UNCONFIRMED = OutboxStatus.REJECTED, OutboxStatus.UNCONFIRMED


def test_the_order_of_the_steps(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """Claim, baseline, form, fill, intent, one click, and only then the thread decides."""
    entry = run.queue(files=["invoice.pdf"])

    outcome = run_async(run.send())

    assert {entry: Result(entry, SENT, message_ids=("m3",))} == outcome.results
    assert ["thread", "open", "fill", "click", "close", "thread"] == run.portal.log
    assert ["added", "approved", "claimed", "baseline", "submit_started", "proved"] == run.moves(entry)
    assert Proof(message_id="m3") == run.entry(entry).proof
    assert [TEXT] == run.portal.ledger


def test_the_intent_is_on_the_disk_before_the_click(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pulls the plug at the click finds an entry that is never sent again by itself."""
    entry = run.queue()
    seen = []
    accept = run.portal.accept

    def look(*arguments: Any) -> None:
        stored = run.entry(entry)
        seen.append((stored.status, stored.submit_started_at is not None, stored.baseline is not None))
        accept(*arguments)

    monkeypatch.setattr(run.portal, "accept", look)
    run_async(run.send())

    assert [(OutboxStatus.SENDING, True, True)] == seen


@pytest.mark.parametrize(
    ("click", "expected", "posted"),
    [
        pytest.param(Click(), (SENT, None), 1, id="accepted"),
        pytest.param(BLANK, (SENT, None), 1, id="accepted and answered blank"),
        pytest.param(LATE, (SENT, None), 1, id="accepted and shown late"),
        pytest.param(Click(dies=True), (SENT, None), 1, id="accepted, and the browser dies"),
        pytest.param(Click(times=0, dies=True), (HELD, "not_there"), 0, id="the browser dies before it sends"),
        pytest.param(DROPPED, (HELD, "not_there"), 0, id="dropped"),
        pytest.param(
            Click(times=0, answer=SubmitAnswer.NOT_CLICKED, words="the form no longer holds the text"),
            (HELD, "not_clicked: the form no longer holds the text"),
            0,
            id="the form says that it did not click",
        ),
        pytest.param(REFUSED, (REJECTED, "You cannot reply now."), 0, id="refused"),
        pytest.param(
            Click(answer=REFUSED.answer, words="Error"), (SENT, None), 1, id="refused in words, and posted all the same"
        ),
        pytest.param(
            Click(answer=REFUSED.answer, words="Error", shown_after=20),
            (SENT, None),
            1,
            id="refused in words, posted and shown late",
        ),
        pytest.param(
            Click(without=("invoice.pdf",)),
            (HELD, "missing_attachment: invoice.pdf of m3"),
            1,
            id="posted without its file",
        ),
        pytest.param(Click(shown_as="Changed"), (HELD, "reads_differently: m3"), 1, id="shown as something else"),
        pytest.param(
            Click(shown_after=300),
            (HELD, "not_there"),
            1,
            id="shown later than the grace: a person is asked, nothing is sent",
        ),
    ],
)
def test_what_the_thread_says_counts(
    run: SendingRun,
    run_async: AsyncRunner[SendOutcome],
    click: Click,
    expected: tuple[OutboxStatus, str | None],
    posted: int,
) -> None:
    """The answer to the click is a hint; SENT, REJECTED and HELD come from the thread."""
    entry = run.queue(files=["invoice.pdf"])
    run.portal.clicks.append(click)

    run_async(run.send())

    assert expected == run.stands(entry)
    assert [TEXT] * posted == run.portal.ledger
    assert 1 == run.portal.log.count("click")


def test_posted_twice_is_sent_and_an_alarm(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """Where the portal shows it twice, both messages are named and a person is told."""
    entry = run.queue()
    run.portal.clicks.append(Click(times=2))

    outcome = run_async(run.send())

    assert (Result(entry, SENT, message_ids=("m3", "m4")),) == outcome.alarms
    assert outcome.needs_person
    assert Proof(message_id="m3", matches=2, others=("m4",)) == run.entry(entry).proof


def test_absence_is_looked_at_twice_after_the_grace(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """One look in which the reply is missing is not enough to call it not there."""
    entry = run.queue()
    run.portal.clicks.append(Click(shown_after=31, answer=DROPPED.answer))

    run_async(run.send())

    assert (SENT, None) == run.stands(entry)


def test_absences_count_in_a_row(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """A page that could not be read in between leaves the question open."""
    entry = run.queue()
    run.portal.clicks.append(DROPPED)
    until_grace = 5
    run.portal.looks.extend([True, *[True] * until_grace, True, Verdict.BLANK, True])

    run_async(run.send())

    assert (UNCONFIRMED, "not there at the last look, but not at the one before") == run.stands(entry)


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        pytest.param([True, *[Verdict.BLANK] * 20], "the case's page: blank scripted", id="blank"),
        pytest.param([True, *[False] * 20], "the thread could not be read as a whole", id="cut"),
    ],
)
def test_not_being_able_to_tell_is_unconfirmed(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], reads: list[Verdict | bool], expected: str
) -> None:
    """An unreadable thread is neither a proof nor an absence."""
    entry = run.queue()
    run.portal.clicks.append(DROPPED)
    run.portal.looks.extend(reads)

    run_async(run.send())

    assert (UNCONFIRMED, expected) == run.stands(entry)
