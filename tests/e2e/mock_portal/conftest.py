"""Visitors of a mock portal that drive a browser page; and the one that speaks HTTP only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.ready import ReadyAccount
from mock_portal.server import MockPortal
from tests.unit.mock_portal.http_visitor import SIGN_IN_PATHS
from tests.unit.mock_portal.http_visitor import HttpVisitor
from tests.unit.mock_portal.http_visitor import account_of
from tests.unit.mock_portal.http_visitor import fresh_code

SignIn = Callable[..., ReadyAccount]


@pytest.fixture
def code_for() -> Callable[[ReadyAccount], str]:
    return fresh_code


@pytest.fixture
def sign_in(page: Page) -> SignIn:
    """Sign the page's context in by plain requests, by default to the first account, and open `path`."""

    def run(portal: MockPortal, name: str = "harbor-us", *, path: str = "/home") -> ReadyAccount:
        account = account_of(portal, name)
        form, code_form = (portal.ready.url + each for each in SIGN_IN_PATHS[portal.ready.skin])
        request = page.context.request
        request.post(form, form={"email": account.user, "password": account.password}, max_redirects=0)
        request.post(code_form, form={"otp": fresh_code(account)}, max_redirects=0)
        page.goto(portal.ready.url + path)
        return account

    return run


@pytest.fixture
def sign_in_by_hand(page: Page) -> SignIn:
    """Sign in through the classic pages, as a person does, and end where the sign-in leads."""

    def run(
        portal: MockPortal, name: str = "harbor-us", *, path: str = "/home", remember: bool = False
    ) -> ReadyAccount:
        account = account_of(portal, name)
        page.goto(portal.ready.url + path)
        page.fill("#email", account.user)
        page.fill("#password", account.password)
        page.click("#sign-in-submit")
        if remember:
            page.check("#remember")
        page.fill("#otp", fresh_code(account))
        page.click("#code-submit")
        page.wait_for_url(lambda url: "/signin/code" not in url)
        return account

    return run


@pytest.fixture
def http_visitor() -> Callable[..., HttpVisitor]:
    return HttpVisitor


@pytest.fixture
def classic(caselog_portal: PortalFactory, sign_in: SignIn) -> MockPortal:
    """A small classic portal that the page is signed in to."""
    portal = caselog_portal(cases=12)
    sign_in(portal)
    return portal


@pytest.fixture
def find_case() -> Callable[..., dict[str, Any]]:
    """The first case of the truth whose keys have the wanted values."""

    def find(portal: MockPortal, account: str | None = None, **wanted: Any) -> dict[str, Any]:
        cases: list[dict[str, Any]] = portal.truth(account)["cases"]
        return next(case for case in cases if all(case[key] == value for key, value in wanted.items()))

    return find


@pytest.fixture
def enter(caselog_portal: PortalFactory, sign_in: SignIn) -> Callable[..., MockPortal]:
    """Start a hill portal whose page is signed in and stands at `path`."""

    def run(name: str = "harbor-us", *, path: str = "/cu/case-lobby", cases: int = 12) -> MockPortal:
        portal = caselog_portal(skin="hill", cases=cases)
        sign_in(portal, name, path=path)
        return portal

    return run
