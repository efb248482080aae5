"""What happens to every request before and after its endpoint: log, latency, faults, session check."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from time import monotonic
from typing import TypeAlias
from urllib.parse import quote

from aiohttp import web

from mock_portal.faults.registry import Asked
from mock_portal.site.effects import after
from mock_portal.site.effects import before
from mock_portal.site.portal import VISIT
from mock_portal.site.portal import Portal
from mock_portal.site.portal import Visit
from mock_portal.site.portal import visit
from mock_portal.site.request_log import engine_of
from mock_portal.site.routing import Endpoint
from mock_portal.site.routing import Tag
from mock_portal.site.sessions import Session
from mock_portal.site.sessions import Stage

Middleware: TypeAlias = Callable[[web.Request, Endpoint], Awaitable[web.StreamResponse]]


def watch(portal: Portal, tags: frozenset[Tag]) -> Middleware:
    """The outermost layer: who asks for what, and what became of it."""

    async def layer(request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
        session = portal.sessions.find(request.cookies.get(portal.skin.session_cookie))
        seen = portal.log.arrive(
            method=request.method,
            path=request.path_qs,
            engine=engine_of(request.headers.get("User-Agent", "")),
            tags=sorted(tags),
        )
        seen.account = session.account.name if session and session.account else None
        request[VISIT] = Visit(portal, tags, seen, session)
        if portal.settings.latency_ms:
            await asyncio.sleep(portal.settings.latency_ms / 1000)
        try:
            response = await endpoint(request)
        except web.HTTPException as answer:
            seen.status = answer.status
            raise
        except ConnectionResetError:
            seen.status = 0  # the visitor went away before the request was whole: nobody is there to answer
            return web.Response()
        except Exception:
            seen.status = 500  # what the server makes of it
            raise
        seen.status = 0 if visit(request).cut else response.status
        return response

    return layer


async def faulty(request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
    """Let the faults that fire act before the endpoint, or on its answer.

    A request that only gets sent to the sign-in uses up no fault: it is not the page that was asked for.
    """
    here = visit(request)
    if Tag.PUBLIC not in here.tags and not _signed_in(here.session):
        return await endpoint(request)
    asked = Asked(request.method, request.path_qs, here.seen.engine, here.tags, here.seen.account, monotonic())
    matches = here.portal.faults.match(asked)
    here.fired = {match.fault.kind.name: match.fault for match in matches if match.fires}
    try:
        answer = await before(request)
        if answer is None:
            answer = await endpoint(request)
        return await after(request, answer, matches)
    finally:
        here.settle_faults()


async def signed_in_only(request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
    """Nobody gets behind the sign-in without a session; pages redirect, data says 401."""
    here = visit(request)
    if _signed_in(here.session):
        return await endpoint(request)
    if Tag.DATA in here.tags:
        return web.json_response({"message": "Unauthorized"}, status=401)
    skin = here.portal.skin
    path = skin.chooser_path if here.session and here.session.stage is Stage.SIGNED_IN else skin.sign_in_path
    back = request.path_qs if request.method == "GET" else skin.home_path
    raise web.HTTPFound(f"{path}?returnTo={quote(back, safe='')}")


def _signed_in(session: Session | None) -> bool:
    return session is not None and session.stage is Stage.SIGNED_IN and session.account is not None
