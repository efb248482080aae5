"""Faults of what lists and threads show, read as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.server import MockPortal

Opened = tuple[MockPortal, Any]


@pytest.fixture
def opened(caselog_portal: PortalFactory, http_visitor: Callable[..., Any]) -> Opened:
    portal = caselog_portal(cases=40)
    visitor = http_visitor(portal)
    visitor.sign_in()
    return portal, visitor


def rows(html: str) -> list[str]:
    return re.findall(r'data-case-id="(\d+)">\s*<td', html)


def summary(html: str) -> str:
    found = re.search(r'class="list-summary">([^<]*)<', html)
    assert found is not None
    return found.group(1)


EVERYTHING = "/cases?tab=filtered&range=all"


def test_empty_and_short_lists_keep_their_totals(opened: Opened) -> None:
    """Rows go missing under a summary that still counts them."""
    portal, visitor = opened

    portal.set_faults({"kind": "list_empty"})
    html = visitor.ask(EVERYTHING).body
    assert (rows(html), summary(html)) == ([], "Cases 1 to 10 of 40")
    assert "no-cases" not in html

    portal.set_faults({"kind": "list_short", "rows": 3})
    html = visitor.ask(EVERYTHING).body
    assert (len(rows(html)), summary(html)) == (7, "Cases 1 to 10 of 40")


def test_missing_cases_are_missing_consistently(opened: Opened) -> None:
    """Hidden cases are left out of rows and totals alike, stay in the truth, and open by their links."""
    portal, visitor = opened
    listed = rows(visitor.ask(EVERYTHING + "&rows=100").body)
    portal.set_faults({"kind": "missing_cases", "ids": listed[:2]})

    html = visitor.ask(EVERYTHING + "&rows=100").body

    assert (rows(html), summary(html)) == (listed[2:], "Cases 1 to 38 of 38")
    assert len(portal.truth()["tabs"]["filtered"]["ids"]) == 40
    assert visitor.ask(f"/cases/{listed[0]}").status == 200
    assert portal.history()[-1]["event"] == "cases_hidden"


def test_missing_cases_by_number_stay_the_same(opened: Opened) -> None:
    """Which cases a number hides does not change from reading to reading."""
    portal, visitor = opened
    portal.set_faults({"kind": "missing_cases", "count": 5})

    readings = [rows(visitor.ask(EVERYTHING + "&rows=100").body) for _ in range(3)]

    assert len(readings[0]) == 35
    assert readings == [readings[0]] * 3


@pytest.mark.parametrize(("how", "total"), [("add", 41), ("remove", 39), ("bump", 40)])
def test_pages_shift_while_they_are_read(opened: Opened, how: str, total: int) -> None:
    """What was on one page stands on another when the list changes in between; the truth changes with it."""
    portal, visitor = opened
    before = rows(visitor.ask(EVERYTHING + "&rows=100").body)
    portal.set_faults(
        {"kind": "page_shift", "how": how, "path": "page=2", "times": 1}
        | ({"ids": [before[3]]} if how == "remove" else {})
    )

    first = rows(visitor.ask(EVERYTHING + "&page=1").body)
    second_html = visitor.ask(EVERYTHING + "&page=2").body

    assert first == before[:10]
    assert summary(second_html).endswith(f"of {total}")
    expected = {"add": before[9:19], "bump": before[9:19], "remove": before[11:21]}[how]
    assert rows(second_html) == expected
    assert len(portal.truth()["tabs"]["filtered"]["ids"]) == total


def test_messages_change_for_good(opened: Opened) -> None:
    """An edited message and a vanished one are so in page, truth and history."""
    portal, visitor = opened
    case = next(case for case in portal.truth()["cases"] if len(case["messages"]) > 3)
    portal.set_faults(
        {"kind": "message_edited", "n": 1, "text": "Rewritten.", "times": 1},
        {"kind": "message_vanished", "n": 2, "times": 1},
    )

    html = visitor.ask(f"/cases/{case['id']}?order=oldest").body

    after = next(each for each in portal.truth()["cases"] if each["id"] == case["id"])
    kept_ids = [message["id"] for message in case["messages"] if message["n"] != 2]
    assert [message["id"] for message in after["messages"]] == kept_ids
    assert after["messages"][0]["body_shown"] == "Rewritten."
    assert re.findall(r'id="message-(\w+)"', html) == kept_ids[:10]
    assert ">Rewritten.<" in html
    assert [event["event"] for event in portal.history()] == ["message_edited", "message_vanished"]


def test_capped_lists_admit_it(caselog_portal: PortalFactory, http_visitor: Callable[..., Any]) -> None:
    """A portal that caps its results says so, and shorter ranges reach the rest."""
    portal = caselog_portal(cases=40, cap=15)
    visitor = http_visitor(portal)
    visitor.sign_in()

    html = visitor.ask(EVERYTHING).body
    assert summary(html) == "Cases 1 to 10 of 15"
    assert "list-capped" in html
    narrow = visitor.ask("/cases?tab=filtered&range=custom&from=1990-01-01&to=1990-12-31").body
    assert (rows(narrow), "list-capped" in narrow) == ([], False)


def test_forged_forms_are_refused(opened: Opened) -> None:
    """A submission without the session's token changes nothing."""
    portal, visitor = opened
    case = next(case for case in portal.truth()["cases"] if case["status_key"] == "needs_attention")

    assert visitor.post(f"/cases/{case['id']}/reply", text="Hello", form_token="forged").status == 422
    assert visitor.post(f"/cases/{case['id']}/close", form_token="forged").status == 403
    assert visitor.post("/cases/new", subject="S", text="T", form_token="").status == 422

    assert portal.ledger() == []


def test_closed_cases_take_nothing(opened: Opened) -> None:
    """A closed case refuses a reply that somebody posts past its page."""
    portal, visitor = opened
    case = next(case for case in portal.truth()["cases"] if case["status_key"] == "closed")
    token = re.search(r'name="form_token" value="([^"]+)"', visitor.ask("/cases/new").body)
    assert token is not None

    assert visitor.post(f"/cases/{case['id']}/reply", text="Hello", form_token=token.group(1)).status == 403

    assert portal.ledger() == []
