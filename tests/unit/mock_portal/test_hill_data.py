"""The JSON behind the hill skin and what belongs to it, asked for as its scripts do."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor
from urllib.request import build_opener

import pytest
from openpyxl import load_workbook

from mock_portal.hill.contacts import CUT_AT
from tests.unit.mock_portal.http_visitor import SERVICE
from tests.unit.mock_portal.http_visitor import HttpVisitor
from tests.unit.mock_portal.http_visitor import fresh_code

Enter = Callable[..., HttpVisitor]


def search(**filters: Any) -> dict[str, Any]:
    return {"caseFilters": {"lobbyTab": "filter_all_cases", "dateRange": "all", **filters}, "searchPageSize": 100}


def exported(visitor: HttpVisitor, **query: str) -> list[tuple[Any, ...]]:
    opener = build_opener(HTTPCookieProcessor(visitor.jar))
    with opener.open(f"{visitor.portal.ready.url}/cu/case-lobby/export?{urlencode(query)}") as answer:
        sheet = load_workbook(BytesIO(answer.read())).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def a_case(visitor: HttpVisitor, name: str = "harbor-us", status: str = "needs_attention") -> str:
    cases = visitor.portal.truth(name)["cases"]
    case_id: str = next(case["id"] for case in cases if case["status_key"] == status)
    return case_id


def uploaded(visitor: HttpVisitor, case_id: str, **fields: str) -> Any:
    query = f"?caseId={case_id}" if case_id else ""
    return visitor.hand_in(f"{SERVICE}/UploadAttachment{query}", {"proof.pdf": b"%PDF"}, **fields)


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
    case_id = a_case(visitor)

    answer = visitor.send(f"ReplyToCase?caseId={case_id}", body)

    assert (answer.status, list(answer.json()), visitor.portal.ledger()) == (400, ["message"], [])


def test_the_log_has_a_status_for_the_portals_own_errors(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request on which the portal itself fails stands in the log with 500."""
    visitor = enter(skin="hill")
    assert visitor.token
    monkeypatch.setattr("mock_portal.hill.search.read_page", lambda *_, **__: 1 / 0)

    status = visitor.send("SearchForCases", search()).status

    assert (status, visitor.portal.requests()["requests"][-1]["status"]) == (500, 500)


def test_uploads_are_in_the_ledger_before_a_reply_names_them(enter: Enter) -> None:
    """A file is accepted when it is uploaded, and its reply adds no second entry of it."""
    visitor = enter(skin="hill")
    case_id = a_case(visitor)
    upload_id = uploaded(visitor, case_id).json()["uploadId"]

    assert [(entry["kind"], entry["case"], entry["name"]) for entry in visitor.portal.ledger()] == [
        ("upload", case_id, "proof.pdf")
    ]
    visitor.send(f"ReplyToCase?caseId={case_id}", {"message": "Here.", "uploadIds": [upload_id]})

    assert [(entry["kind"], len(entry["attachments"])) for entry in visitor.portal.ledger()] == [
        ("upload", 1),
        ("reply", 1),
    ]


def test_uploads_need_a_page_of_ones_own(enter: Enter) -> None:
    """An upload without the session's token, by a view-only user or for a closed case is refused and not kept."""
    visitor, watcher = enter(skin="hill"), enter("copper-view", skin="hill")

    refused = [
        uploaded(visitor, a_case(visitor), form_token="forged"),
        uploaded(visitor, a_case(visitor, status="closed")),
        uploaded(watcher, a_case(watcher, "copper-view", "work_in_progress")),
        uploaded(watcher, ""),
    ]

    assert [answer.status for answer in refused] == [403] * 4
    assert visitor.portal.ledger() == watcher.portal.ledger() == []


@pytest.mark.parametrize("whose", ["nobody's", "another account's"])
def test_a_reply_that_names_no_file_of_its_account_is_refused(enter: Enter, whose: str) -> None:
    """An id that was never given to this account loses no file silently: the whole reply is refused."""
    visitor = enter("lindqvist-uk", skin="hill")
    other = HttpVisitor(visitor.portal)
    other.sign_in()
    upload_id = "0" * 10 if whose == "nobody's" else uploaded(other, a_case(other)).json()["uploadId"]
    visitor.post("/account-switcher/default/merchantMarketplace", account="lindqvist-uk", returnTo="/home")
    before = visitor.portal.ledger()
    cases = visitor.portal.truth("lindqvist-uk")["cases"]
    case_id = next(case["id"] for case in cases if case["status_key"] not in ("closed", "cancelled"))

    answer = visitor.send(f"ReplyToCase?caseId={case_id}", {"message": "Here.", "uploadIds": [upload_id]})

    assert (answer.status, visitor.portal.ledger()) == (400, before)
    assert upload_id in answer.json()["message"]


@pytest.mark.parametrize("name", ["copper-view", "bluefern-ca"])
def test_who_opens_no_cases_gets_no_form_for_it(enter: Enter, name: str) -> None:
    """The assistant's frames are denied to view-only and restricted users."""
    visitor = enter(name, skin="hill")

    assert [visitor.ask(f"/cu/contact-us/{each}").status for each in ("assistant", "form")] == [403, 403]


def test_new_cases_have_a_category_and_files(enter: Enter) -> None:
    """What the form hands in stands in the case: its category, its file."""
    visitor = enter(skin="hill")
    upload_id = uploaded(visitor, "").json()["uploadId"]

    visitor.send(
        "CreateCase",
        {"shortDescription": "Pallets", "message": "Where?", "category": "FBA", "uploadIds": [upload_id]},
    )

    case = visitor.portal.truth()["cases"][-1]
    shown = visitor.ask(f"{SERVICE}/ViewCase?caseId={case['id']}").json()
    assert (shown["viewCaseMetaData"]["caseSupportType"], len(case["messages"][0]["attachments"])) == ("FBA", 1)


@pytest.mark.parametrize("path", ["/nowhere", "/assistant", "/account-switcher/default/merchantMarketplace"])
def test_every_page_behind_the_sign_in_paints_the_header(enter: Enter, path: str) -> None:
    """Pages of errors and the chooser have the header and its script too, once an account is chosen."""
    visitor = enter("copper-view", skin="hill")

    answer = visitor.ask(path)

    assert {"/nowhere": 404, "/assistant": 403}.get(path, 200) == answer.status
    assert re.findall(r'id="navbar-account"|/assets/hill-header.js|Copper Kettle Kitchen"', answer.body) == [
        'id="navbar-account"',
        'Copper Kettle Kitchen"',
        "/assets/hill-header.js",
    ]


def test_old_contact_address_leads_to_the_assistant(enter: Enter) -> None:
    """New cases are opened at the assistant's address."""
    visitor = enter(skin="hill")

    answer = visitor.ask("/cu/contact-us")

    assert answer.url.endswith("/assistant?client=sellerSupport-meldFullPage")
    assert "contact-assistant" in answer.body


def test_a_sign_in_carries_its_aim_to_the_chooser(enter: Enter) -> None:
    """After the code the chooser's address says where to go on."""
    visitor = enter(skin="hill")
    visitor.jar.clear()
    account = next(each for each in visitor.portal.ready.accounts if each.name == "lindqvist-de")
    visitor.post("/ap/signin", email=account.user, password=account.password, returnTo="/cu/case-lobby?size=50")

    answer = visitor.post("/ap/mfa", otp=fresh_code(account))

    assert answer.url.endswith("/account-switcher/default/merchantMarketplace?returnTo=%2Fcu%2Fcase-lobby%3Fsize%3D50")


def test_every_shade_of_status_is_shown_and_can_be_filtered(enter: Enter) -> None:
    """The lobby's rows and the case's page say the truth's word for each status, and the filter finds it."""
    visitor = enter(skin="hill", cases=60)
    truth = {case["id"]: case for case in visitor.portal.truth()["cases"]}
    keys = {case["status_key"] for case in truth.values()}

    assert len(keys) == 8
    for key in keys:
        found = visitor.send("SearchForCases", search(caseStatus=[key])).json()["caseSearchResultList"]
        wanted = {case_id for case_id, case in truth.items() if case["status_key"] == key}
        assert {row["caseId"] for row in found} == wanted
        assert {row["statusText"] for row in found} == {truth[case_id]["status"] for case_id in wanted}
        meta = visitor.ask(f"{SERVICE}/ViewCase?caseId={min(wanted)}").json()["viewCaseMetaData"]
        assert (meta["caseStatusText"], meta["canEditCase"]) == (
            truth[min(wanted)]["status"],
            key not in ("closed", "cancelled"),
        )
    assert len({case["status"] for case in truth.values()}) == 8


def test_long_messages_of_markup_are_cut_too(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long message comes cut between its tags, says so, and is whole when it is asked for."""
    visitor = enter(skin="hill")
    case_id, told = next(
        (case["id"], message)
        for case in visitor.portal.truth()["cases"]
        for message in case["messages"]
        if message["body"].startswith("<") and len(message["body"]) > CUT_AT
    )
    whole = visitor.ask(f"{SERVICE}/ViewContact?caseId={case_id}&contactId={told['id']}").json()["message"]
    assert whole == told["body"]

    for limit in range(CUT_AT - 12, CUT_AT):
        monkeypatch.setattr("mock_portal.hill.contacts.CUT_AT", limit)
        shown = visitor.ask(f"{SERVICE}/ViewCase?caseId={case_id}&pageSize=50").json()["contactList"]
        (contact,) = [each for each in shown if each["contactId"] == told["id"]]
        assert contact["messageTruncated"]
        assert limit - 12 < len(contact["message"]) <= limit
        assert whole.startswith(contact["message"])
        assert contact["message"].count("<") == contact["message"].count(">")


def test_the_other_lobby_names_the_last_reply(enter: Enter) -> None:
    """In the layout of the Brand Registry a row says when the desk replied last, or that it never did."""
    visitor = enter(skin="hill", lobby="brand-registry")
    truth = {case["id"]: case for case in visitor.portal.truth()["cases"]}

    found = visitor.send("SearchForCases", search()).json()["caseSearchResultList"]

    unanswered = {
        case_id for case_id, case in truth.items() if "portal" not in {each["role"] for each in case["messages"]}
    }
    assert {row["caseId"] for row in found if row["lastReplyText"] == "No reply"} == unanswered
    assert 0 < len(unanswered) < len(found)
    assert '["lastReply", "column_last_reply"]' in visitor.ask("/cu/case-lobby").body
