"""What the classic pages offer, read as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qsl
from urllib.parse import urlencode

import pytest

from tests.unit.mock_portal.http_visitor import HttpVisitor

Enter = Callable[..., HttpVisitor]


def fields(html: str, form: str) -> dict[str, list[str]]:
    """What a browser sends with a form that nobody touched."""
    found = re.search(rf'<form class="{form}".*?</form>', html, re.DOTALL)
    assert found is not None
    given: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", found.group()):
        name, value = (re.search(rf' {key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and value and ("checkbox" not in tag or "checked" in tag):
            given.setdefault(name.group(1), []).append(unescape(value.group(1)))
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', found.group(), re.DOTALL):
        given[name] = re.findall(r'value="([^"]*)" selected', options)
    return given


QUERY = "tab=filtered&status=closed&status=open&range=all&email=harbor&sort=created&order=asc&rows=25"


@pytest.mark.parametrize(("form", "own"), [("search", {"q": "pallets"}), ("filters", {"range": "90d"})])
def test_search_and_filters_combine(enter: Enter, form: str, own: dict[str, str]) -> None:
    """Each of the two forms keeps what the other one chose, the order and the rows per page."""
    visitor = enter()
    before = dict(parse_qsl(f"{QUERY}&q=units"))

    sent = fields(visitor.ask(f"/cases?{QUERY}&q=units").body, form) | {key: [each] for key, each in own.items()}

    assert sorted(sent["status"]) == ["closed", "open"]
    assert {key: values for key, values in sent.items() if key != "status" and values != [""]} == {
        key: [value] for key, value in (before | own).items() if key != "status"
    }
    assert visitor.ask(f"/cases?{urlencode(sent, doseq=True)}").status == 200


@pytest.mark.parametrize("name", ["copper-view", "harbor-us"])
def test_who_cannot_close_is_not_asked_to(enter: Enter, name: str) -> None:
    """The page that asks whether to close is denied to a view-only user and for a closed case."""
    visitor = enter(name)
    view_only = name == "copper-view"
    case = next(
        case
        for case in visitor.portal.truth(name)["cases"]
        if (case["status_key"] in ("closed", "cancelled")) is not view_only
    )

    answer = visitor.ask(f"/cases/{case['id']}/close")

    assert (answer.status, "close-form" in answer.body) == (403, False)
