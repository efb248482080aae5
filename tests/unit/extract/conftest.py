"""Builders for pages of the invented help desk."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.extract.pages import open_page
from agent.extract.reader import PageReader
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Lane
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.profile.account import AccountFacts
from agent.profile.load import parse_profile
from agent.profile.model.profile import PortalProfile

DESK = Path(__file__).with_name("desk.toml")
ACCOUNT = AccountFacts(name="shop", base_url="https://desk.example", user="ada", account_name="Ada's Shop", zone="UTC")
HEADER = '<form id="sign-out"></form><b id="who">Ada\'s Shop</b>'


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A table with dotted keys changed; `None` takes a key away."""
    table = {**base}
    for key, value in changes.items():
        head, _, rest = key.partition(".")
        if rest:
            table[head] = merged(table.get(head, {}), {rest: value})
        elif value is None:
            table.pop(head, None)
        else:
            table[head] = value
    return table


@pytest.fixture
def desk() -> Callable[..., PortalProfile]:
    """The help desk's profile, with dotted keys changed."""

    def build(changes: dict[str, Any] | None = None) -> PortalProfile:
        table = tomllib.loads(DESK.read_text(encoding="utf-8"))
        return parse_profile("desk", merged(table, changes or {}))

    return build


@pytest.fixture
def reader(desk: Callable[..., PortalProfile]) -> Callable[..., PageReader]:
    """A page to read fields on."""

    def build(html: str, *, locale: str = "en-US", **more: Any) -> PageReader:
        request = PageRequest(kind=PageKind.LIST, url="https://desk.example/cases")
        return open_page(
            html,
            url=request.url,
            status=200,
            request=request,
            profile=more.get("profile") or desk(more.get("changes")),
            locale=locale,
            account=ACCOUNT,
        )

    return build


@pytest.fixture
def snapshot() -> Callable[..., Snapshot]:
    """A snapshot of a page, with the header of somebody signed in unless it is told otherwise."""

    def build(body: str, *, kind: PageKind = PageKind.LIST, header: str = HEADER, **more: Any) -> Snapshot:
        request = PageRequest(
            kind=kind,
            url=more.pop("url", "https://desk.example/cases"),
            case_id=more.pop("case_id", "7" if kind is PageKind.CASE else None),
            number=more.pop("number", 1),
            part=more.pop("part", ""),
            row=more.pop("row", None),
            tab=more.pop("tab", None),
        )
        values: dict[str, Any] = {
            "final_url": request.url,
            "status": 200,
            "read_at": datetime(2026, 3, 16, tzinfo=UTC),
            "lane": Lane.LIVE,
            "environment": Environment(),
            "engine_version": "1",
            "ready": True,
        }
        return Snapshot(request=request, html=f"<html><body>{header}{body}</body></html>", **{**values, **more})

    return build
