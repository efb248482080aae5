"""What a fired fault does to an answer.

Faults of lists, threads and submissions act where lists, threads and submissions are made; the rest acts here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from collections.abc import Sequence
from urllib.parse import quote

from aiohttp import web

from mock_portal.data.accounts import ACCOUNTS
from mock_portal.faults import shell
from mock_portal.faults.registry import Fault
from mock_portal.faults.registry import Match
from mock_portal.site import pages
from mock_portal.site import wire
from mock_portal.site.portal import Visit
from mock_portal.site.portal import visit
from mock_portal.site.routing import Tag

ROBOT_PATH = "/errors/validateCaptcha"
#: whoever passed a check is not asked again
HUMAN_COOKIE = "portal-human"
_POISON_SECONDS = 24 * 3600


async def before(request: web.Request) -> web.StreamResponse | None:
    """The answer that a fault gives instead of the endpoint, if one does."""
    here = visit(request)
    if here.session is not None and here.acting("session_expired"):
        here.portal.sessions.end(here.session)
        here.session = None
    if slow := here.acting("slow"):
        await asyncio.sleep(slow.option("seconds", 5.0))
    if HUMAN_COOKIE not in request.cookies:
        check = ROBOT_PATH if here.acting("captcha") else None
        if check is None and (challenge := here.acting("challenge")):
            check = f"/ap/{challenge.option('page', 'challenge')}"
        if check is not None:
            raise web.HTTPFound(f"{check}?returnTo={quote(_back(request), safe='')}")
    for kind, answer in _ANSWERS.items():
        if fault := here.acting(kind):
            return answer(request, fault)
    if wrong := here.acting("wrong_account"):
        here.header = _other_account(here, wrong)
    return None


async def after(request: web.Request, answer: web.StreamResponse, matches: Sequence[Match]) -> web.StreamResponse:
    """The endpoint's answer as the faults leave it."""
    here = visit(request)
    if stalled := here.acting("reply_stalled"):
        await asyncio.sleep(stalled.option("seconds", 5.0))
    if here.cut or not isinstance(answer, web.Response) or answer.status != 200:
        return answer
    if answer.content_type == "text/html" and answer.text and Tag.DOCUMENT in here.tags:
        for kind in shell.KINDS:
            here.acting(kind)
        poisoned = shell.POISON_COOKIE in request.cookies
        html = shell.wrapped(answer.text, matches, poisoned=poisoned, engine=here.seen.engine)
        answer.text = html or answer.text
        if "poisoned_cookie" in here.fired:
            answer.set_cookie(shell.POISON_COOKIE, "v0-broken", max_age=_POISON_SECONDS, path="/")
    return await wire.truncated(request, answer) if here.acting("truncated") else answer


def _back(request: web.Request) -> str:
    """Where a form's answer would have led is not known: its own page is."""
    return request.path_qs if request.method == "GET" else request.path


def empty_page() -> web.Response:
    return web.Response(body=b"", content_type="text/html")


def _spinner(request: web.Request, _: Fault) -> web.Response:
    words = visit(request).words
    html = shell.SPINNER.format(title=words.text("case_log"), banner=words.text("banner"))
    return web.Response(text=html, content_type="text/html")


def _throttled(request: web.Request, fault: Fault) -> web.Response:
    response = pages.message_page(request, "throttled", "throttled_text", status=429)
    response.headers["Retry-After"] = str(fault.option("retry_after", 1))
    return response


def _server_error(request: web.Request, fault: Fault) -> web.Response:
    status = fault.option("status", 503)
    if fault.option("empty", False):
        response = web.Response(status=status, content_type="text/html")
    else:
        response = pages.message_page(request, "error", "error_text", status=status)
    if (seconds := fault.option("retry_after")) is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _other_account(here: Visit, fault: Fault) -> tuple[str, str]:
    shown = here.session.account if here.session else None
    other = next(account for account in ACCOUNTS if shown is None or account.store != shown.store)
    return fault.option("account_name", other.store), fault.option("marketplace", other.marketplace)


#: what a fault answers in the page's place; the first one that fired wins
_ANSWERS: dict[str, Callable[[web.Request, Fault], web.Response]] = {
    "access_denied": lambda request, _: pages.denied(request),
    "reset": lambda request, _: wire.reset(request),
    "blank": lambda request, _: empty_page(),
    "spinner": _spinner,
    "server_error": _server_error,
    "throttled": _throttled,
}
