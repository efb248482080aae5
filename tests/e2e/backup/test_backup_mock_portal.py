"""Backups of the mock portal through real browsers, against its own truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.extract.snapshot import Engine
from storage.journal import RunOutcome
from storage.records import Tab
from tests.e2e.backup.real_house import RealHouse

Start = Callable[..., tuple[Any, RealHouse]]


@pytest.mark.long
@pytest.mark.parametrize("engine", [Engine.CHROMIUM, pytest.param(Engine.FIREFOX, marks=pytest.mark.long)])
def test_a_backup_equals_the_portals_truth(mock_house: Start, engine: Engine) -> None:
    """Ids, subjects, statuses, tabs, times, authors, texts and files, in either engine."""
    mock, house = mock_house(cases=12)
    house.start, house.at_once, house.deadline = engine, 4, 15.0

    outcome = house.run()

    assert [] == house.against(mock.truth())
    assert (RunOutcome.COMPLETE, None, ()) == (outcome.outcome, outcome.error, outcome.recoveries)


@pytest.mark.long  # the stories of `tests/soak` have such messages
def test_a_message_that_leaves_its_row_as_it_was_is_found_by_the_next_run(mock_house: Start) -> None:
    """The list says nothing of it, so every open case is read again."""
    mock, house = mock_house(cases=4)
    house.run()
    case_id = next(case["id"] for case in mock.truth()["cases"] if case["status_key"] != "closed")
    before = rows_of(mock, case_id)
    mock.advance(messages=[{"case": case_id, "text": "One more thing.", "touch": False}])
    assert before == rows_of(mock, case_id)

    outcome = house.run()

    assert (RunOutcome.COMPLETE, 1) == (outcome.outcome, outcome.counts.changed)
    assert "One more thing." in house.bodies(case_id)


@pytest.mark.long
def test_a_case_removed_from_page_two_while_page_three_is_read_is_not_taken_for_absent(mock_house: Start) -> None:
    """A case of page three slides to page two, where nobody looks again: the totals tell, the tab is listed again."""
    mock, house = mock_house(cases=25, window_days=None)
    house.rows, house.at_once = 10, 4
    house.run()
    listed = mock.truth()["tabs"]["filtered"]["ids"]
    removed = listed[14]
    mock.set_faults(
        {"kind": "page_shift", "how": "remove", "ids": [removed], "path": "tab=filtered.*page=3", "times": 1}
    )

    outcome = house.run()

    certificate = outcome.certificates[Tab.FILTERED]
    assert (24, 24, True) == (certificate.listed, certificate.total, certificate.ok)
    assert 0 == outcome.counts.absent
    assert {} == house.absences()


@pytest.mark.long  # `tests/unit/backup/test_marking.py` shows it without a browser
def test_absence_is_proved_by_the_cases_own_link(mock_house: Start) -> None:
    """Unlisted where the link opens, gone where it does not; a return ends the absence."""
    mock, house = mock_house(cases=4, window_days=None)
    house.run()
    first, second = (case["id"] for case in mock.truth()["cases"][:2])
    mock.advance(unlist=[first], remove=[second])

    outcome = house.run()
    absences = house.absences()
    mock.advance(restore=[first, second])
    back = house.run()

    assert (RunOutcome.COMPLETE, 2) == (outcome.outcome, outcome.counts.absent)
    assert {first: "case_unlisted", second: "case_gone"} == absences
    assert {} == house.absences()
    assert RunOutcome.COMPLETE is back.outcome


@pytest.mark.long
def test_a_capped_list_is_split_until_all_cases_are_seen(mock_house: Start) -> None:
    """The filter tab shows at most five cases at a time; by its dates all eight are listed, with a certificate."""
    _, house = mock_house(cases=8, window_days=None, cap=5)

    outcome = house.run(tab=Tab.FILTERED)

    certificate = outcome.certificates[Tab.FILTERED]
    assert (8, True) == (certificate.listed, certificate.ok)
    assert 8 == len(house.archived())


def rows_of(mock: Any, case_id: str) -> list[Any]:
    """What the list shows of a case."""
    return [(case["status"], case["updated"]) for case in mock.truth()["cases"] if case["id"] == case_id]
