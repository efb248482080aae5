"""A visitor of a mock portal that speaks HTTP only: keeps cookies and calls itself a browser."""

from __future__ import annotations

import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from typing import Any

import pyotp

from mock_portal.ready import ReadyAccount
from mock_portal.server import MockPortal

USER_AGENTS = {
    "chromium": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36",
    "firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
}
SIGN_IN_PATHS = {"classic": ("/signin", "/signin/code"), "hill": ("/ap/signin", "/ap/mfa")}
#: of the hill skin's JSON
SERVICE = "/hill/hillservice/mons-api"


def account_of(portal: MockPortal, name: str) -> ReadyAccount:
    return next(account for account in portal.ready.accounts if account.name == name)


def fresh_code(account: ReadyAccount) -> str:
    return pyotp.TOTP(account.totp_secret, interval=account.otp_period).now()


@dataclass
class Answer:
    """What came back; `url` after redirects."""

    status: int
    body: str
    headers: dict[str, str]
    url: str

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class HttpVisitor:
    """One person's client. `token` is what forms and scripts hand in to prove that they come from a page."""

    portal: MockPortal
    engine: str = "chromium"
    jar: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    @cached_property
    def token(self) -> str:
        page = self.ask("/cases/new" if self.portal.ready.skin == "classic" else "/home").body
        found = re.search(r'(?:name="form_token" value|a2z" content)="([^"]+)"', page)
        return found.group(1) if found else ""

    def ask(self, path: str, *, data: bytes | None = None, method: str | None = None, **headers: str) -> Answer:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        headers = {"User-Agent": USER_AGENTS[self.engine]} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        request = urllib.request.Request(self.portal.ready.url + path, data=data, method=method, headers=headers)
        try:
            with opener.open(request) as response:
                return Answer(response.status, response.read().decode(), dict(response.headers), response.url)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), dict(error.headers), error.url or "")

    def post(self, path: str, **form: str) -> Answer:
        return self.ask(path, data=urllib.parse.urlencode(form).encode())

    def hand_in(self, path: str, files: dict[str, bytes] | None = None, **fields: str) -> Answer:
        """A multipart form with the session's token, as the pages send it."""
        given = {"form_token": self.token} | fields
        parts = [f'name="{key}"\r\n\r\n{value}'.encode() for key, value in given.items()]
        parts += [
            f'name="files"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + content
            for name, content in (files or {}).items()
        ]
        data = b"".join(b"--edge\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
        return self.ask(
            path,
            data=data + b"--edge--\r\n",
            Content_Type="multipart/form-data; boundary=edge",
            anti_csrftoken_a2z=given["form_token"],
        )

    def send(self, name: str, body: Any) -> Answer:
        """JSON to one of the hill skin's endpoints, as its scripts send it."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask(f"{SERVICE}/{name}", data=data, Content_Type="application/json", anti_csrftoken_a2z=self.token)

    def sign_in(self, name: str = "harbor-us") -> ReadyAccount:
        account = account_of(self.portal, name)
        form, code_form = SIGN_IN_PATHS[self.portal.ready.skin]
        self.post(form, email=account.user, password=account.password)
        self.post(code_form, otp=fresh_code(account))
        return account
