"""The robot check: a page that only a person may pass."""

from __future__ import annotations

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


def routes() -> list[Route]:
    return [get(ROBOT_PATH, check, Tag.PUBLIC), post(ROBOT_PATH, answer, Tag.PUBLIC)]


async def check(request: web.Request) -> web.StreamResponse:
    return_to = request.query.get("returnTo", "/")
    return render(request, "shared/robot.html", characters=CHARACTERS, return_to=return_to)


async def answer(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    return_to = str(form.get("returnTo", "/"))
    inside = return_to if return_to.startswith("/") and not return_to.startswith("//") else "/"
    if str(form.get("characters", "")).strip().upper() != CHARACTERS:
        return render(request, "shared/robot.html", characters=CHARACTERS, return_to=inside)
    response = see_other(inside)
    response.set_cookie(HUMAN_COOKIE, "1", httponly=True, samesite="Lax")
    return response
