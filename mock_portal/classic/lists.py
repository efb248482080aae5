"""The case log: tabs, search, filters, pages, export."""

from __future__ import annotations

from datetime import date
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from mock_portal.data.model import Status
from mock_portal.listing import RANGES
from mock_portal.listing import ROWS_PER_PAGE
from mock_portal.listing import SORT_KEYS
from mock_portal.listing import ListQuery
from mock_portal.listing import Tab
from mock_portal.site.downloads import saved_as
from mock_portal.site.export import XLSX
from mock_portal.site.export import workbook
from mock_portal.site.list_page import page_number
from mock_portal.site.list_page import read_page
from mock_portal.site.pages import render
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import get


class ListPages:
    """`/cases` and its export."""

    def routes(self) -> list[Route]:
        return [
            get("/cases", self.cases, Tag.DOCUMENT, Tag.LIST),
            get("/cases/export", self.export, Tag.FILE),
        ]

    async def cases(self, request: web.Request) -> web.StreamResponse:
        here, query = visit(request), list_query(request.query)
        size = page_number(request.query.get("rows"), 10)
        size = size if size in ROWS_PER_PAGE else 10
        page = read_page(here, query, wanted=page_number(request.query.get("page"), 1), size=size)
        settings = here.portal.settings
        return render(
            request,
            "classic/cases.html",
            query=query,
            page=page,
            size=size,
            link=_link(query, size),
            account=here.account,
            window_days=settings.window_days,
            cap=settings.cap,
            tabs=Tab,
            statuses=Status,
            ranges=RANGES,
            sizes=ROWS_PER_PAGE,
            created="created" in request.query,
        )

    async def export(self, request: web.Request) -> web.StreamResponse:
        here = visit(request)
        cases = here.listing.find(list_query(request.query)).cases
        return saved_as(workbook(here, cases), "case-log.xlsx", XLSX)


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
        # `from` is no name in Python
        named = {{"since": "from", "until": "to"}.get(key, key): value for key, value in changed.items()}
        return [(key, value) for key, value in (base | named).items() if value not in ("", [], None)]

    return link


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
