"""Runs that must not post, processes that get in each other's way, and one that dies; in real browsers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from agent.errors import WrongAccount
from mock_portal.server import MockPortal
from storage.outbox import OutboxStatus
from tests.e2e.delivery.sending_house import SendingHouse


def posted(mock: MockPortal, text: str) -> int:
    return sum(line["text"] == text for line in mock.ledger())


def wait_for(condition: Callable[[], Any]) -> None:
    """A condition in another process can only be asked for again and again; pytest's own time-out ends it."""
    while not condition():
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def no_faults(mock: MockPortal) -> None:
    mock.set_faults()


@pytest.mark.long
def test_a_form_that_stays_blank_is_held(mock: MockPortal, house: SendingHouse) -> None:
    """Where only the submitting engine gets a blank page, another engine does not step in for it."""
    case, text = house.open_cases()[0], "The form will not come."
    entry = house.queue(case, text)
    mock.set_faults({"kind": "blank", "path": f"^/cases/{case.case_id}$", "engine": "firefox"})

    house.send()

    stored = house.entry(entry)
    assert (OutboxStatus.HELD, "form_blank") == (stored.status, (stored.reason or "").partition(":")[0])
    assert 0 == posted(mock, text)


@pytest.mark.long  # `test_the_browser_that_submits_must_name_the_account` shows it without a backup before it
def test_another_account_in_the_form_s_header_stops_the_run(mock: MockPortal, house: SendingHouse) -> None:
    """The guard holds up to the page that the reply would be typed into."""
    case, text = house.open_cases()[1], "Not from this account."
    entry = house.queue(case, text)
    mock.set_faults({"kind": "wrong_account", "path": f"^/cases/{case.case_id}$", "engine": "firefox"})

    outcome = house.send()

    assert isinstance(outcome.ended_by, WrongAccount)
    assert (OutboxStatus.QUEUED, "WrongAccount") == (house.entry(entry).status, house.entry(entry).reason)
    assert 0 == posted(mock, text)

    mock.set_faults()
    house.send()
    assert OutboxStatus.SENT is house.entry(entry).status
    assert 1 == posted(mock, text)


@pytest.mark.long
def test_a_session_that_ends_at_the_form_is_begun_anew(mock: MockPortal, house: SendingHouse) -> None:
    """The reading engine signs in again, and the submitting one gets the new session for its second try."""
    case, text = house.open_cases()[5], "Sent after signing in again."
    entry = house.queue(case, text)
    path = f"^/cases/{case.case_id}$"
    mock.set_faults({"kind": "session_expired", "path": path, "engine": "firefox", "times": 1})

    outcome = house.send()

    assert outcome.ended_by is None
    assert OutboxStatus.SENT is house.entry(entry).status
    assert 1 == posted(mock, text)


@pytest.mark.long
def test_a_view_only_account_is_held(mock: MockPortal, house_of: Callable[[str], SendingHouse]) -> None:
    """Where the portal offers no reply, nothing is tried."""
    house, text = house_of("copper-view"), "Nobody will read this."
    open_case = next(case for case in house.cases() if case.status.value != "closed")
    entry = house.queue(open_case, text)

    house.send()

    assert OutboxStatus.HELD is house.entry(entry).status
    assert (house.entry(entry).reason or "").startswith("no_reply_possible")
    assert 0 == posted(mock, text)


@pytest.mark.long
def test_a_run_that_reads_in_the_submitting_engine(mock: MockPortal, house: SendingHouse) -> None:
    """One browser is enough where the run began in the one that submits."""
    case, text = house.open_cases()[2], "Read and written in one engine."
    entry = house.queue(case, text)
    house.first = "firefox"
    mock.set_faults({"kind": "reply_reset", "path": f"^/cases/{case.case_id}/reply"})

    try:
        house.send()
    finally:
        house.first = "chromium"

    assert OutboxStatus.SENT is house.entry(entry).status
    assert 1 == posted(mock, text)


@pytest.mark.long  # `test_one_of_many_processes` shows it without a browser
def test_two_processes_send_one_reply(mock: MockPortal, house: SendingHouse) -> None:
    """One of them finds the account busy, or nothing left to do."""
    text = "Wanted by two."
    entry = house.queue(house.open_cases()[3], text)

    processes = [house.start_sending(), house.start_sending()]
    reports = [json.loads(process.communicate()[0]) for process in processes]

    assert 1 == sum(account.get("sent", 0) for report in reports for account in report["accounts"])
    assert OutboxStatus.SENT is house.entry(entry).status
    assert 1 == posted(mock, text)


@pytest.mark.long
def test_a_process_killed_between_click_and_proof(mock: MockPortal, house: SendingHouse) -> None:
    """The next run finds the reply in the thread, and sends nothing."""
    case, text = house.open_cases()[4], "Accepted by the portal, from a dead process."
    entry = house.queue(case, text)
    # The thread can be read once, for the baseline; the look for the proof takes longer than the process lives.
    path = f"^/cases/{case.case_id}$"
    mock.set_faults({"kind": "slow", "path": path, "engine": "chromium", "after": 1, "seconds": 60.0})
    process = house.start_sending()
    wait_for(lambda: posted(mock, text))

    process.kill()
    process.communicate()
    mock.set_faults()
    killed = house.entry(entry)
    house.send()

    assert (OutboxStatus.SENDING, True) == (killed.status, killed.submit_started_at is not None)
    assert OutboxStatus.SENT is house.entry(entry).status
    assert 1 == posted(mock, text)
