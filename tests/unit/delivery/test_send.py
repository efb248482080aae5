"""One reply through the whole protocol, and every way in which it can end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.delivery.dispatch import Result
from agent.delivery.send import SendOutcome
from agent.errors import AccessDenied
from agent.errors import AccountBusy
from agent.errors import CaselogError
from agent.errors import DriftedPage
from agent.errors import EngineDied
from agent.errors import NoEngine
from agent.errors import PersonNeeded
from agent.errors import StopRequested
from agent.errors import WrongAccount
from agent.extract.snapshot import Verdict
from agent.portal.protocol import SubmitAnswer
from agent.profile.model.reply import AttachmentRules
from agent.profile.model.reply import DeliveryRules
from storage import outbox
from storage.blobs import blobs_of
from storage.errors import ConversationBusy
from storage.outbox import OutboxStatus
from storage.outbox import Proof
from storage.records import CaseStatus
from storage.records import Direction
from tests.conftest import AsyncRunner
from tests.unit.delivery.sending_portal import BLANK
from tests.unit.delivery.sending_portal import DROPPED
from tests.unit.delivery.sending_portal import LATE
from tests.unit.delivery.sending_portal import REFUSED
from tests.unit.delivery.sending_portal import Click
from tests.unit.delivery.sending_portal import Fill
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
    assert Proof(message_id="m3", matches=2) == run.entry(entry).proof


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


def wrote(run: SendingRun, direction: Direction) -> None:
    run.portal.write("By the way ...", direction=direction)


def closed(run: SendingRun) -> None:
    run.portal.status = CaseStatus.CLOSED


def view_only(run: SendingRun) -> None:
    run.portal.can_reply = False


def gone(run: SendingRun) -> None:
    run.portal.looks.append(Verdict.GONE)


def cut(run: SendingRun) -> None:
    run.portal.looks.extend([False, False])


def form_blank(run: SendingRun) -> None:
    run.portal.opens.extend([Verdict.BLANK, Verdict.BLANK])


def no_form(run: SendingRun) -> None:
    run.portal.opens.append(Verdict.OK)


def upload_refused(run: SendingRun) -> None:
    run.portal.fills.append(Fill(refused="Too large"))


def text_changed(run: SendingRun) -> None:
    run.portal.fills.extend([Fill(text=TEXT[:50]), Fill(text=TEXT[:50])])


def file_lost(run: SendingRun) -> None:
    run.portal.fills.extend([Fill(files=()), Fill(files=())])


def too_many_files(run: SendingRun) -> None:
    run.rules = replace(run.rules, files=AttachmentRules(max_files=0))


def blob_changed(run: SendingRun) -> None:
    blobs = blobs_of(run.database)
    blobs.path(run.file("invoice.pdf").sha256).write_bytes(b"something else")


def blob_missing(run: SendingRun) -> None:
    blobs = blobs_of(run.database)
    blobs.path(run.file("invoice.pdf").sha256).unlink()


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        pytest.param(lambda run: wrote(run, Direction.PORTAL), "unseen_message: m3", id="the portal wrote"),
        pytest.param(lambda run: wrote(run, Direction.USER), "unseen_message: m3", id="a colleague wrote"),
        pytest.param(closed, "case_closed: closed", id="closed"),
        pytest.param(view_only, "no_reply_possible: needs_user", id="view-only"),
        pytest.param(gone, "case_gone", id="gone"),
        pytest.param(cut, "unreadable", id="the thread cannot be read as a whole"),
        pytest.param(form_blank, "form_blank: scripted", id="the form stays blank"),
        pytest.param(no_form, "no_reply_possible: scripted", id="no form on the page"),
        pytest.param(upload_refused, "upload_refused: Too large", id="upload refused"),
        pytest.param(text_changed, "form_differs: text", id="the form cuts the text"),
        pytest.param(file_lost, "form_differs: files: none", id="the form loses the file"),
        pytest.param(too_many_files, "attachment_rules: too_many  1 > 0", id="against the rules"),
        pytest.param(blob_changed, "attachment_rules: changed invoice.pdf", id="another content than approved"),
        pytest.param(blob_missing, "attachment_rules: missing invoice.pdf", id="content missing"),
    ],
)
def test_held_before_anything_is_submitted(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], happens: Callable[[SendingRun], None], expected: str
) -> None:
    """Whatever differs from what was approved waits for a person, and nothing was clicked."""
    entry = run.queue(files=["invoice.pdf"])
    happens(run)

    outcome = run_async(run.send())

    assert (HELD, expected) == run.stands(entry)
    assert "click" not in run.portal.log
    assert run.entry(entry).submit_started_at is None
    assert outcome.needs_person


def test_our_text_since_the_first_attempt_is_held_even_if_it_was_seen(
    run: SendingRun, run_async: AsyncRunner[SendOutcome]
) -> None:
    """Held, posted by hand meanwhile, and put back into the queue: the first attempt's baseline still knows."""
    entry = run.queue()
    run.portal.write("By the way ...")
    run_async(run.send())
    run.portal.write(TEXT, direction=Direction.USER)
    seen = [message.message_id for message in run.portal.record().messages]
    outbox.resolve(
        run.database, entry, QUEUED, person="ann", reason="read it", at=run.clock.now(), seen_message_ids=seen
    )

    run_async(run.send())

    assert (HELD, "already_there") == run.stands(entry)
    assert [] == run.portal.ledger


def test_a_text_that_could_not_be_proved_is_held_unopened(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """What the portal would not take is not tried."""
    entry = run.queue("a" * 501)

    run_async(run.send())

    assert (HELD, "text_rules: too_long 501 > 500") == run.stands(entry)
    assert [] == run.portal.log


@pytest.mark.parametrize(
    "setback",
    [
        pytest.param(lambda portal: portal.opens.append(Verdict.BLANK), id="blank"),
        pytest.param(lambda portal: portal.opens.append(Verdict.LOGIN), id="signed out"),
        pytest.param(lambda portal: portal.opens.append(EngineDied("firefox", "killed")), id="browser killed"),
        pytest.param(lambda portal: portal.fills.append(Fill(dies=True)), id="browser killed while filling"),
        pytest.param(lambda portal: portal.fills.append(Fill(text="other")), id="the form did not keep the text"),
        pytest.param(lambda portal: portal.looks.append(False), id="the thread was cut"),
    ],
)
def test_bad_luck_before_the_click_gets_a_second_try(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], setback: Callable[[Any], None]
) -> None:
    """The second try begins with the thread again, and the click still is one."""
    entry = run.queue()
    setback(run.portal)

    run_async(run.send())

    assert (SENT, None) == run.stands(entry)
    assert 3 == run.portal.log.count("thread")
    assert 1 == run.portal.log.count("click")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        pytest.param(
            lambda portal: portal.opens.extend([Verdict.ERROR] * 2), "the reply form's page: error scripted", id="form"
        ),
        pytest.param(lambda portal: portal.looks.append(Verdict.ERROR), "the case's page: error", id="case"),
        pytest.param(
            lambda portal: portal.opens.extend([EngineDied("firefox", "killed")] * 2),
            "the engine of the reply form ended: killed",
            id="browser",
        ),
    ],
)
def test_back_into_the_queue(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], happens: Callable[[Any], None], reason: str
) -> None:
    """A portal out of reach is nobody's decision: the entry waits for the next run, and is not tried twice in this."""
    entry = run.queue()
    happens(run.portal)

    outcome = run_async(run.send())

    assert (QUEUED, reason) == run.stands(entry)
    assert {entry: Result(entry, QUEUED, reason)} == outcome.results

    run_async(run.send())

    assert (SENT, None) == run.stands(entry)


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


def test_a_signature_that_stays_in_the_form_is_allowed(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """Where the profile keeps what stood in the form, our text is the beginning of it."""
    entry = run.queue()
    run.rules = replace(run.rules, keeps_below=True)
    run.portal.fills.append(Fill(text=f"{TEXT}\n--\nAnn of Acme"))

    run_async(run.send())

    assert (SENT, None) == run.stands(entry)
