"""Looking for a case's list row ends, whatever the portal shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.recovery.rows import find_rows
from storage.records import Tab
from tests.unit.recovery.scripted_portal import ScriptedCase
from tests.unit.recovery.scripted_portal import ScriptedPortal

Run = Callable[..., Any]
TABS = (Tab.ALL, Tab.FILTERED)


def six_cases() -> ScriptedPortal:
    return ScriptedPortal([ScriptedCase(str(number)) for number in range(1, 7)], page_size=2)


def test_only_the_pages_up_to_the_last_row_are_read(run_async: Run) -> None:
    """The rows that are wanted are handed over, and no others."""
    portal = six_cases()

    rows = run_async(find_rows(portal, portal.read, TABS, {"1", "3"}))

    assert {case.case_id: case.summary() for case in portal.cases[0:3:2]} == rows
    assert ["/list/all?page=1", "/list/all?page=2"] == portal.reads()


def test_nothing_wanted_is_nothing_read(run_async: Run) -> None:
    """Where a case's page says everything, no list is opened."""
    portal = six_cases()

    assert {} == run_async(find_rows(portal, portal.read, TABS, frozenset()))
    assert [] == portal.reads()


def test_a_last_page_that_is_repeated_for_ever_ends_the_search(run_async: Run) -> None:
    """Some portals answer every number beyond the end with their last page, and name a next one."""
    portal = six_cases()

    async def read(request: PageRequest) -> Reading:
        shown = await portal.read(replace(request, number=min(request.number, 3)))
        return replace(shown, next=replace(request, number=request.number + 1))

    assert {} == run_async(find_rows(portal, read, TABS, {"9"}))
    assert [f"/list/{tab}?page=1" for tab in TABS for _ in range(4)] == portal.reads()


def test_a_person_who_wants_an_end_ends_the_search(run_async: Run) -> None:
    """No page is read after it."""
    portal = six_cases()

    assert {} == run_async(find_rows(portal, portal.read, TABS, {"9"}, finishing=lambda: len(portal.reads()) == 2))
    assert 2 == len(portal.reads())
