"""Cases that no list shows: what their own links prove, and when it was the portal that lost them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.backup.absence import Losses
from agent.backup.outcome import Outcome
from agent.errors import SuspiciousShrink
from agent.extract.snapshot import PageKind
from storage.journal import RunOutcome
from storage.records import AttachmentRef
from storage.records import CaseStatus
from tests.unit.backup.backup_house import House
from tests.unit.backup.backup_house import some_cases
from tests.unit.backup.test_plan import LONG_AGO
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.scripted_portal import BASE
from tests.unit.recovery.scripted_portal import OURS
from tests.unit.recovery.scripted_portal import ScriptedCase
from tests.unit.recovery.scripted_portal import ScriptedPortal
from tests.unit.recovery.scripted_portal import Trouble
from tests.unit.recovery.scripted_portal import message
from tests.unit.recovery.scripted_portal import unless

Build = Callable[[ScriptedPortal], House]
Run = Callable[..., Any]


@pytest.fixture
def unlisted(house: Build, run_async: Run) -> House:
    """Three cases, of which the second is in no list any more; its link opens."""
    home = house(ScriptedPortal(some_cases(3)))
    run_async(home.run())
    home.portal.cases[1].listed = set()
    run_async(home.run())
    return home


def test_an_unlisted_case_is_still_read(unlisted: House, run_async: Run) -> None:
    """What arrives in it is archived; that it is in no list is no news."""
    unlisted.portal.cases[1].messages.append(message(2, body="One more thing"))

    outcome = run_async(unlisted.run())

    assert (["Hello", "One more thing"], ["2"]) == (unlisted.bodies("2"), unlisted.absent())
    assert [("2", "message_new")] == unlisted.events(outcome)
    assert (RunOutcome.COMPLETE, 0) == (outcome.outcome, outcome.counts.absent)


def test_an_unlisted_case_whose_link_stops_opening_is_gone(unlisted: House, run_async: Run) -> None:
    """Once; and then nobody asks for it any more."""
    unlisted.portal.cases[1].exists = False

    outcome = run_async(unlisted.run())
    following = run_async(unlisted.run())

    assert ([("2", "case_gone")], 1) == (unlisted.events(outcome), outcome.counts.absent)
    assert ([], ["/case/1", "/case/3"]) == (unlisted.events(following), sorted(unlisted.case_reads()))


def test_an_unlisted_case_that_cannot_be_read_is_missed(unlisted: House, run_async: Run) -> None:
    """It stays what it was, and the run says so."""
    unlisted.portal.faults.append(unless(lambda portal: False, Trouble(), path="/case/2"))

    outcome = run_async(unlisted.run())

    assert (("case 2: not listed, own link: blank",), ["2"]) == (outcome.missed, unlisted.absent())


def test_a_file_of_an_unlisted_case_is_not_forgotten(house: Build, run_async: Run) -> None:
    """It is tried again in each run, and no run without it is complete."""
    file = AttachmentRef(name="a.pdf", url=f"{BASE}/file/1")
    case = ScriptedCase("1", messages=[message(attachments=(file,))], status=CaseStatus.CLOSED, updated_at=LONG_AGO)
    home = house(ScriptedPortal([case, *some_cases(3)[1:]]))
    run_async(home.run())
    case.listed = set()

    without = [run_async(home.run()), run_async(home.run())]
    home.portal.files[f"{BASE}/file/1"] = b"PDF"
    at_last = run_async(home.run())

    lacking = (RunOutcome.PARTIAL, ("case 1: attachment a.pdf",))
    assert [lacking, lacking] == [(each.outcome, each.missed) for each in without]
    assert (RunOutcome.COMPLETE, ()) == (at_last.outcome, at_last.missed)


def test_full_asks_for_every_unlisted_case(house: Build, run_async: Run) -> None:
    """Without it, those that rest take turns."""
    resting = some_cases(60, status=CaseStatus.CLOSED, updated_at=LONG_AGO)
    home = house(ScriptedPortal(resting, page_size=100))
    home.portal.clock = home.clock
    run_async(home.run())
    lose(home, 30)
    run_async(home.run(accept_shrink=True))
    home.clock.advance(90 * 86400)
    beside = {f"/case/{number}" for number in range(1, 31)}

    turns = [run_async(home.run()) and beside.intersection(home.case_reads()) for _ in range(2)]
    run_async(home.run(full=True))

    assert ([20, 20], beside) == ([len(turn) for turn in turns], turns[0] | turns[1])
    assert beside < set(home.case_reads())


def test_what_was_read_by_its_own_link_is_stored(house: Build, run_async: Run) -> None:
    """Also where a case's pages show no account: a header is read after it, and then the thread is kept."""
    lists_only = lambda request: OURS if request.kind is PageKind.LIST else None  # noqa: E731
    home = house(ScriptedPortal(some_cases(3), header=lists_only))
    run_async(home.run())
    home.portal.cases[1].listed = set()
    home.portal.cases[1].messages.append(message(2, body="One more thing"))

    run_async(home.run())

    assert (["Hello", "One more thing"], ["2"]) == (home.bodies("2"), home.absent())


@pytest.fixture
def houses(house: Build, run_async: Run) -> list[House]:
    """Three accounts at one portal, each with forty cases of its own, backed up once; each then loses four."""
    losses = Losses()
    homes = []
    for number in range(3):
        home = house(ScriptedPortal(some_cases(40), page_size=50))
        home.account = replace(ACCOUNT, name=f"shop{number}")
        home.losses = losses
        run_async(home.run())
        homes.append(home)
        lose(home, 4)
    return homes


def lose(home: House, count: int) -> None:
    for case in home.portal.cases[:count]:
        case.listed = set()


def night(homes: list[House], run_async: Run) -> list[Outcome]:
    losses = Losses()
    outcomes = []
    for home in homes:
        home.losses = losses
        outcomes.append(run_async(home.run()))
    return outcomes


OUTAGE = ("outage: too many cases went at once",)


def test_an_outage_that_shows_late_takes_back_what_earlier_accounts_marked(houses: list[House], run_async: Run) -> None:
    """The third account tells that it was the portal: nobody is absent, and the next night it is the same outage."""
    nights = [night(houses, run_async), night(houses, run_async)]

    for outcomes in nights:
        assert [4, 4, 0] == [outcome.counts.absent for outcome in outcomes]
        assert [(), (), OUTAGE] == [outcome.missed for outcome in outcomes]
        taken_back = [(str(number), "absence_taken_back") for number in range(1, 5)]
        for home, outcome in zip(houses[:2], outcomes, strict=False):
            assert taken_back == [event for event in home.events(outcome) if event[1] != "case_unlisted"]
    assert [[], [], []] == [home.absent() for home in houses]


def test_a_shrink_counts_among_what_accounts_lost_together(houses: list[House], run_async: Run) -> None:
    """The second account's run is stopped by it: what the first one marked a moment ago is taken back."""
    lose(houses[1], 12)

    first, second = night(houses[:2], run_async)

    assert (4, SuspiciousShrink) == (first.counts.absent, type(second.error))
    assert [[], []] == [home.absent() for home in houses[:2]]


def test_an_account_that_lost_nothing_is_complete_in_an_outage_of_others(houses: list[House], run_async: Run) -> None:
    """There is nothing in it to doubt."""
    for case in houses[2].portal.cases:
        case.listed = set(houses[0].portal.cases[-1].listed)
    lose(houses[1], 9)

    first, second, third = night(houses, run_async)

    assert [(), OUTAGE, ()] == [first.missed, second.missed, third.missed]
    assert [[], [], []] == [home.absent() for home in houses]


def test_accepting_a_shrink_takes_nothing_back(houses: list[House], run_async: Run) -> None:
    """A person has said that the lists are right."""
    losses = Losses()
    for home in houses:
        home.losses = losses
        run_async(home.run(accept_shrink=True))

    assert [["1", "2", "3", "4"]] * 3 == [home.absent() for home in houses]
