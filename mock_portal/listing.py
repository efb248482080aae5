"""Which cases a tab shows, in which order, on which page.

The first three tabs show what was opened or resolved within the window (30 days by default); the filter tab has a
date range of its own. Text is looked for in subjects and ids only, never in messages: as in the original.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from mock_portal.book import CaseBook
from mock_portal.data.model import Case
from mock_portal.data.model import Status


class Tab(StrEnum):
    """The four tabs; the values are the names that control and truth use."""

    ALL = "all"
    MINE = "mine"
    ATTENTION = "attention"
    FILTERED = "filtered"


#: days; None = everything. The first key is what the filter tab shows before anybody chose.
RANGES: dict[str, int | None] = {"30d": 30, "7d": 7, "90d": 90, "12m": 365, "all": None, "custom": None}
ROWS_PER_PAGE = (10, 25, 50, 100)
SORT_KEYS = ("updated", "created", "id", "subject", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What the visitor asked for. Filters are looked at in the filter tab only; text in every tab."""

    tab: Tab = Tab.ALL
    text: str = ""
    statuses: frozenset[Status] = frozenset()
    email: str = ""
    range: str = "30d"
    since: date | None = None
    until: date | None = None
    sort: str = "updated"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """What matches, in order. `capped`: more does, and the portal shows no more than the newest so many."""

    cases: tuple[Case, ...]
    capped: bool


class Listing:
    """Answers queries about one book; answers are kept until the book changes."""

    def __init__(self, book: CaseBook, *, window_days: int | None, cap: int | None) -> None:
        self._book = book
        self._window_days = window_days
        self._cap = cap
        self._kept: dict[ListQuery, Listed] = {}
        self._kept_for: object = None

    def find(self, query: ListQuery) -> Listed:
        state = (self._book.version, self._book.clock.day_line())
        if state != self._kept_for:
            self._kept, self._kept_for = {}, state
        found = self._kept.get(query)
        if found is None:
            found = self._kept[query] = self._search(query)
        return found

    def count(self, tab: Tab) -> int:
        return len(self.find(ListQuery(tab=tab)).cases)

    def everything(self, tab: Tab) -> tuple[Case, ...]:
        """What a tab holds for a visitor who goes to its limits: widest range, a capped filter tab split.

        The other tabs have no ranges to split: where they are capped, nobody finds more in them than they show.
        """
        query = ListQuery(tab=tab, range="all")
        return tuple(self._matching(query)) if tab is Tab.FILTERED else self.find(query).cases

    def _search(self, query: ListQuery) -> Listed:
        matching = sorted(self._matching(query), key=lambda case: case.id)
        capped = self._cap is not None and len(matching) > self._cap
        # cut before sorting: what a tab holds must not depend on the order that somebody asked for
        newest = sorted(matching, key=_sort_keys["created"], reverse=True)[: self._cap] if capped else matching
        return Listed(tuple(sorted(newest, key=_sort_keys[query.sort], reverse=query.descending)), capped)

    def _matching(self, query: ListQuery) -> list[Case]:
        cases = self._book.listed()
        if query.tab is Tab.FILTERED:
            cases = self._filtered(cases, query)
        elif self._window_days is not None:
            cases = [case for case in cases if self._within(case, self._window_days)]
        if query.tab is Tab.MINE:
            cases = [case for case in cases if case.owner == self._book.account.user]
        if query.tab is Tab.ATTENTION:
            cases = [case for case in cases if case.status.awaits_seller]
        if query.text:
            wanted = query.text.casefold()
            cases = [case for case in cases if wanted in case.subject.casefold() or wanted == case.id]
        return cases

    def _filtered(self, cases: list[Case], query: ListQuery) -> list[Case]:
        if query.statuses:
            cases = [case for case in cases if case.status in query.statuses]
        if query.email:
            cases = [case for case in cases if query.email.casefold() in case.owner.casefold()]
        if query.range == "custom":
            zone = ZoneInfo(self._book.account.time_zone)
            first, last = query.since or date.min, query.until or date.max
            return [case for case in cases if first <= case.created.astimezone(zone).date() <= last]
        days = RANGES[query.range]
        return cases if days is None else [case for case in cases if self._within(case, days)]

    def _within(self, case: Case, days: int) -> bool:
        line = self._book.clock.day_line() - timedelta(days=days)
        return case.created >= line or (case.closed is not None and case.closed >= line)


_sort_keys = {
    # equal minutes: what was opened later is newer
    "updated": lambda case: (case.updated, case.created),
    "created": lambda case: case.created,
    "id": lambda case: case.id,
    "subject": lambda case: case.subject.casefold(),
    "status": lambda case: case.status.value,
}
