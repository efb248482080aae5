"""`SearchForCases`: the rows behind the lobby.

Known: page (from 0), size, sort, `caseOwner`, `searchText`. Chosen here: `lobbyTab`, `caseStatus`, `primaryEmail`,
`dateRange` and the keys of a row that carry an address or a date as the page prints it.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from aiohttp import web

from mock_portal.data.model import Case
from mock_portal.data.model import Status
from mock_portal.listing import RANGES
from mock_portal.listing import ROWS_PER_PAGE
from mock_portal.listing import ListQuery
from mock_portal.listing import Tab
from mock_portal.site.list_page import read_page
from mock_portal.site.portal import Visit
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import post

SERVICE = "/hill/hillservice/mons-api"

#: the tabs by the ids that the lobby gives them
TABS = {
    "all_cases": Tab.ALL,
    "your_cases": Tab.MINE,
    "cases_needing_attention": Tab.ATTENTION,
    "filter_all_cases": Tab.FILTERED,
}
_SORT = {"CreationDate": "created", "CaseId": "id", "ShortDescription": "subject", "Status": "status"}


class SearchData:
    """One endpoint."""

    def routes(self) -> list[Route]:
        return [post(f"{SERVICE}/SearchForCases", self.search, Tag.DATA, Tag.LIST)]

    async def search(self, request: web.Request) -> web.StreamResponse:
        here, wanted = visit(request), await read_json(request)
        query = lobby_query(wanted.get("caseFilters", {}), wanted)
        size = wanted.get("searchPageSize", 10)
        page = read_page(
            here,
            query,
            wanted=int(wanted.get("page", 0)) + 1,
            size=size if size in ROWS_PER_PAGE else 10,
        )
        found: dict[str, Any] = {"totalNumberOfResults": page.total, "resultsCapped": page.capped}
        if not wanted.get("getCountOnly", False):
            found["caseSearchResultList"] = [_row(here, case) for case in page.rows]
        return web.json_response(found)


async def read_json(request: web.Request) -> dict[str, Any]:
    try:
        content = json.loads(await request.text() or "{}")
    except json.JSONDecodeError as error:
        raise web.HTTPBadRequest(text="no JSON") from error
    if not isinstance(content, dict):
        raise web.HTTPBadRequest(text="no object")
    return content


def lobby_query(filters: dict[str, Any], sorting: dict[str, Any]) -> ListQuery:
    names = filters.get("caseStatus", [])
    ranged = filters.get("dateRange", "30d")
    return ListQuery(
        tab=TABS.get(filters.get("lobbyTab", "all_cases"), Tab.ALL),
        text=str(filters.get("searchText") or "").strip(),
        statuses=frozenset(status for status in Status if status.api_name in names),
        email=str(filters.get("primaryEmail") or "").strip(),
        range=ranged if ranged in RANGES else "30d",
        since=_date(filters.get("from")),
        until=_date(filters.get("to")),
        sort=_SORT.get(sorting.get("sortBy", "CreationDate"), "created"),
        descending=sorting.get("sortByOrder", "DESC") != "ASC",
    )


def _row(here: Visit, case: Case) -> dict[str, Any]:
    return {
        "caseId": case.id,
        "status": case.status.api_name,
        "shortDescription": case.subject,
        "creationDate": int(case.created.timestamp()),
        "primaryEmail": case.owner,
        "creationDateText": here.words.date(case.created, here.account.time_zone, "lobby"),
    }


def _date(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
