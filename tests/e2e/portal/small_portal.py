"""A support portal of a few pages that each test bends to its needs, and the profile that describes it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from aiohttp import web

from agent.profile.load import parse_profile
from agent.profile.model.profile import PortalProfile
from tests.e2e.browser.lab import OddSite

USER, PASSWORD = "ann", "pass-word-0815"
HEADER = "<header><b class=who>Ann Ltd</b><a class=out href=/out>sign out</a></header>"


def page(body: str, *, head: str = "", header: str = HEADER) -> str:
    return f"<!doctype html><html><head><meta charset=utf-8><title>Desk</title>{head}</head><body>{header}{body}</body>"


def rows(ids: list[int], total: int | None = None) -> str:
    """A list of cases with its own count."""
    cells = "".join(f"<tr class=case><td class=id>{n}</td><td class=s>Subject {n}</td><td>Open</td></tr>" for n in ids)
    return f"<table class=cases>{cells}</table><p class=count>{len(ids) if total is None else total} cases</p>"


def message(text: str, n: int = 1) -> str:
    return f"<article class=m id=m{n}><i>Support</i><time>2026-01-15 12:00</time><div class=body>{text}</div></article>"


def case(body: str, case_id: str = "7") -> str:
    return page(f"<h1 class=case>{case_id}</h1><h2>Subject {case_id}</h2><em>Open</em>{body}")


SIGN_IN = """<form class=in method=post action=/in><input name=user><input name=password type=password>
<button>in</button></form>"""


@dataclass
class SmallPortal(OddSite):
    """`posts` lists the forms that arrived, as (path, fields). Who has no valid cookie is sent to the sign-in."""

    sessions: set[str] = field(default_factory=set)
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    #: Decides what the sign-in's form leads to: a path, and whether the browser is signed in from then on.
    let_in: Callable[[Mapping[str, str]], tuple[str, bool]] = lambda form: (
        ("/home", True) if form.get("password") == PASSWORD else ("/in?wrong", False)
    )
    public: set[str] = field(default_factory=lambda: {"/in"})
    #: The next visitor without a cookie is taken for one who signed in a while ago.
    knows_next: bool = False

    def __post_init__(self) -> None:
        self.pages |= {"/home": page("<p class=home>home</p>"), "/in": self.sign_in_page}

    async def sign_in_page(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            path, signed_in = self.let_in(self.posts[-1][1])
            response = web.Response(status=302, headers={"Location": path})
            if signed_in:
                self.sign_in(response)
            return response
        wrong = "<p class=wrong>wrong</p>" if "wrong" in request.query else ""
        return web.Response(text=page(wrong + SIGN_IN, header=""), content_type="text/html")

    def sign_in(self, response: web.Response) -> None:
        token = secrets.token_hex(16)
        self.sessions.add(token)
        response.set_cookie("desk-session", token, httponly=True)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            form = await request.post()
            fields = {name: _told(value) for name, value in form.items()}
            self.posts.append((request.path, fields))
        known = request.cookies.get("desk-session") in self.sessions
        if not known and request.path not in self.public and request.path in self.pages:
            response = web.HTTPFound(request.path_qs if self.knows_next else "/in")
            if self.knows_next:
                self.knows_next = False
                self.sign_in(response)
            raise response
        return await super().answer(request)

    def passwords(self) -> list[str]:
        """The passwords that were sent, in order."""
        return [fields["password"] for _, fields in self.posts if "password" in fields]


def _told(value: object) -> str:
    """A text, or a file's name."""
    return value.filename if isinstance(value, web.FileField) else str(value)


def small_profile(**changes: Any) -> PortalProfile:
    """The profile, with whole tables (or dotted keys of theirs) replaced."""
    table: dict[str, Any] = {
        "title": "Small desk",
        "locales": ["en"],
        "politeness": {"requests_per_second": 0, "pages": 2, "deadline": 5},
        "statuses": {"with_portal": "Open"},
        "dates": {"default": {"formats": {"*": ["%Y-%m-%d %H:%M"]}, "zone": "UTC"}},
        "sign_in": {
            "url": "/in",
            "signed_in": ".out",
            "wrong_password": ".wrong",
            "session_cookies": ["desk-*"],
            "handlers": [
                {
                    "name": "password",
                    "when": "form.in input[name='password']",
                    "steps": [
                        {"fill": "form.in input[name='user']", "value": "{user}", "optional": True},
                        {"fill": "form.in input[name='password']", "value": "{password}"},
                        {"click": "form.in button"},
                    ],
                }
            ],
        },
        "identity": {"account_name": ".who"},
        "home": {"url": "/home", "ready": ".home"},
        "tabs": {"all": {"url": "/list", "history": True}},
        "list": {
            "ready": "tr.case",
            "rows": "tr.case",
            "empty": ".none",
            "id": "td.id",
            "subject": "td.s",
            "status": "td:last-child",
            "summary": {"total": {"css": ".count", "filters": ["digits"], "optional": True}},
        },
        "case": {
            "url": "/case/{case_id}",
            "ready": "h1.case",
            "id": "h1.case",
            "subject": "h2",
            "status": "em",
            "direction": [{"author_like": "", "means": "portal"}],
            "messages": [
                {
                    "name": "messages",
                    "items": "article.m",
                    "author": "i",
                    "sent_at": "time",
                    "body": ".body",
                }
            ],
        },
    }
    for key, value in changes.items():
        _put(table, key.split("__"), value)
    return parse_profile("small", table)


def _put(table: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        table = table.setdefault(key, {})
    table[keys[-1]] = value
