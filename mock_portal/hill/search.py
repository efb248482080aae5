"""`SearchForCases`: the rows behind the lobby.

Known: page (from 0), size, sort, `caseOwner`, `searchText`. Chosen here: `lobbyTab`, `caseStatus`, `primaryEmail`,
`dateRange`, the page and size that were served, and the keys of a row that carry an address, a date or a status as the
page prints it: `status` knows fewer shades than people see.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from typing import TypeVar

from aiohttp import web

from mock_portal.data.model import Case
from mock_portal.data.model import Role
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
        query = lobby_query(part(wanted, "caseFilters", {}), wanted)
        size = part(wanted, "searchPageSize", 10)
        size = size if size in ROWS_PER_PAGE else 10
        page = read_page(here, query, wanted=part(wanted, "page", 0) + 1, size=size)
        found: dict[str, Any] = {
            "totalNumberOfResults": page.total,
            "resultsCapped": page.capped,
            # what was shown may be another page than the one that was asked for
            "page": page.number - 1,
            "searchPageSize": size,
        }
        if not part(wanted, "getCountOnly", False):
            found["caseSearchResultList"] = [_row(here, case) for case in page.rows]
        return web.json_response(found)


async def read_json(request: web.Request) -> dict[str, Any]:
    try:
        content = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise bad_request("no JSON") from error
    if not isinstance(content, dict):
        raise bad_request("no object")
    return content


T = TypeVar("T")


def part(content: dict[str, Any], key: str, usual: T) -> T:
    """What stands under `key`, or what is usual; another type than the usual one's is refused."""
    value = content.get(key)
    if value is None:
        return usual
    if type(value) is not type(usual) or (isinstance(value, list) and not all(isinstance(each, str) for each in value)):
        raise bad_request(f"{key}: {type(value).__name__}")
    return value


def bad_request(message: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"message": message}), content_type="application/json")


def lobby_query(filters: dict[str, Any], sorting: dict[str, Any]) -> ListQuery:
    names = part(filters, "caseStatus", [""])
    ranged = part(filters, "dateRange", "30d")
    return ListQuery(
        tab=TABS.get(part(filters, "lobbyTab", "all_cases"), Tab.ALL),
        text=part(filters, "searchText", "").strip(),
        statuses=frozenset(status for status in Status if {status.value, status.api_name} & set(names)),
        email=part(filters, "primaryEmail", "").strip(),
        range=ranged if ranged in RANGES else "30d",
        since=_date(part(filters, "from", "")),
        until=_date(part(filters, "to", "")),
        sort=_SORT.get(part(sorting, "sortBy", "CreationDate"), "created"),
        descending=part(sorting, "sortByOrder", "DESC") != "ASC",
    )


def _row(here: Visit, case: Case) -> dict[str, Any]:
    row = {
        "caseId": case.id,
        "status": case.status.api_name,
        "statusText": here.portal.skin.status_word(case.status, here.words),
        "isFinal": case.status.is_final,
        "shortDescription": case.subject,
        "creationDate": int(case.created.timestamp()),
        "primaryEmail": case.owner,
        "creationDateText": here.words.date(case.created, here.account.time_zone, "lobby"),
    }
    if here.portal.settings.lobby == "brand-registry":
        replies = [message.time for message in case.thread if message.role is Role.PORTAL]
        zone = here.account.time_zone
        row["lastReplyText"] = here.words.date(replies[-1], zone, "minute") if replies else here.words.text("no_reply")
    return row


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
