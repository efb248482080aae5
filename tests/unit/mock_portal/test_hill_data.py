"""The JSON behind the hill skin and what belongs to it, asked for as its scripts do."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor
from urllib.request import build_opener

import pytest
from openpyxl import load_workbook

from tests.unit.mock_portal.http_visitor import HttpVisitor

Enter = Callable[..., HttpVisitor]


def search(**filters: Any) -> dict[str, Any]:
    return {"caseFilters": {"lobbyTab": "filter_all_cases", "dateRange": "all", **filters}, "searchPageSize": 100}


def exported(visitor: HttpVisitor, **query: str) -> list[tuple[Any, ...]]:
    opener = build_opener(HTTPCookieProcessor(visitor.jar))
    with opener.open(f"{visitor.portal.ready.url}/cu/case-lobby/export?{urlencode(query)}") as answer:
        sheet = load_workbook(BytesIO(answer.read())).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_export_is_what_the_lobby_shows(enter: Enter) -> None:
    """The workbook has the rows of the chosen range in the chosen order, and no column that the lobby lacks."""
    visitor = enter(skin="hill", cases=40)
    days = sorted(case["created"][:10] for case in visitor.portal.truth()["cases"])
    since, until = days[5], days[30]
    wanted = search(dateRange="custom", **{"from": since, "to": until})
    shown = visitor.send("SearchForCases", {**wanted, "sortBy": "ShortDescription", "sortByOrder": "ASC"}).json()

    head, *rows = exported(
        visitor,
        tab="filter_all_cases",
        dateRange="custom",
        to=until,
        sortFilter="shortDescription",
        sortByAscOrDesc="ASC",
        **{"from": since},
    )

    assert [row[0] for row in rows] == [row["caseId"] for row in shown["caseSearchResultList"]]
    assert 10 < len(rows) < 40
    assert head == ("Case ID", "Subject", "Status", "Primary e-mail", "Created")


def test_an_answer_says_which_page_it_is(enter: Enter) -> None:
    """A page beyond the end and a size that is not offered are answered with what was shown instead."""
    visitor = enter(skin="hill", cases=25)

    found = visitor.send("SearchForCases", {**search(), "page": 998, "searchPageSize": 20}).json()

    assert (found["page"], found["searchPageSize"], len(found["caseSearchResultList"])) == (2, 10, 5)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"\xff",
        {"page": "first"},
        {"page": True},
        {"searchPageSize": [10]},
        {"caseFilters": []},
        {"caseFilters": {"lobbyTab": []}},
        {"caseFilters": {"caseStatus": [1]}},
        {"caseFilters": {"searchText": 7}},
        {"sortBy": {}},
    ],
)
def test_malformed_searches_are_refused(enter: Enter, body: Any) -> None:
    """What no script of ours sends is answered with 400 and a reason in JSON."""
    visitor = enter(skin="hill")

    answer = visitor.send("SearchForCases", body)

    assert (answer.status, list(answer.json())) == (400, ["message"])


@pytest.mark.parametrize("body", [b"{", {"uploadIds": 1}, {"uploadIds": [[]]}, {"message": 5}])
def test_malformed_replies_are_refused(enter: Enter, body: Any) -> None:
    """A reply that is no reply is answered with 400 and kept nowhere."""
    visitor = enter(skin="hill")
    case_id = next(case["id"] for case in visitor.portal.truth()["cases"] if case["status_key"] == "needs_attention")

    answer = visitor.send(f"ReplyToCase?caseId={case_id}", body)

    assert (answer.status, list(answer.json()), visitor.portal.ledger()) == (400, ["message"], [])


def test_the_log_has_a_status_for_the_portals_own_errors(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request on which the portal itself fails stands in the log with 500."""
    visitor = enter(skin="hill")
    assert visitor.token
    monkeypatch.setattr("mock_portal.hill.search.read_page", lambda *_, **__: 1 / 0)

    status = visitor.send("SearchForCases", search()).status

    assert (status, visitor.portal.requests()["requests"][-1]["status"]) == (500, 500)
