"""Which cases may be absent, and which losses are not believed: pure."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agent.backup.absence import Losses
from agent.backup.absence import Missing
from agent.backup.absence import Shrink
from agent.backup.absence import find_missing
from agent.backup.absence import find_shrink
from storage.archive import AbsenceKind
from storage.journal import Certificate
from storage.records import Tab
from tests.unit.backup.test_plan import LONG_AGO
from tests.unit.backup.test_plan import state_of

HISTORY = frozenset({Tab.FILTERED})


def proofs(listed: int = 0, *, tab: Tab = Tab.FILTERED, ok: bool = True) -> Mapping[Tab, Certificate]:
    return {tab: Certificate(tab=tab, listed=listed, total=listed, ok=ok)}


def test_an_archived_case_that_no_list_shows_is_missing() -> None:
    """Known absences are no news; those whose link opened are named apart, unless they are listed again."""
    beside = state_of("4", absent_since=LONG_AGO, absence=AbsenceKind.UNLISTED)
    states = {
        "1": state_of("1"),
        "2": state_of("2"),
        "3": state_of("3", absent_since=LONG_AGO, absence=AbsenceKind.GONE),
        "4": beside,
    }

    assert Missing(case_ids=("2",), unlisted=(beside,), present=2) == find_missing(states, {"1"}, proofs(), HISTORY)
    assert Missing(case_ids=("2",), present=2) == find_missing(states, {"1", "4"}, proofs(), HISTORY)


@pytest.mark.parametrize(
    ("certificates", "history"),
    [
        (proofs(ok=False), HISTORY),
        ({}, HISTORY),
        (proofs(tab=Tab.ALL), HISTORY),
        (proofs(), frozenset({Tab.FILTERED, Tab.ALL})),
        (proofs(), frozenset()),
    ],
    ids=["not ok", "not listed", "another tab's", "one of two", "no tab holds everything"],
)
def test_without_a_certificate_for_every_history_tab_nothing_is_missing(
    certificates: Mapping[Tab, Certificate], history: frozenset[Tab]
) -> None:
    """Half a list says nothing about the other half, and its cases do not count among those that are still there."""
    states = {"1": state_of("1"), "2": state_of("2", absent_since=LONG_AGO, absence=AbsenceKind.UNLISTED)}

    assert Missing() == find_missing(states, set(), certificates, history)


@pytest.mark.parametrize(
    ("cases", "gone", "outage"),
    [(20, 4, False), (20, 5, True), (100, 5, True), (101, 5, False), (5, 5, True)],
)
def test_an_outage_takes_both_a_count_and_a_share(cases: int, gone: int, outage: bool) -> None:
    """A few of many go by themselves, and a few of few are a few."""
    states = {str(number): state_of(str(number)) for number in range(cases)}
    listed = {str(number) for number in range(gone, cases)}

    assert outage is find_missing(states, listed, proofs(), HISTORY).outage
    assert not find_missing(states, listed, proofs(), HISTORY, accept_shrink=True).outage


@pytest.mark.parametrize(
    ("before", "now", "shrunken"),
    [(50, 40, True), (50, 41, False), (51, 41, False), (1000, 801, False), (1000, 800, True), (40, 50, False)],
)
def test_a_shrink_takes_both_a_count_and_a_share(before: int, now: int, shrunken: bool) -> None:
    """Ten cases and a fifth of them."""
    expected = Shrink(Tab.FILTERED, before, now) if shrunken else None

    assert expected == find_shrink(proofs(before), proofs(now).values(), HISTORY)


def test_only_certified_history_tabs_can_shrink() -> None:
    """The other tabs show a window of days, and an uncertified listing is no count."""
    assert find_shrink(proofs(50, tab=Tab.ALL), proofs(0, tab=Tab.ALL).values(), HISTORY) is None
    assert find_shrink(proofs(50), proofs(0, ok=False).values(), HISTORY) is None
    assert find_shrink({}, proofs(0).values(), HISTORY) is None


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ([(4, 50), (4, 50), (4, 50)], [False, False, True]),
        ([(4, 50), (0, 50), (4, 50), (0, 9), (2, 9)], [False, False, False, False, True]),
        ([(12, 50)], [False]),
        ([(4, 500), (4, 500), (4, 500)], [False, False, False]),
        ([(1, 50)] * 9, [False] * 9),
        ([(9, 50), (9, 50), (0, 50), (0, 500)], [False, True, True, False]),
    ],
    ids=["three lose some", "between them nobody", "one alone", "a small share", "a few in all", "the total decides"],
)
def test_several_accounts_that_lose_cases_at_once(lost: list[tuple[int, int]], expected: list[bool]) -> None:
    """From the account on with which many are lost, and a share of all, it is the portal that lost them."""
    losses = Losses()

    assert expected == [losses.add(missing, present) for missing, present in lost]
