"""Checks that only a person may pass: drawn characters, a code that was sent somewhere, an approval elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from mock_portal.site.effects import HUMAN_COOKIE
from mock_portal.site.effects import ROBOT_PATH
from mock_portal.site.pages import render
from mock_portal.site.pages import see_other
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import get
from mock_portal.site.routing import post

#: drawn on the page
CHARACTERS = "KXBRTM"
#: what would have come by telephone
SENT_CODE = "402817"


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `answer` is what has to be typed; an approval elsewhere needs nothing typed."""

    path: str
    template: str
    answer: str = ""

    def routes(self) -> list[Route]:
        return [get(self.path, self.ask, Tag.PUBLIC), post(self.path, self.hear, Tag.PUBLIC)]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        return self._page(request, request.query.get("returnTo", "/"))

    async def hear(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        return_to = str(form.get("returnTo", "/"))
        inside = return_to if return_to.startswith("/") and not return_to.startswith("//") else "/"
        if str(form.get("answer", "")).strip().upper() != self.answer:
            return self._page(request, inside)
        response = see_other(inside)
        response.set_cookie(HUMAN_COOKIE, "1", httponly=True, samesite="Lax")
        return response

    def _page(self, request: web.Request, return_to: str) -> web.Response:
        return render(request, self.template, path_of_check=self.path, characters=CHARACTERS, return_to=return_to)


CHECKS = (
    Check(ROBOT_PATH, "shared/robot.html", CHARACTERS),
    Check("/ap/cvf", "shared/cvf.html", SENT_CODE),
    Check("/ap/challenge", "shared/challenge.html"),
)


def routes() -> list[Route]:
    return [route for check in CHECKS for route in check.routes()]
