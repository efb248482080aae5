"""Sign-in in its steps: e-mail and password, code, account. Shared by the skins; each brings paths and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pyotp
from aiohttp import web

from mock_portal.data.accounts import ACCOUNTS
from mock_portal.data.accounts import SignIn
from mock_portal.site.pages import render
from mock_portal.site.pages import see_other
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag
from mock_portal.site.routing import get
from mock_portal.site.routing import post
from mock_portal.site.sessions import Session
from mock_portal.site.sessions import Stage

if TYPE_CHECKING:
    from mock_portal.site.portal import Portal

DEVICE_COOKIE = "portal-device"
_DEVICE_SECONDS = 365 * 24 * 3600


class SignInPages:
    """The endpoints of one portal's sign-in."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._skin = portal.skin

    def routes(self) -> list[Route]:
        skin, tags = self._skin, (Tag.PUBLIC, Tag.SIGN_IN)
        return [
            get(skin.sign_in_path, self.form, *tags),
            post(skin.sign_in_path, self.password, *tags),
            get(skin.code_path, self.code_form, *tags),
            post(skin.code_path, self.code, *tags),
            get(skin.chooser_path, self.chooser, *tags),
            post(skin.chooser_path, self.choose, *tags),
            post("/sign-out", self.sign_out, *tags),
        ]

    async def form(self, request: web.Request) -> web.StreamResponse:
        return self._form(request, return_to=request.query.get("returnTo", ""))

    async def password(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        email, password = str(form.get("email", "")).strip(), str(form.get("password", ""))
        return_to = str(form.get("returnTo", ""))
        known = _sign_in_of(email)
        if known is None:
            return self._form(request, return_to=return_to, error="unknown_user")
        if not password:
            return self._form(request, return_to=return_to, email=email)
        if password != known.password:
            return self._form(request, return_to=return_to, email=email, error="wrong_password")
        trusted = self._portal.sessions.knows_device(request.cookies.get(DEVICE_COOKIE), known.email)
        stage = Stage.SIGNED_IN if trusted else Stage.CODE
        session = self._portal.sessions.begin(known, stage=stage, return_to=self._safe(return_to))
        response = self._onward(session) if trusted else see_other(self._skin.code_path)
        self._set_session(response, session)
        return response

    async def code_form(self, request: web.Request) -> web.StreamResponse:
        session = visit(request).session
        if session is None:
            raise web.HTTPFound(self._skin.sign_in_path)
        return render(request, f"{self._skin.name}/code.html", error=None)

    async def code(self, request: web.Request) -> web.StreamResponse:
        started = visit(request).session
        if started is None:
            raise web.HTTPFound(self._skin.sign_in_path)
        form = await request.post()
        given = str(form.get("otp", "")).replace(" ", "")
        totp = pyotp.TOTP(started.sign_in.totp_secret, interval=self._portal.settings.otp_period)
        if not totp.verify(given, valid_window=1):
            return render(request, f"{self._skin.name}/code.html", error="otp_wrong")
        if not self._portal.sessions.use_code(started.sign_in.email, given):
            return render(request, f"{self._skin.name}/code.html", error="otp_used")
        # a new key: whoever saw the half-finished one gains nothing
        self._portal.sessions.end(started)
        session = self._portal.sessions.begin(started.sign_in, stage=Stage.SIGNED_IN, return_to=started.return_to)
        response = self._onward(session)
        self._set_session(response, session)
        if form.get("remember"):
            token = self._portal.sessions.remember_device(started.sign_in.email)
            response.set_cookie(DEVICE_COOKIE, token, max_age=_DEVICE_SECONDS, httponly=True, samesite="Lax")
        return response

    async def chooser(self, request: web.Request) -> web.StreamResponse:
        session = self._signed_in(request)
        return_to = self._safe(request.query.get("returnTo", session.return_to))
        accounts = self._portal.world.accounts_of(session.sign_in.email)
        return render(request, f"{self._skin.name}/chooser.html", accounts=accounts, return_to=return_to)

    async def choose(self, request: web.Request) -> web.StreamResponse:
        session = self._signed_in(request)
        form = await request.post()
        accounts = self._portal.world.accounts_of(session.sign_in.email)
        chosen = next((account for account in accounts if account.name == form.get("account")), None)
        if chosen is None:
            return see_other(self._skin.chooser_path)
        # one sign-in has one account at a time: choosing in one tab switches the others too
        session.account = chosen
        return see_other(self._safe(str(form.get("returnTo", ""))))

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        session = visit(request).session
        if session is not None:
            self._portal.sessions.end(session)
        response = see_other(self._skin.sign_in_path)
        response.del_cookie(self._skin.session_cookie)
        return response

    def _form(
        self, request: web.Request, *, return_to: str, email: str = "", error: str | None = None
    ) -> web.StreamResponse:
        return render(request, f"{self._skin.name}/sign_in.html", email=email, return_to=return_to, error=error)

    def _signed_in(self, request: web.Request) -> Session:
        session = visit(request).session
        if session is None or session.stage is not Stage.SIGNED_IN:
            raise web.HTTPFound(self._skin.sign_in_path)
        return session

    def _onward(self, session: Session) -> web.Response:
        accounts = self._portal.world.accounts_of(session.sign_in.email)
        if len(accounts) > 1:
            return see_other(f"{self._skin.chooser_path}?returnTo={quote(session.return_to, safe='')}")
        session.account = accounts[0]
        return see_other(session.return_to)

    def _set_session(self, response: web.StreamResponse, session: Session) -> None:
        response.set_cookie(self._skin.session_cookie, session.key, httponly=True, samesite="Lax", path="/")

    def _safe(self, path: str) -> str:
        """Only ways inside the portal lead back."""
        return path if path.startswith("/") and not path.startswith("//") else self._skin.home_path


def _sign_in_of(email: str) -> SignIn | None:
    return next((account.sign_in for account in ACCOUNTS if account.user == email.lower()), None)
