"""The case log: tabs, search, filters, pages, export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from mock_portal.classic.export import workbook
from mock_portal.data.model import Case
from mock_portal.data.model import Status
from mock_portal.listing import RANGES
from mock_portal.listing import ROWS_PER_PAGE
from mock_portal.listing import SORT_KEYS
from mock_portal.listing import ListQuery
from mock_portal.listing import Tab
from mock_portal.site.downloads import saved_as
from mock_portal.site.pages import render
from mock_portal.site.portal import Visit
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import get
from mock_portal.site.view_faults import hidden_ids
from mock_portal.site.view_faults import shift_list
from mock_portal.site.view_faults import shown_rows

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `rows` may be fewer than `first` to `last` promise: that is what some faults do."""

    rows: Sequence[Case]
    number: int
    count: int
    first: int
    last: int
    total: int
    capped: bool


class ListPages:
    """`/cases` and its export."""

    def routes(self) -> list[Route]:
        return [
            get("/cases", self.cases, Tag.DOCUMENT, Tag.LIST),
            get("/cases/export", self.export, Tag.FILE),
        ]

    async def cases(self, request: web.Request) -> web.StreamResponse:
        here, query = visit(request), list_query(request.query)
        shift_list(here, query)
        hidden = hidden_ids(here)
        size = _number(request.query.get("rows"), 10)
        size = size if size in ROWS_PER_PAGE else 10
        page = _page(here, query, hidden, _number(request.query.get("page"), 1), size)
        counts = {tab: _count(here, ListQuery(tab=tab), hidden) for tab in Tab}
        counts[query.tab] = page.total
        settings = here.portal.settings
        return render(
            request,
            "classic/cases.html",
            query=query,
            page=page,
            size=size,
            counts=counts,
            link=_link(query, size),
            account=here.account,
            window_days=settings.window_days,
            cap=settings.cap,
            tabs=Tab,
            statuses=Status,
            ranges=RANGES,
            sizes=ROWS_PER_PAGE,
            attention=Status.NEEDS_ATTENTION,
            closed=Status.CLOSED,
        )

    async def export(self, request: web.Request) -> web.StreamResponse:
        here = visit(request)
        cases = here.listing.find(list_query(request.query)).cases
        return saved_as(workbook(here, cases), "case-log.xlsx", _XLSX)


def list_query(given: MultiMapping[str]) -> ListQuery:
    """What does not make sense is ignored, as portals do."""
    statuses = {status.value: status for status in Status}
    ranged = given.get("range", "30d")
    sort = given.get("sort", "updated")
    return ListQuery(
        tab=Tab(given["tab"]) if given.get("tab") in set(Tab) else Tab.ALL,
        text=given.get("q", "").strip(),
        statuses=frozenset(statuses[name] for name in given.getall("status", []) if name in statuses),
        email=given.get("email", "").strip(),
        range=ranged if ranged in RANGES else "30d",
        since=_date(given.get("from")),
        until=_date(given.get("to")),
        sort=sort if sort in SORT_KEYS else "updated",
        descending=given.get("order") != "asc",
    )


def _page(here: Visit, query: ListQuery, hidden: frozenset[str], wanted: int, size: int) -> Page:
    found = here.listing.find(query)
    cases = [case for case in found.cases if case.id not in hidden] if hidden else found.cases
    count = max(1, -(-len(cases) // size))
    number = min(max(1, wanted), count)
    rows = cases[(number - 1) * size : number * size]
    return Page(
        rows=shown_rows(here, rows),
        number=number,
        count=count,
        first=(number - 1) * size + 1 if rows else 0,
        last=(number - 1) * size + len(rows),
        total=len(cases),
        capped=found.capped,
    )


def _count(here: Visit, query: ListQuery, hidden: frozenset[str]) -> int:
    cases = here.listing.find(query).cases
    return sum(case.id not in hidden for case in cases) if hidden else len(cases)


def _link(query: ListQuery, size: int) -> Any:
    """Makes the address of this list with some parameters changed."""
    base: dict[str, Any] = {
        "tab": query.tab.value,
        "q": query.text,
        "status": sorted(status.value for status in query.statuses),
        "email": query.email,
        "range": query.range if query.range != "30d" else "",
        "from": query.since or "",
        "to": query.until or "",
        "sort": query.sort if query.sort != "updated" else "",
        "order": "" if query.descending else "asc",
        "rows": size if size != 10 else "",
    }

    def link(**changed: Any) -> list[tuple[str, Any]]:
        return [(key, value) for key, value in (base | changed).items() if value not in ("", [], None)]

    return link


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else default


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
