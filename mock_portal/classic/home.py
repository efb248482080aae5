"""The home page, with the two ways to the case log."""

from __future__ import annotations

from aiohttp import web

from mock_portal.listing import Tab
from mock_portal.site.pages import render
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import get


class HomePages:
    """`/` and `/home`."""

    def routes(self) -> list[Route]:
        return [get("/", self.root, Tag.PUBLIC), get("/home", self.home, Tag.DOCUMENT)]

    async def root(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/home")

    async def home(self, request: web.Request) -> web.StreamResponse:
        here = visit(request)
        person = next(person for person in here.account.team if person.email == here.account.user)
        return render(request, "classic/home.html", person=person, attention=here.listing.count(Tab.ATTENTION))
