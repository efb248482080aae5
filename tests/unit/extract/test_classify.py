"""What kind of page a snapshot is taken for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.extract.classify import is_settled
from agent.extract.pages import extract
from agent.extract.pages import reader_of
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import Snapshot
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from storage.records import Tab

ACCOUNT = AccountFacts(name="shop", base_url="https://desk.example", user="ada", account_name="Ada's Shop", zone="UTC")
ROW = '<div class="row" data-id="7"><b class="subject">Lamp</b><i class="status">Open</i></div>'
LIST = f'<div id="cases">{ROW}</div>'
THREAD = '<div id="thread" data-case="7"></div>'
MARKS = {
    "verdicts.challenge": ".robot",
    "verdicts.denied": {"text": "no permission", "none": ["#thread"]},
    "verdicts.throttled": {"title": "slow down"},
    "verdicts.login": "dialog.expired",
    "verdicts.error": {"text": "something went wrong", "css": "h1"},
    "case.gone": {"text": "no such case", "none": ["#thread"]},
    "sign_in.challenges": [{"kind": "passkey", "when": "#passkey"}],
}

Desk = Callable[..., PortalProfile]
Snap = Callable[..., Snapshot]


def judged(reading: Reading) -> tuple[str, str]:
    return reading.verdict.value, reading.reason


@pytest.mark.parametrize(
    ("body", "more", "verdict"),
    [
        (LIST, {}, "ok"),
        ('<div id="cases"><p class="no-cases">none</p></div>', {}, "empty"),
        ('<div id="cases"></div>', {}, "blank"),
        ("", {"header": ""}, "blank"),
        ("", {}, "blank"),
        ('<div id="app"></div><p>Loading</p>', {"header": ""}, "blank"),
        (LIST, {"ready": False}, "blank"),
        (LIST, {"failure": "net::ERR_CONNECTION_RESET", "status": None}, "error"),
        ("no connection", {"final_url": "chrome-error://chromewebdata/", "header": ""}, "error"),
        ("no connection", {"final_url": "about:neterror?e=netReset", "header": ""}, "error"),
        (LIST, {"status": 500}, "error"),
        (LIST, {"status": 404}, "error"),
        ("<h1>Something went wrong</h1>", {}, "error"),
        (LIST, {"status": 429}, "throttled"),
        ("<title>Please slow down</title>" + LIST, {}, "throttled"),
        (LIST, {"status": 403}, "denied"),
        ("You have no permission to see this", {}, "denied"),
        (LIST, {"status": 401}, "login"),
        ('<input id="password">', {"header": ""}, "login"),
        (LIST, {"header": ""}, "login"),
        (LIST + "<dialog class=expired>again</dialog>", {}, "login"),
        ('<p class="robot">type the letters</p>', {"header": "", "status": 503}, "challenge"),
        ('<p id="passkey">use your key</p>', {"header": ""}, "challenge"),
        (LIST, {"header": '<form id="sign-out"></form><b id="who">Bob\'s Shop</b>'}, "wrong_account"),
        (LIST.replace("subject", "title"), {}, "drifted"),
        ("<p>No such case", {"kind": PageKind.CASE}, "gone"),
        (THREAD.replace("><", ">You have no permission, and there is no such case<"), {"kind": PageKind.CASE}, "ok"),
        (THREAD, {"kind": PageKind.CASE, "status": 404}, "gone"),
        ("<p>No such case", {}, "blank"),
        (THREAD + "hello", {"kind": PageKind.CASE}, "ok"),
        (THREAD + "hello", {"kind": PageKind.CASE, "case_id": "8"}, "blank"),
        ("<p>Welcome", {"kind": PageKind.HOME}, "ok"),
    ],
)
def test_a_page_is_known_for_what_it_is(
    desk: Desk, snapshot: Snap, body: str, more: dict[str, Any], verdict: str
) -> None:
    """Each kind of page is told by its marks, its status, what it lacks or what it proves; 200 alone proves nothing."""
    reading = extract(snapshot(body, **more), desk(MARKS), "en-US", ACCOUNT)

    assert verdict == judged(reading)[0], reading.reason


@pytest.mark.parametrize(
    ("way", "ready", "told"),
    [
        ("/cases/8 /cases/7", True, ("gone", "shown as case 7")),
        ("/cases/8 /queue/1/cases/7-lamp?from=mail#m3", True, ("gone", "shown as case 7")),
        ("/#case/8 /#case/7", True, ("gone", "shown as case 7")),
        ("/cases/8 /cases/8", True, ("blank", "the page shows case 7, not 8")),
        ("/cases/8 /cases/77", True, ("blank", "the page shows case 7, not 8")),
        ("/cases/8 /cases/8/7", True, ("blank", "the page shows case 7, not 8")),
        ("/7/cases/8 /7/cases", True, ("blank", "the page shows case 7, not 8")),
        ("/cases /cases/7", True, ("blank", "the page shows case 7, not 8")),
        ("/cases/8 /cases/7", False, ("blank", "the page did not become ready in time")),
    ],
)
def test_a_case_that_became_another_one_is_gone(
    desk: Desk, snapshot: Snap, way: str, ready: bool, told: tuple[str, str]
) -> None:
    """A merged case is gone when the portal itself led to the other one and the page has come to rest; a page of
    another case at the address that was asked for, or at one that names neither or both, is the wrong page."""
    asked, final = (f"https://desk.example{path}" for path in way.split())
    page = snapshot(THREAD, kind=PageKind.CASE, case_id="8", url=asked, final_url=final, ready=ready)

    assert told == judged(extract(page, desk(), "en-US", ACCOUNT))


def test_the_account_in_the_header_is_compared_as_people_do(desk: Desk, snapshot: Snap) -> None:
    """White space and case make no other account, another marketplace does."""
    account = AccountFacts(name="x", base_url="", user="ada", account_name="ada's  SHOP", marketplace="United Kingdom")
    header = '<form id="sign-out"></form><b id="who">Ada\'s\n Shop</b><i id="where">{}</i>'

    verdicts = [
        extract(snapshot(LIST, header=header.format(place)), desk(), "en-US", account).verdict.value
        for place in ("United Kingdom", "Deutschland")
    ]

    assert ["ok", "wrong_account"] == verdicts


def test_a_late_header_is_waited_for(desk: Desk, snapshot: Snap) -> None:
    """A page whose header has not said yet whose it is has not come to rest, and is not believed."""
    profile = desk({"identity.ready": "#who"})
    page = snapshot(LIST, header='<form id="sign-out"></form>')

    reading = extract(page, profile, "en-US", ACCOUNT)

    assert ("blank", False) == (
        reading.verdict.value,
        is_settled(reader_of(page, profile, "en-US", ACCOUNT), page.request),
    )


@pytest.mark.parametrize(
    ("rows", "summary", "verdict"),
    [
        (2, "1 to 2 of 2", "ok"),
        (1, "1 to 2 of 2", "blank"),
        (0, "0 to 0 of 12", "blank"),
        (0, "1 to 2 of 2", "blank"),
        (2, "1 to 2 of 30", "ok"),
    ],
)
def test_a_list_shorter_than_its_own_summary_is_blank(
    desk: Desk, snapshot: Snap, rows: int, summary: str, verdict: str
) -> None:
    """Fewer rows than the page itself announces means that it is broken, not that cases are gone."""
    profile = desk(
        {
            "list.summary.first": {"css": ".sum", "filters": [{"part": r"(\d+) to"}]},
            "list.summary.last": {"css": ".sum", "filters": [{"part": r"to (\d+)"}]},
            "list.summary.total": {"css": ".sum", "filters": [{"part": r"of (\d+)"}]},
        }
    )
    body = f'<div id="cases"><p class="sum">{summary}</p>{ROW * rows}</div>'

    assert verdict == extract(snapshot(body), profile, "en-US", ACCOUNT).verdict.value


@pytest.mark.parametrize(
    ("page", "verdict"),
    [((1, 2, 5), "ok"), ((1, 1, 5), "blank"), ((3, 1, 5), "ok"), ((3, 0, 5), "blank"), ((1, 1, 1), "ok")],
)
def test_a_total_and_a_page_size_say_how_many_rows_there_must_be(
    desk: Desk, snapshot: Snap, page: tuple[int, int, int], verdict: str
) -> None:
    """Where the summary has no first and last, the page's number tells what is due on it."""
    number, rows, total = page
    profile = desk({"list.summary.total": "#total", "list.page_size": {"rows": 2, "parameter": "size"}})
    body = f'<div id="cases"><b id="total">{total}</b>{ROW * rows}</div>'

    assert verdict == extract(snapshot(body, number=number), profile, "en-US", ACCOUNT).verdict.value


@pytest.mark.parametrize(
    ("size", "chosen_by_url"), [({"steps": [{"click": "#two"}]}, False), ({"parameter": "size"}, True)]
)
def test_a_list_that_still_shows_its_old_page_has_not_come_to_rest(
    desk: Desk, snapshot: Snap, size: dict[str, Any], chosen_by_url: bool
) -> None:
    """After a click the rows must be those of the page that was asked for, in the size that was chosen."""
    profile = desk(
        {
            "list.summary.first": {"css": ".sum", "filters": [{"part": r"(\d+) to"}]},
            "list.summary.last": {"css": ".sum", "filters": [{"part": r"to (\d+)"}]},
            "list.summary.total": {"css": ".sum", "filters": [{"part": r"of (\d+)"}]},
            "list.page_size": {"rows": 2, **size},
            "list.pager": {"click": ".next"},
        }
    )

    def looks(summary: str, number: int) -> tuple[bool, str]:
        page = snapshot(f'<div id="cases"><p class="sum">{summary}</p>{ROW * 2}</div>', number=number)
        settled = is_settled(reader_of(page, profile, "en-US", ACCOUNT), page.request)
        return settled, extract(page, profile, "en-US", ACCOUNT).verdict.value

    verdicts = {True: (True, "ok"), False: (False, "blank")}
    assert [verdicts[good] for good in (False, True, chosen_by_url, True, True)] == [
        looks("1 to 2 of 5", 2),
        looks("3 to 4 of 5", 2),
        looks("1 to 1 of 5", 1),  # the size was asked for in vain, or has not come yet
        looks("5 to 5 of 5", 3),
        looks("3 to 4 of 4", 3),  # the third page is gone, the portal shows its last one
    ]


@pytest.mark.parametrize("body", [LIST, '<div id="cases"><p class="no-cases">none</p></div>'])
def test_another_tab_s_list_is_not_believed(desk: Desk, snapshot: Snap, body: str) -> None:
    """A portal that answers an unknown tab with its default list is found out, with rows or without."""
    profile = desk({"tabs.mine": {"url": "/cases?mine", "ready": "nav[data-tab='mine']"}})

    def good(tab: Tab, shown: str) -> bool:
        page = snapshot(f'<nav data-tab="{shown}"></nav>{body}', tab=tab)
        return extract(page, profile, "en-US", ACCOUNT).page is not None

    assert [True, False, True] == [good(Tab.ALL, "all"), good(Tab.MINE, "all"), good(Tab.MINE, "mine")]


def test_a_drifted_page_names_the_field_and_keeps_what_was_read(desk: Desk, snapshot: Snap) -> None:
    """The failure quotes the profile's key and selector; rows that could be read are there, a next page is not."""
    body = f'<div id="cases">{ROW}<div class="row" data-id="8"><i class="status">Open</i></div></div>'

    profile = desk({"list.pager": {"parameter": {"name": "page"}}})

    reading = extract(snapshot(body), profile, "en-US", ACCOUNT)

    assert isinstance(reading.page, ListPage)
    assert ("drifted", ["7", "8"], [("list.subject", "css = '.subject'", "nothing found")], None) == (
        reading.verdict.value,
        [row.case_id for row in reading.page.rows],
        [(one.field, one.selector, one.why) for one in reading.failures],
        reading.next,
    )


def test_a_blank_page_says_what_was_missing(desk: Desk, snapshot: Snap) -> None:
    """The reason quotes the part of the ready test that did not hold."""
    profile = desk({"list.ready": {"css": "#cases", "gone": ".spinner"}})
    body = LIST + '<i class="spinner"></i>'

    assert ("blank", "the page is not ready: gone = '.spinner' still matches") == judged(
        extract(snapshot(body), profile, "en-US", ACCOUNT)
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"css": ".row"}, True),
        ({"css": ".row", "text": "lamp"}, True),
        ({"css": ".row", "text": ["chair", "table"]}, False),
        ({"text": "{user}"}, False),
        ({"shown": ".off"}, False),
        ({"css": ".off"}, True),
        ({"gone": ".off"}, True),
        ({"gone": ".row"}, False),
        ({"url": r"/cases$"}, True),
        ({"url": r"\d{3}"}, False),
        ({"status": 200}, True),
        ({"status": [404, 410]}, False),
        ({"any": [".no", ".row"]}, True),
        ({"any": [".no", ".nor"]}, False),
        ({"all": [".row", {"text": "open"}]}, True),
        ({"all": [".row", ".no"]}, False),
        ({"none": [".no", {"text": "closed"}]}, True),
        ({"none": [".row"]}, False),
        ({"css": ".row", "gone": ".row"}, False),
    ],
)
def test_conditions_combine(reader: Callable[..., Any], condition: dict[str, Any], expected: bool) -> None:
    """Everything in one condition must hold; any, all and none do what they say."""
    from agent.extract.conditions import any_holds
    from agent.profile.model.conditions import Condition

    page = reader(LIST + '<p style="display: none"><b class="off"></b></p>')

    assert expected is any_holds(page, (Condition.model_validate(condition),))
