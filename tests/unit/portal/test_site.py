"""What a portal is asked for, for one account."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent.portal.site import Site
from agent.profile.account import AccountFacts
from agent.profile.load import parse_profile

DESK = Path(__file__).parents[1] / "extract" / "desk.toml"
ACCOUNT = AccountFacts(name="shop", base_url="https://desk.example", user="ada", account_name="Ada's Shop", zone="UTC")


@pytest.fixture
def table() -> dict[str, Any]:
    return tomllib.loads(DESK.read_text(encoding="utf-8"))


def site(table: dict[str, Any]) -> Site:
    return Site(parse_profile("desk", table), ACCOUNT, "en-US")


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("list", "ready", {"css": "b", "text": "{uid}"}),
        ("case", "gone", {"css": "b", "title": "of {uid}"}),
        ("list", "subject", {"const": "{uid}"}),
        ("statuses", "answered", "by {uid}"),
        ("case", "expand", [{"css": "b", "text": "{uid}"}]),
        ("case", "steps", [{"go": "/{uid}"}]),
    ],
)
def test_what_words_need_is_learnt_before_the_first_read(
    table: dict[str, Any], section: str, key: str, value: object
) -> None:
    """A variable in words, steps and texts has its value before a page is looked at with them."""
    table["variables"] = {"uid": {"url": "/me", "field": "#me"}, "query": {"url": "/me", "field": "#query"}}
    table["tabs"]["mine"] = {"url": "/cases?q={query}"}
    table[section][key] = value
    desk = site(table)

    before = desk.unknown("https://desk.example/cases"), desk.unknown("https://desk.example/cases?q={query}")
    desk.learn({"uid": "7"})

    assert ((("uid",), ("uid", "query")), ()) == (before, desk.unknown("https://desk.example/cases"))
