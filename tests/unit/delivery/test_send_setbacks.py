"""Everything that keeps a reply from being submitted: held for a person, tried again, or back in the queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.delivery.dispatch import Result
from agent.delivery.send import SendOutcome
from agent.errors import EngineDied
from agent.extract.snapshot import Verdict
from agent.profile.model.reply import AttachmentRules
from storage import outbox
from storage.blobs import blobs_of
from storage.outbox import OutboxStatus
from storage.records import CaseStatus
from storage.records import Direction
from tests.conftest import AsyncRunner
from tests.unit.delivery.sending_portal import Fill
from tests.unit.delivery.sending_run import TEXT
from tests.unit.delivery.sending_run import SendingRun

SENT, HELD, QUEUED = OutboxStatus.SENT, OutboxStatus.HELD, OutboxStatus.QUEUED
REJECTED, UNCONFIRMED = OutboxStatus.REJECTED, OutboxStatus.UNCONFIRMED


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
    assert run.portal.log.count("fill") == run.portal.log.count("close")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        pytest.param(
            lambda portal: portal.opens.extend([Verdict.ERROR] * 2), "the reply form's page: error scripted", id="form"
        ),
        pytest.param(
            lambda portal: portal.opens.append(Verdict.THROTTLED),
            "the reply form's page: throttled scripted",
            id="busy",
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


def test_a_signature_that_stays_in_the_form_is_allowed(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """Where the profile keeps what stood in the form, our text is the beginning of it."""
    entry = run.queue()
    run.rules = replace(run.rules, keeps_below=True)
    run.portal.fills.append(Fill(text=f"{TEXT}\n--\nAnn of Acme"))

    run_async(run.send())

    assert (SENT, None) == run.stands(entry)
