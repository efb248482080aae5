"""Which cases a tab shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from datetime import timedelta

import pytest

from mock_portal.advance import advance
from mock_portal.classic.skin import ClassicSkin
from mock_portal.data.accounts import ACCOUNTS
from mock_portal.data.model import Case
from mock_portal.data.model import Status
from mock_portal.listing import SORT_KEYS
from mock_portal.listing import ListQuery
from mock_portal.listing import Tab
from mock_portal.world import World

MakeWorld = Callable[..., World]


def ids(cases: tuple[Case, ...]) -> set[str]:
    return {case.id for case in cases}


def test_first_tabs_show_the_window(make_world: MakeWorld) -> None:
    """What was opened or resolved in the last 30 days, and nothing else, is in the first tab."""
    world = make_world(cases=200)
    line = world.settings.now - timedelta(days=30)
    book = world.book(ACCOUNTS[0])
    expected = {
        case.id for case in book.listed() if case.created >= line or (case.closed is not None and case.closed >= line)
    }

    shown = ids(world.listing(ACCOUNTS[0]).find(ListQuery(tab=Tab.ALL)).cases)

    assert shown == expected
    assert len(shown) < 200


def test_filter_tab_reaches_everything(make_world: MakeWorld) -> None:
    """The widest date range shows every case; the other tabs are parts of it."""
    world = make_world(cases=200)
    listing = world.listing(ACCOUNTS[0])
    everything = ids(listing.find(ListQuery(tab=Tab.FILTERED, range="all")).cases)

    assert len(everything) == 200
    for tab in Tab:
        assert ids(listing.find(ListQuery(tab=tab)).cases) < everything


def test_without_a_window_the_first_tab_is_complete(make_world: MakeWorld) -> None:
    """`--window none` shows every case at once."""
    world = make_world(cases=80, window_days=None)

    assert world.listing(ACCOUNTS[0]).count(Tab.ALL) == 80


def test_own_and_attention(make_world: MakeWorld) -> None:
    """The second tab holds the user's own cases, the third those that wait for the seller or cannot go on."""
    listing = make_world(window_days=None).listing(ACCOUNTS[0])

    assert {case.owner for case in listing.everything(Tab.MINE)} == {ACCOUNTS[0].user}
    waiting = {case.status for case in listing.everything(Tab.ATTENTION)}
    assert waiting == {Status.NEEDS_ATTENTION, Status.NOT_POSSIBLE}


def test_search_looks_at_subjects_and_ids_only(make_world: MakeWorld) -> None:
    """A word that stands only in messages finds nothing, as at the original."""
    world = make_world()
    case = world.book(ACCOUNTS[0]).listed()[0]
    listing = world.listing(ACCOUNTS[0])

    def found(text: str) -> set[str]:
        return ids(listing.find(ListQuery(tab=Tab.FILTERED, range="all", text=text)).cases)

    assert case.id in found(case.subject[:12].upper())
    assert found(case.id) == {case.id}
    assert found("Selling Partner Support") == set()


def test_statuses_combine(make_world: MakeWorld) -> None:
    """Two statuses give the cases of both."""
    listing = make_world().listing(ACCOUNTS[0])
    wanted = frozenset({Status.OPEN, Status.CLOSED})

    cases = listing.find(ListQuery(tab=Tab.FILTERED, range="all", statuses=wanted)).cases

    assert {case.status for case in cases} == wanted


def test_custom_range_is_in_the_accounts_zone(make_world: MakeWorld) -> None:
    """Days are the account's days, both ends included, and split ranges lose nothing."""
    listing = make_world(cases=200).listing(ACCOUNTS[0])
    everything = listing.everything(Tab.FILTERED)

    early = listing.find(ListQuery(tab=Tab.FILTERED, range="custom", until=date(2026, 2, 1))).cases
    late = listing.find(ListQuery(tab=Tab.FILTERED, range="custom", since=date(2026, 2, 2))).cases

    assert ids(early) | ids(late) == ids(everything)
    assert not ids(early) & ids(late)


def test_cap_cuts_and_says_so(make_world: MakeWorld) -> None:
    """A capped result holds the first cases and admits that there are more; the truth is not capped."""
    listing = make_world(cases=50, cap=20).listing(ACCOUNTS[0])

    found = listing.find(ListQuery(tab=Tab.FILTERED, range="all"))

    assert (len(found.cases), found.capped, len(listing.everything(Tab.FILTERED))) == (20, True, 50)


@pytest.mark.parametrize("sort", SORT_KEYS)
@pytest.mark.parametrize("descending", [True, False])
def test_capped_tabs_hold_the_same_in_every_order(make_world: MakeWorld, sort: str, descending: bool) -> None:
    """Whatever order is asked for, a capped tab shows its newest cases: those that the truth names."""
    listing = make_world(cases=60, cap=3).listing(ACCOUNTS[0])

    for tab in (Tab.ALL, Tab.MINE, Tab.ATTENTION):
        found = listing.find(ListQuery(tab=tab, sort=sort, descending=descending))
        assert (ids(listing.everything(tab)), True) == (ids(found.cases), found.capped)


@pytest.mark.parametrize("key", SORT_KEYS)
def test_sorting_is_stable_both_ways(make_world: MakeWorld, key: str) -> None:
    """Both directions show the same cases, and equal keys keep an order of their own."""
    listing = make_world().listing(ACCOUNTS[0])

    down = listing.find(ListQuery(tab=Tab.FILTERED, range="all", sort=key)).cases
    up = listing.find(ListQuery(tab=Tab.FILTERED, range="all", sort=key, descending=False)).cases

    assert ids(down) == ids(up)
    assert (down[0] is up[-1]) or (getattr(down[0], key) == getattr(up[-1], key))


def test_answers_follow_changes(make_world: MakeWorld) -> None:
    """A list asked for again after a change shows the change."""
    world = make_world()
    listing = world.listing(ACCOUNTS[0])
    before = listing.count(Tab.ALL)

    advance(world, ClassicSkin(), {"new_cases": 1})

    assert listing.count(Tab.ALL) == before + 1
