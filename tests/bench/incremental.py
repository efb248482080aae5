"""A second run after a few changes: which pages it reads of those that it has to, and its time as a share of the first.

Once with the bundled profile, which trusts no list row, and once with one that says that a row's update time tells.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from math import ceil
from typing import Any

from agent.backup.plan import RECENTLY
from agent.backup.plan import ROTATION
from agent.backup.plan import ROTATION_LEAST
from agent.profile.load import load_profile
from mock_portal.server import MockPortal
from mock_portal.settings import PortalSettings
from storage.records import CaseStatus
from tests.bench.account_home import AccountHome
from tests.bench.measure import Bench
from tests.bench.measure import Row
from tests.bench.measure import WrongResult
from tests.bench.measure import reached
from tests.bench.portal_log import PortalLog

BUNDLED = "mock-classic"
ROW_TELLS = f"""
title = "The mock portal, its list's update time trusted"
extends = "{BUNDLED}"
[list]
changes_with_message = "updated"
"""
MOST_SHARE = 0.03
GOAL_CASES = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the second run has to read, from the portal's truth: list pages, cases, and so many others by rotation."""

    lists: int
    cases: frozenset[str]
    sample: int

    @classmethod
    def of(cls, truth: Mapping[str, Any], changed: frozenset[str], *, row_tells: bool) -> Wanted:
        profile = load_profile(BUNDLED)
        rows = profile.list.page_size.rows if profile.list.page_size is not None else 1
        # Every tab to its end, and its head again: the proof that nothing moved meanwhile.
        lists = sum(ceil(len(tab["ids"]) / rows) + 1 for tab in truth["tabs"].values())
        if row_tells:
            return cls(lists, changed, 0)
        closed = profile.statuses[CaseStatus.CLOSED]
        moving = frozenset(str(case["id"]) for case in truth["cases"] if _moves(case, closed))
        resting = len(truth["cases"]) - len(moving | changed)
        return cls(lists, moving | changed, min(resting, max(ROTATION_LEAST, ceil(resting / ROTATION))))


def _moves(case: Mapping[str, Any], closed: Collection[str]) -> bool:
    """Open, or closed so recently that it may be opened again; `closed` are the portal's words."""
    last = max(datetime.fromisoformat(message["time"]) for message in case["messages"])
    return case["status"] not in closed or last > datetime.now(UTC) - RECENTLY


def measure(bench: Bench) -> Iterator[Row]:
    for name, profile in (("bundled profile", None), ("a profile whose rows tell", ROW_TELLS)):
        yield from _measure(bench, name, profile)


def _measure(bench: Bench, name: str, profile: str | None) -> Iterator[Row]:
    sizes = bench.sizes
    # Short codes: the second sign-in need not wait for the next one.
    with MockPortal(PortalSettings(cases=sizes.archived, otp_period=2)) as portal:
        home = AccountHome.at(portal.ready, bench.folder / f"incremental-{len(name)}", profile=profile)
        home.backup()
        home.check(portal)
        first = PortalLog.of(portal)
        changed = _change(portal, sizes.changed)
        home.backup()
        home.check(portal)
        second = PortalLog.of(portal, after=len(first.requests))
        wanted = Wanted.of(portal.truth(), changed, row_tells=profile is not None)
    if missed := wanted.cases - second.cases:
        raise WrongResult(f"{len(missed)} cases had to be read and were not")
    what = f"{sizes.archived} cases, {sizes.changed} changed, {name}"
    yield _pages(what, second, wanted)
    yield _time(what, first, second, sizes.archived)


def _change(portal: MockPortal, count: int) -> frozenset[str]:
    """The desk writes to cases of every age, closed ones too."""
    ids = [str(case["id"]) for case in portal.truth()["cases"]]
    chosen = ids[:: max(1, len(ids) // count)][:count]
    portal.advance(messages=[{"case": case_id} for case_id in chosen])
    return frozenset(chosen)


def _pages(what: str, second: PortalLog, wanted: Wanted) -> Row:
    sample = second.cases - wanted.cases
    other = len(second.pages) - len(second.lists) - len(second.case_pages)
    twice = len(second.case_pages) - len(set(second.case_pages))
    needless = max(0, len(second.lists) - wanted.lists) + max(0, len(sample) - wanted.sample) + twice
    return Row(
        what=f"{what}: pages read",
        goal="the lists, the open and changed cases, the sample; nothing else",
        measured=f"{len(second.lists)} of lists for {wanted.lists}, {len(second.cases)} cases for "
        f"{len(wanted.cases)} + sample of {wanted.sample}, {other} home: {needless} needless",
        verdict=reached(needless == 0),
        left_out=f"{GOAL_CASES:,} cases",
        figures={"pages": len(second.pages), "requests": len(second.requests)},
    )


def _time(what: str, first: PortalLog, second: PortalLog, cases: int) -> Row:
    before, after = first.seconds_of_cases(), second.seconds_of_cases()
    return Row(
        what=f"{what}: time, start-up and listing apart",
        goal=f"<= {MOST_SHARE:.0%} of the full run's at {GOAL_CASES:,} cases",
        measured=f"{after / before:.1%}; {len(second.cases) / cases:.1%} of the cases were read",
        verdict=reached(after / before <= MOST_SHARE),
        left_out=f"{GOAL_CASES:,} cases",
        figures={"full run s": before, "second run s": after},
    )
