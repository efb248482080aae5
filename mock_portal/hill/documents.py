"""The pages themselves: shells with a header that paints late; scripts fill the rest."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mock_portal.data.accounts import Permission
from mock_portal.data.model import Status
from mock_portal.hill.search import SERVICE
from mock_portal.hill.search import lobby_query
from mock_portal.listing import RANGES
from mock_portal.listing import ROWS_PER_PAGE
from mock_portal.listing import Tab as CaseTab
from mock_portal.site import submissions
from mock_portal.site.downloads import saved_as
from mock_portal.site.export import XLSX
from mock_portal.site.export import workbook
from mock_portal.site.pages import denied
from mock_portal.site.pages import not_found
from mock_portal.site.pages import render
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import get

#: what each layout shows, by the part of the cell's class that says so, with the word of its head
COLUMNS = {
    "seller-central": {
        "creationDate": "column_created",
        "caseId": "column_id",
        "status": "column_status",
        "primaryEmail": "column_email",
        "shortDescription": "column_subject",
    },
    "brand-registry": {
        "caseId": "column_id",
        "status": "column_status",
        "shortDescription": "column_subject",
        "creationDate": "column_created",
        "lastReply": "column_last_reply",
    },
}


class Documents:
    """Every address that a person types or follows."""

    def routes(self) -> list[Route]:
        return [
            get("/", self.root, Tag.PUBLIC),
            get("/home", self.home, Tag.DOCUMENT),
            get("/cu/case-lobby", self.lobby, Tag.DOCUMENT),
            get("/cu/case-lobby/export", self.export, Tag.FILE),
            get("/gp/case-dashboard/lobby.html", self.old_lobby, Tag.PUBLIC),
            get("/cu/case-dashboard/view-case", self.case, Tag.DOCUMENT),
            get("/gp/case-dashboard/view-case.html", self.old_case, Tag.PUBLIC),
            get("/gp/case-dashboard/view-case.html/{rest:.*}", self.old_case, Tag.PUBLIC),
            get("/cu/contact-us", self.old_contact, Tag.DOCUMENT),
            get("/assistant", self.contact, Tag.DOCUMENT),
            get("/cu/contact-us/assistant", self.contact_frame, Tag.DOCUMENT),
            get("/cu/contact-us/form", self.contact_form, Tag.DOCUMENT),
        ]

    async def root(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/home")

    async def old_lobby(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/cu/case-lobby")

    async def old_case(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"/cu/case-dashboard/view-case?{request.query_string}")

    async def home(self, request: web.Request) -> web.StreamResponse:
        attention = visit(request).listing.count(CaseTab.ATTENTION)
        return render(request, "hill/home.html", attention=attention)

    async def lobby(self, request: web.Request) -> web.StreamResponse:
        settings, words = visit(request).portal.settings, visit(request).words
        return render(
            request,
            "hill/lobby.html",
            page_data=page_data(
                request,
                sizes=list(ROWS_PER_PAGE),
                ranges=list(RANGES),
                statuses=[(status.value, words.text(f"status_{status.value}")) for status in Status],
                # pairs: a template sorts the keys of an object
                columns=list(COLUMNS[settings.lobby].items()),
                windowDays=settings.window_days,
                cap=settings.cap,
            ),
        )

    async def case(self, request: web.Request) -> web.StreamResponse:
        here = visit(request)
        self._switch_marketplace(request)
        if here.book.get(request.query.get("caseID", "")) is None:
            return not_found(request)
        return render(request, "hill/case.html")

    async def export(self, request: web.Request) -> web.StreamResponse:
        here, given = visit(request), request.query
        # the address that the lobby's script writes, in the words of the JSON that it asks for
        filters: dict[str, Any] = {
            "lobbyTab": given.get("tab"),
            "searchText": given.get("searchText"),
            "caseStatus": given["status"].split(",") if given.get("status") else None,
            "primaryEmail": given.get("email"),
            "dateRange": given.get("dateRange"),
            "from": given.get("from"),
            "to": given.get("to"),
        }
        column = given.get("sortFilter", "")
        sorting = {"sortBy": column[:1].upper() + column[1:], "sortByOrder": given.get("sortByAscOrDesc")}
        cases = here.listing.find(lobby_query(filters, sorting)).cases
        return saved_as(workbook(here, cases), "case-log.xlsx", XLSX)

    async def old_contact(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/assistant?client=sellerSupport-meldFullPage")

    async def contact(self, request: web.Request) -> web.StreamResponse:
        if visit(request).account.permission is Permission.VIEW_ONLY:
            return denied(request)
        return render(request, "hill/contact.html")

    async def contact_frame(self, request: web.Request) -> web.StreamResponse:
        return _for_new_cases(request, "hill/contact_frame.html")

    async def contact_form(self, request: web.Request) -> web.StreamResponse:
        return _for_new_cases(request, "hill/contact_form.html")

    def _switch_marketplace(self, request: web.Request) -> None:
        """Links in e-mails name a marketplace and switch the whole session to it."""
        here = visit(request)
        wanted = request.query.get("mons_sel_mkid", "").removeprefix("amzn1.mp.o.")
        assert here.session is not None
        for account in here.portal.world.accounts_of(here.account.user):
            if account.marketplace_id == wanted:
                here.session.account = account


def _for_new_cases(request: web.Request, template: str) -> web.StreamResponse:
    allowed = visit(request).account.permission is Permission.FULL
    return render(request, template) if allowed else denied(request)


def page_data(request: web.Request, **more: Any) -> dict[str, Any]:
    """What the scripts need to know; the header's names are part of it and painted late."""
    here = visit(request)
    rules = submissions.RULES
    return {
        "service": SERVICE,
        "signIn": here.portal.skin.sign_in_path,
        "words": here.words.strings,
        "store": here.header[0] if here.header else here.account.store,
        "marketplace": here.header[1] if here.header else here.account.marketplace,
        "canOpenCases": here.account.permission is Permission.FULL,
        "categories": list(submissions.CATEGORIES),
        "thousands": here.words.digits,
        "fileRules": {"files": rules.files, "megabytes": rules.megabytes, "types": list(rules.types)},
        **more,
    }
