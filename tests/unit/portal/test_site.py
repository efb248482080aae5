"""What a portal is asked for, for one account."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent.portal.site import Site
from agent.profile.account import AccountFacts
from agent.profile.load import parse_profile
from storage.records import CaseStatus
from storage.records import CaseSummary

DESK = Path(__file__).parents[1] / "extract" / "desk.toml"
ACCOUNT = AccountFacts(name="shop", base_url="https://desk.example", user="ada", account_name="Ada's Shop", zone="UTC")


ROW = CaseSummary(
    case_id="7", subject=None, status=CaseStatus.UNKNOWN, status_raw=None, row=(("id", "7"), ("key", "a/b"))
)


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


def test_a_case_s_address_may_be_made_of_its_list_row(table: dict[str, Any]) -> None:
    """Its parts' too; once the row was seen it need not be given again, and without it there is no address to open."""
    table["list"]["columns"] = {"key": {"attr": "data-key"}}
    table["case"] |= {"url": "/c/{row.key}#{case_id}", "parts": {"log": {"url": "/log/{row.key}", "ready": "b"}}}
    table["case"]["messages"][0]["part"] = "log"
    desk = site(table)

    before = desk.case_request("7", None)
    first, again = desk.case_request("7", ROW), desk.case_request("7", None)

    (part,) = desk.case_parts(first)
    assert (True, ("row.key",), ()) == (desk.case_needs_row, desk.unknown(before.url), desk.unknown(first.url))
    assert ("https://desk.example/c/a%2Fb#7", first.url, "https://desk.example/log/a%2Fb") == (
        first.url,
        again.url,
        part.url,
    )
