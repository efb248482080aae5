"""Templates and the plain pages that every skin needs: errors, denials, robot check."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment
from jinja2 import PackageLoader
from jinja2 import StrictUndefined

from mock_portal.site.portal import visit


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("mock_portal", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # the package does not change while it serves
        auto_reload=False,
    )
    made.filters["query"] = lambda pairs: urlencode(pairs, doseq=True)
    return made


def render(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    """A page of the visitor's skin in the visitor's language."""
    here = visit(request)
    words = here.words
    html = (
        environment()
        .get_template(template)
        .render(
            t=words.text,
            words=words,
            skin=here.portal.skin,
            session=here.session,
            header=_header(request),
            path=request.path,
            **here.portal.skin.page(request) | context,
        )
    )
    # a page must never come from a cache: what is stored would be older than the truth
    return web.Response(text=html, content_type="text/html", status=status, headers={"Cache-Control": "no-store"})


def _header(request: web.Request) -> tuple[str, str] | None:
    here = visit(request)
    if here.header is not None:
        return here.header
    account = here.session.account if here.session else None
    return (account.store, account.marketplace) if account else None


def see_other(path: str) -> web.Response:
    """A redirect that a GET follows, to return and not to raise, so that cookies can be set on it."""
    return web.Response(status=303, headers={"Location": path})


def message_page(request: web.Request, title: str, text: str, *, status: int) -> web.Response:
    words = visit(request).words
    return render(request, "shared/message.html", status=status, title=words.text(title), message=words.text(text))


def denied(request: web.Request) -> web.Response:
    return message_page(request, "denied", "denied_text", status=403)


def not_found(request: web.Request) -> web.Response:
    return message_page(request, "not_found", "not_found_text", status=404)
