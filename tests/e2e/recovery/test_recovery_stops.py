"""What ends a run, what slows it down, and sessions that end in the middle: in real engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from agent.errors import AccessDenied
from agent.errors import PersonNeeded
from agent.errors import RunStopped
from agent.errors import SignInRefused
from agent.errors import StopRequested
from agent.errors import WrongAccount
from agent.extract.snapshot import Engine
from agent.recovery.stop import StopToken
from storage.journal import RunOutcome
from tests.e2e.backup.real_house import RealHouse

Start = Callable[..., tuple[Any, RealHouse]]


def documents(mock: Any) -> list[dict[str, Any]]:
    """The requests for pages, in order."""
    return [seen for seen in mock.requests()["requests"] if "document" in seen["tags"]]


@pytest.mark.parametrize(
    ("kind", "error", "engine"),
    [
        ("captcha", PersonNeeded, Engine.CHROMIUM),
        ("captcha", PersonNeeded, Engine.FIREFOX),
        pytest.param("access_denied", AccessDenied, Engine.CHROMIUM, marks=pytest.mark.long),
        ("wrong_account", WrongAccount, Engine.CHROMIUM),
    ],
)
def test_nothing_is_asked_of_the_portal_after_a_stop(
    mock_house: Start, kind: str, error: type[RunStopped], engine: Engine
) -> None:
    """The page that stops the run is the last one in the portal's request log; nothing of it is stored."""
    mock, house = mock_house(cases=3)
    house.start = engine
    stopping = mock.truth()["cases"][1]["id"]
    mock.set_faults({"kind": kind, "path": f"^/cases/{stopping}$"})

    outcome = house.run()

    assert isinstance(outcome.error, error)
    assert outcome.error.evidence is not None
    assert RunOutcome.FAILED is outcome.outcome
    assert ([], 1) == (house.attempts(outcome), house.sign_ins(outcome))
    paths = [seen["path"] for seen in documents(mock)]
    last = max(index for index, path in enumerate(paths) if path == f"/cases/{stopping}")
    # A CAPTCHA is a redirect to a page of its own, which the same navigation asks for.
    assert all(path.startswith("/errors/") for path in paths[last + 1 :])
    assert stopping not in house.archived()


def test_a_session_that_ends_in_mid_run_is_signed_in_again(mock_house: Start) -> None:
    """A fresh context first, then the run's second password, then the same case; the run is complete."""
    mock, house = mock_house(cases=3)
    case_id = mock.truth()["cases"][1]["id"]
    mock.set_faults({"kind": "session_expired", "path": f"^/cases/{case_id}$", "times": 1})

    outcome = house.run()

    assert [
        ("login", "fresh", "chromium", "login"),
        ("login", "sign_in", "chromium", "ok"),
    ] == house.attempts(outcome)
    assert (RunOutcome.COMPLETE, 2, "sign_in") == (
        outcome.outcome,
        house.sign_ins(outcome),
        outcome.recoveries[0].cured_by,
    )
    assert case_id in house.archived()


def test_a_wrong_password_is_submitted_once_and_never_again(mock_house: Start) -> None:
    """The second run does not even open the sign-in: the account is locked until a person unlocks it."""
    mock, house = mock_house(cases=3)
    house.environ[str(house.account.password.env)] = "not the password"

    first = house.run()
    submitted = [seen for seen in mock.requests()["requests"] if seen["method"] == "POST"]
    second = house.run()

    assert isinstance(first.error, SignInRefused)
    assert isinstance(second.error, SignInRefused)
    assert (1, 0) == (house.sign_ins(first), house.sign_ins(second))
    assert submitted == [seen for seen in mock.requests()["requests"] if seen["method"] == "POST"]


def test_429_is_waited_out(mock_house: Start) -> None:
    """Nothing is asked for until the time is over that the portal named, and no rung is climbed."""
    mock, house = mock_house(cases=3)
    mock.set_faults({"kind": "throttled", "path": r"^/cases/\d+$", "retry_after": 2, "times": 1})

    outcome = house.run()

    assert [("throttled", "wait", "chromium", "ok")] == house.attempts(outcome)
    assert (RunOutcome.COMPLETE, 1, "wait") == (
        outcome.outcome,
        house.sign_ins(outcome),
        outcome.recoveries[0].cured_by,
    )
    pages = documents(mock)
    (throttled,) = [index for index, seen in enumerate(pages) if seen["status"] == 429]
    asked, following = (datetime.fromisoformat(seen["time"]) for seen in pages[throttled : throttled + 2])
    assert (following - asked).total_seconds() >= 2


@pytest.mark.long
def test_a_page_that_ends_the_sign_in_and_says_429_is_rested_after(mock_house: Start) -> None:
    """It proves the sign-in by its header, and nothing is asked for until its time is over."""
    mock, house = mock_house(cases=1)
    mock.set_faults({"kind": "throttled", "path": "^/home$", "retry_after": 2, "times": 1})

    outcome = house.run()

    assert (RunOutcome.COMPLETE, 1) == (outcome.outcome, house.sign_ins(outcome))
    pages = documents(mock)
    (throttled,) = [index for index, seen in enumerate(pages) if seen["status"] == 429]
    asked, following = (datetime.fromisoformat(seen["time"]) for seen in pages[throttled : throttled + 2])
    assert (following - asked).total_seconds() >= 2


def test_the_stop_switch_is_obeyed_within_one_action(mock_house: Start) -> None:
    """A page that was asked for is the last one, and the run is closed as partial with what it has."""
    mock, house = mock_house(cases=3)
    thrown: list[bool] = []
    house.stop = StopToken(house.account.name, lambda: bool(thrown))
    house.on_progress = lambda what, done, total: thrown.append(True) if what == "cases" else None

    outcome = house.run()

    assert isinstance(outcome.error, StopRequested)
    assert (RunOutcome.PARTIAL, 1) == (outcome.outcome, len(house.archived()))
    assert 1 == len({seen["path"].partition("?")[0] for seen in documents(mock) if seen["path"].startswith("/cases/")})
