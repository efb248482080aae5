"""Each kind of trouble in real engines: the verdict, the rung that cures it, the journal, the sign-ins, the outcome.

A climb goes up rung by rung, so the journal's rows are also the proof that the cheaper rungs did not cure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from agent.backup.outcome import Outcome
from agent.errors import RecoveryExhausted
from agent.extract.snapshot import Engine
from storage.journal import RunOutcome
from storage.records import Tab
from tests.e2e.backup.real_house import RealHouse

Start = Callable[..., tuple[Any, RealHouse]]
Attempt = tuple[str, str, str, str | None]

BOTH = pytest.mark.parametrize("engine", [Engine.CHROMIUM, Engine.FIREFOX])
OTHER = {Engine.CHROMIUM: Engine.FIREFOX, Engine.FIREFOX: Engine.CHROMIUM}


def climb(verdict: str, *rungs: str, engine: str, cured: bool = True) -> list[Attempt]:
    """Journal rows of a climb in one engine, each leaving the page as it was but the last one."""
    results = [verdict] * (len(rungs) - 1) + ["ok" if cured else verdict]
    return [(verdict, rung, engine, result) for rung, result in zip(rungs, results, strict=True)]


def read_one(mock_house: Start, engine: Engine, **fault: Any) -> tuple[Any, RealHouse, Outcome, list[Attempt]]:
    """Read a single case that has this trouble after the sign-in."""
    mock, house = mock_house(cases=2)
    house.start = engine
    case_id = mock.truth()["cases"][0]["id"]
    # Whoever is not signed in is sent to the sign-in page before any fault is looked at.
    mock.set_faults({"path": f"^/cases/{case_id}$", **fault})
    outcome = house.run(case_id=case_id)
    return mock, house, outcome, house.attempts(outcome)


@BOTH
@pytest.mark.parametrize(
    ("fault", "verdict", "reloads"),
    [
        ({"kind": "blank", "times": 2}, "blank", 2),
        pytest.param({"kind": "truncated", "times": 1}, "error", 1, marks=pytest.mark.long),
    ],
    ids=["empty body, twice", "truncated body"],
)
def test_reload_cures_what_passes(
    mock_house: Start, engine: Engine, fault: dict[str, Any], verdict: str, reloads: int
) -> None:
    """Going to the URL again is enough: no new context, one sign-in, the case is there."""
    _, house, outcome, attempts = read_one(mock_house, engine, **fault)

    assert climb(verdict, *["reload"] * reloads, engine=engine) == attempts
    assert (True, 1, "reload") == (outcome.whole, house.sign_ins(outcome), outcome.recoveries[0].cured_by)


@BOTH
def test_reload_cures_a_connection_that_was_reset(mock_house: Start, engine: Engine) -> None:
    """Chromium asks once more by itself, so that it takes two resets for it to tell of one."""
    _, house, outcome, attempts = read_one(mock_house, engine, kind="reset", times=2)

    assert attempts in [climb("error", *["reload"] * count, engine=engine) for count in (1, 2)]
    assert (True, 1, "reload") == (outcome.whole, house.sign_ins(outcome), outcome.recoveries[0].cured_by)


def test_reload_waits_as_long_as_a_503_says(mock_house: Start) -> None:
    """Between the 503 and the next request for the page lie the seconds of Retry-After."""
    mock, house, outcome, attempts = read_one(
        mock_house, Engine.CHROMIUM, kind="server_error", status=503, retry_after=2, times=1
    )

    assert climb("error", "reload", engine="chromium") == attempts
    assert (True, 1) == (outcome.whole, house.sign_ins(outcome))
    moments = [datetime.fromisoformat(seen["time"]) for seen in mock.requests()["requests"] if is_case(seen)]
    assert max((later - earlier).total_seconds() for earlier, later in pairwise(moments)) >= 2


@pytest.mark.parametrize(
    ("kind", "engine"),
    [
        ("poisoned_cookie", Engine.CHROMIUM),
        pytest.param("poisoned_storage", Engine.CHROMIUM, marks=pytest.mark.long),
        ("stale_worker", Engine.CHROMIUM),
        pytest.param("bad_script", Engine.CHROMIUM, marks=pytest.mark.long),
        ("stale_worker", Engine.FIREFOX),
    ],
)
def test_a_fresh_context_cures_what_the_browser_kept(mock_house: Start, engine: Engine, kind: str) -> None:
    """Neither reload helps; a new context does, and the session's cookies are enough: nobody signs in again."""
    _, house, outcome, attempts = read_one(mock_house, engine, kind=kind, times=1)

    assert climb("blank", "reload", "reload", "fresh", engine=engine) == attempts
    assert (True, 1, "fresh") == (outcome.whole, house.sign_ins(outcome), outcome.recoveries[0].cured_by)


@pytest.mark.long  # the demo is read on in another engine
@BOTH
def test_another_engine_cures_a_script_that_throws_in_one(mock_house: Start, engine: Engine) -> None:
    """The rest of the run is read there, and so does the next run begin, without a climb and without a sign-in."""
    mock, house = mock_house(cases=2)
    house.start, other = engine, OTHER[engine]
    mock.set_faults({"kind": "script_throws", "path": r"^/cases/\d+", "engine": engine.value})

    outcome = house.run()
    following = house.run(case_id=mock.truth()["cases"][0]["id"])

    assert [
        *climb("blank", "reload", "reload", "fresh", engine=engine, cured=False),
        *climb("blank", "switch_engine", engine=other),
    ] == house.attempts(outcome)
    assert (RunOutcome.COMPLETE, 1, other.value) == (outcome.outcome, house.sign_ins(outcome), outcome.engine)
    assert (True, (), other.value) == (following.whole, following.recoveries, following.engine)
    asked = [seen["engine"] for seen in mock.requests()["requests"] if is_case(seen) and seen["status"] == 200]
    assert 1 == sum(before != after for before, after in pairwise(asked))


def test_a_phone_cures_a_page_for_phones(mock_house: Start) -> None:
    """The last rung, after both engines."""
    _, house, outcome, attempts = read_one(mock_house, Engine.CHROMIUM, kind="mobile_only")

    assert [
        *climb("blank", "reload", "reload", "fresh", engine="chromium", cured=False),
        *climb("blank", "switch_engine", engine="firefox", cured=False),
        *climb("blank", "mobile", engine="chromium"),
    ] == attempts
    assert (True, 1, "mobile") == (outcome.whole, house.sign_ins(outcome), outcome.recoveries[0].cured_by)


@pytest.mark.parametrize(
    ("fault", "rungs"),
    [
        ({"kind": "list_empty", "times": 3}, ["reload", "reload", "fresh"]),
        ({"kind": "list_short", "times": 1}, ["reload"]),
    ],
    ids=["empty against its count", "short against its count"],
)
def test_a_list_that_contradicts_itself_climbs_until_the_trouble_ends(
    mock_house: Start, fault: dict[str, Any], rungs: list[str]
) -> None:
    """Rows are counted against the page's own summary: too few is a blank page, not a short list."""
    mock, house = mock_house(cases=4)
    mock.set_faults({"path": "^/cases[?]tab=all", **fault})

    outcome = house.run(tab=Tab.ALL)

    assert climb("blank", *rungs, engine="chromium") == house.attempts(outcome)
    assert (True, 1) == (outcome.certificates[Tab.ALL].ok, house.sign_ins(outcome))


@pytest.mark.long  # `test_a_list_that_stays_blank_ends_the_run` gives up sooner
def test_a_case_that_spins_for_ever_is_given_up_and_the_rest_is_stored(mock_house: Start) -> None:
    """Every rung in turn; then evidence, a partial run, and the other cases read in the first environment."""
    mock, house = mock_house(cases=2)
    case_id = mock.truth()["cases"][0]["id"]
    mock.set_faults({"kind": "spinner", "path": f"^/cases/{case_id}$"})

    outcome = house.run()

    assert [
        *climb("blank", "reload", "reload", "fresh", engine="chromium", cured=False),
        *climb("blank", "switch_engine", engine="firefox", cured=False),
        *climb("blank", "mobile", engine="chromium", cured=False),
    ] == house.attempts(outcome)
    assert (RunOutcome.PARTIAL, None, (f"case {case_id}: blank",)) == (outcome.outcome, outcome.error, outcome.missed)
    assert (1, 1, "chromium") == (outcome.counts.new, house.sign_ins(outcome), outcome.engine)
    assert {"about.json", "page.html", "page.png", "trace.zip"} == house.evidence_files(outcome)


def test_a_list_that_stays_blank_ends_the_run(mock_house: Start) -> None:
    """Exit 12: the error names rungs and evidence, and no case was asked for."""
    mock, house = mock_house(cases=3)
    mock.set_faults({"kind": "blank", "path": "^/cases[?]tab=mine"})

    outcome = house.run()

    assert isinstance(outcome.error, RecoveryExhausted)
    assert ("reload", "reload", "fresh", "switch_engine", "mobile") == outcome.error.rungs
    assert outcome.error.evidence is not None
    assert {"page.html", "trace.zip"} <= {file.name for file in outcome.error.evidence.iterdir()}
    assert RunOutcome.FAILED is outcome.outcome
    assert [] == [seen for seen in mock.requests()["requests"] if is_case(seen)]


def is_case(seen: dict[str, Any]) -> bool:
    """Whether a request was for a case's page."""
    return str(seen["path"]).removeprefix("/cases/").partition("?")[0].isdigit()
