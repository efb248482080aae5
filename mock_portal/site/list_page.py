"""One page of a case list, with everything that faults do to it. Both skins read lists through here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mock_portal.data.model import Case
from mock_portal.listing import ListQuery
from mock_portal.listing import Tab
from mock_portal.site.portal import Visit
from mock_portal.site.view_faults import hidden_ids
from mock_portal.site.view_faults import shift_list
from mock_portal.site.view_faults import shown_rows


@dataclass(frozen=True, slots=True)
class ListPage:
    """`rows` may be fewer than `first` to `last` promise: that is what some faults do."""

    rows: Sequence[Case]
    number: int
    count: int
    first: int
    last: int
    total: int
    capped: bool
    badges: dict[Tab, int]


def read_page(here: Visit, query: ListQuery, *, wanted: int, size: int) -> ListPage:
    """The page of that number, or the nearest one that exists."""
    shift_list(here, query)
    hidden = hidden_ids(here)
    found = here.listing.find(query)
    cases = _without(found.cases, hidden)
    count = max(1, -(-len(cases) // size))
    number = min(max(1, wanted), count)
    rows = cases[(number - 1) * size : number * size]
    return ListPage(
        rows=shown_rows(here, rows),
        number=number,
        count=count,
        first=(number - 1) * size + 1 if rows else 0,
        last=(number - 1) * size + len(rows),
        total=len(cases),
        capped=found.capped,
        badges={tab: len(_without(here.listing.find(ListQuery(tab=tab)).cases, hidden)) for tab in Tab}
        | {query.tab: len(cases)},
    )


def _without(cases: Sequence[Case], hidden: frozenset[str]) -> Sequence[Case]:
    return [case for case in cases if case.id not in hidden] if hidden else cases


def page_number(text: str | None, default: int) -> int:
    """What is no number means the default, as portals do."""
    return int(text) if text and text.isascii() and text.isdigit() else default
