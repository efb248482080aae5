"""Rows of a list, and the way to the next page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from agent.extract.pager import with_query
from agent.extract.pages import extract
from agent.extract.reading import ListPage
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from storage.records import CaseStatus
from storage.records import CaseSummary
from storage.records import Tab

ACCOUNT = AccountFacts(name="shop", base_url="https://desk.example", user="ada", account_name="Ada's Shop", zone="UTC")

Desk = Callable[..., PortalProfile]
Snap = Callable[..., Snapshot]

LINK = {"css": "a", "attr": "href", "filters": ["absolute"]}


def row(case_id: str = "7", status: str = "Open", time: str = "2026-03-16T14:05Z", shown: str = "an hour ago") -> str:
    return (
        f'<div class="row" data-id="{case_id}"><a class="subject" href="/cases/{case_id}">Lamp</a>'
        f'<i class="status">{status}</i><time datetime="{time}">{shown}</time></div>'
    )


def rows_of(profile: PortalProfile, snapshot: Snapshot) -> tuple[CaseSummary, ...]:
    page = extract(snapshot, profile, "en-US", ACCOUNT).page
    assert isinstance(page, ListPage)
    return page.rows


def test_a_row_is_read_with_its_raw_texts(desk: Desk, snapshot: Snap) -> None:
    """The status is translated, the time is UTC, a column's link absolute, and every text is kept as it was read."""
    profile = desk({"list.columns": {"age": "time", "link": LINK}, "list.fingerprint": []})

    (found,) = rows_of(profile, snapshot(f'<div id="cases">{row()}</div>'))

    assert found == CaseSummary(
        case_id="7",
        subject="Lamp",
        status=CaseStatus.NEEDS_USER,
        status_raw="Open",
        updated_at=datetime(2026, 3, 16, 14, 5, tzinfo=UTC),
        updated_at_raw="2026-03-16T14:05Z",
        updated_granularity=60,
        row=(
            ("id", "7"),
            ("subject", "Lamp"),
            ("status", "Open"),
            ("updated", "2026-03-16T14:05Z"),
            ("age", "an hour ago"),
            ("link", "https://desk.example/cases/7"),
        ),
    )


def test_a_word_that_no_one_maps_is_an_unknown_status(desk: Desk, snapshot: Snap) -> None:
    """The portal's own word is kept, its meaning is not guessed."""
    (found,) = rows_of(desk(), snapshot(f'<div id="cases">{row(status="Pending")}</div>'))

    assert (CaseStatus.UNKNOWN, "Pending") == (found.status, found.status_raw)


def test_the_fingerprint_is_of_what_times_mean(desk: Desk, snapshot: Snap) -> None:
    """A relative text or another zone is the same row; another time or status is not."""
    prints = [
        rows_of(desk(), snapshot(f'<div id="cases">{text}</div>'))[0].fingerprint
        for text in (
            row(),
            row(shown="2 hours ago"),
            row(time="2026-03-16T15:05+01:00"),
            row(time="2026-03-16T14:06Z"),
            row(status="Closed"),
        )
    ]

    assert prints[0] == prints[1] == prints[2]
    assert 3 == len(set(prints[2:]))


def following(profile: PortalProfile, snapshot: Snapshot) -> PageRequest | None:
    return extract(snapshot, profile, "en-US", ACCOUNT).next


@pytest.mark.parametrize(
    ("pager", "extra", "expected"),
    [
        ({"link": {"css": ".next", "attr": "href"}}, '<a class="next" href="?p=2#top">', ("/cases?p=2#top", 0)),
        ({"link": {"css": ".next", "attr": "href"}}, '<a class="next" href="#page/2">', ("/cases#page/2", 0)),
        ({"link": {"css": ".next", "attr": "href"}}, "", None),
        ({"link": {"css": ".next", "attr": "href"}}, '<a class="next" href="#">', None),
        ({"link": {"css": ".next", "attr": "href"}}, '<a class="next" href=" javascript:void(0); ">', None),
        ({"link": [{"css": ".next", "attr": "href"}, {"css": ".more", "attr": "href"}]}, "", None),
        ({"click": ".next:not(.off)"}, '<b class="next">', ("/cases", 1)),
        ({"click": ".next:not(.off)"}, '<b class="next off">', None),
        ({"click": ".next"}, '<b class="next" hidden>', None),
        ({"click": {"css": "b", "text": "More"}}, "<b>more</b>", ("/cases", 1)),
        ({"click": {"css": "b", "text": "More"}}, "<b>less</b>", None),
        ({"parameter": {"name": "page"}}, "", ("/cases?page=2", 0)),
        ({"parameter": {"name": "page", "first": 0}}, "", ("/cases?page=1", 0)),
        ({"parameter": {"name": "start", "first": 0, "step": 25}}, "", ("/cases?start=25", 0)),
        ({"parameter": {"name": "page"}, "end": ".last"}, '<i class="last">', None),
        ({"parameter": {"name": "page"}, "last_page": "#pages"}, '<i id="pages">1', None),
        ({"parameter": {"name": "page"}, "last_page": "#pages"}, '<i id="pages">2', ("/cases?page=2", 0)),
        ({"scroll": "#cases", "appends": True}, "", ("/cases", 1)),
    ],
)
def test_the_next_page_is_had_in_the_portals_way(
    desk: Desk, snapshot: Snap, pager: dict[str, Any], extra: str, expected: tuple[str, int] | None
) -> None:
    """A link, a click, a number in the URL or a scroll; and none of them on the last page."""
    found = following(desk({"list.pager": pager}), snapshot(f'<div id="cases">{row()}</div>{extra}'))

    assert expected == ((found.url.removeprefix("https://desk.example"), found.clicks) if found else None)


def test_a_next_page_that_is_no_address_is_not_the_end(desk: Desk, snapshot: Snap) -> None:
    """A link that only a script can follow is a profile to mend; a list cut short there would be taken for whole."""
    profile = desk({"list.pager": {"link": {"css": ".next", "attr": "href"}}})

    read = extract(
        snapshot(f'<div id="cases">{row()}</div><a class="next" href="javascript:go(2)">'), profile, "en-US", ACCOUNT
    )

    assert ("drifted", ["list.pager.link"]) == (read.verdict.value, [one.field for one in read.failures])


def test_a_parameter_keeps_the_rest_of_the_query(desk: Desk, snapshot: Snap) -> None:
    """Repeated and empty parameters stay as they were, the page's own is replaced."""
    page = snapshot(row(), url="https://desk.example/cases?status=1&status=2&q=&page=3", number=3)
    profile = desk({"list.ready": ".row", "list.rows": ".row", "list.pager": {"parameter": {"name": "page"}}})

    found = following(profile, page)

    assert found is not None
    assert ("https://desk.example/cases?status=1&status=2&q=&page=4", 4) == (found.url, found.number)


def test_the_summary_ends_a_list(desk: Desk, snapshot: Snap) -> None:
    """When the last row of all is shown, nothing follows, whatever the pager looks like."""
    profile = desk(
        {
            "list.pager": {"parameter": {"name": "page"}},
            "list.summary.last": "#last",
            "list.summary.total": "#total",
        }
    )

    def after(last: int) -> PageRequest | None:
        return following(
            profile, snapshot(f'<div id="cases">{row()}</div><i id="last">{last}</i><i id="total">1,200</i>')
        )

    assert [True, False] == [after(1199) is not None, after(1200) is not None]


def test_the_first_page_says_how_many_rows_a_page_holds(desk: Desk, snapshot: Snap) -> None:
    """A portal that gives fewer rows than it was asked for is believed, and held to it on every further page."""
    profile = desk(
        {
            "list.summary.total": "#total",
            "list.page_size": {"rows": 100, "parameter": "size"},
            "list.pager": {"parameter": {"name": "start", "first": 0, "step": 0}},
        }
    )

    def read(rows: int, request: PageRequest | None = None) -> tuple[str, PageRequest | None]:
        page = snapshot(f'<div id="cases">{row() * rows}</div><i id="total">5</i>')
        found = extract(replace(page, request=request or page.request), profile, "en-US", ACCOUNT)
        return found.verdict.value, found.next

    first, second = read(2)
    short = read(1, second)
    middle, third = read(2, second)
    last, end = read(1, third)

    assert second is not None
    assert third is not None
    assert ("https://desk.example/cases?start=2", "https://desk.example/cases?start=4") == (second.url, third.url)
    assert ("ok", ("blank", None), "ok", ("ok", None)) == (first, short, middle, (last, end))


def test_a_short_page_that_nothing_follows_is_blank(desk: Desk, snapshot: Snap) -> None:
    """Fewer rows than the page's own count, and no way to the others: they did not come."""
    profile = desk(
        {
            "list.summary.total": "#total",
            "list.page_size": {"rows": 100, "parameter": "size"},
            "list.pager": {"link": {"css": ".next", "attr": "href"}},
        }
    )
    page = f'<div id="cases">{row() * 2}</div><i id="total">5</i>'

    verdicts = [
        extract(snapshot(page + link), profile, "en-US", ACCOUNT).verdict.value
        for link in ("", '<a class="next" href="?p=2">')
    ]

    assert ["blank", "ok"] == verdicts


def test_a_tab_s_list_may_differ_from_that_of_the_others(desk: Desk, snapshot: Snap) -> None:
    """What the tab says of its list is laid over what all lists have in common; the other tabs are read as before."""
    mine = {"url": "/mine", "list": {"rows": "#cases p", "status": "u", "columns": {"age": "time"}}}
    profile = desk({"tabs.mine": mine, "list.columns": {"address": {"css": "a", "attr": "href"}}})
    other = "<p data-id=8><b class=subject>Desk</b><u>Closed</u><a href=x></a><time>now</time></p>"
    body = f'<div id="cases">{row("7")}{other}</div>'

    def read(tab: Tab | None) -> list[tuple[str, str | None, tuple[str, ...]]]:
        found = extract(snapshot(body, tab=tab), profile, "en-US", ACCOUNT).page
        assert isinstance(found, ListPage)
        return [(one.case_id, one.status_raw, tuple(name for name, _ in one.row)) for one in found.rows]

    assert [("8", "Closed", ("id", "subject", "status", "address", "age"))] == read(Tab.MINE)
    assert [("7", "Open", ("id", "subject", "status", "updated", "address"))] == read(Tab.ALL) == read(None)


def test_a_variable_stays_in_its_braces_beside_a_parameter() -> None:
    """A URL that still lacks a value can be filled in after the page's number or size was put into it."""
    assert "/cases?u={uid}&size=50" == with_query("/cases?u={uid}", "size", "50")


@pytest.mark.parametrize(
    ("extra", "total", "expected"), [("<i class=full>", 10, True), ("", 1000, True), ("", 999, False)]
)
def test_a_capped_list_is_known(desk: Desk, snapshot: Snap, extra: str, total: int, expected: bool) -> None:
    """By its own words or by a round number of cases; such a list proves nothing."""
    split = {"cap": 1000, "capped": ".full", "earliest": datetime(2020, 1, 1, tzinfo=UTC).date(), "url": "/c?f={since}"}
    profile = desk({"tabs.all.split": split, "list.summary.total": "#total"})
    page = snapshot(f'<div id="cases">{row() * total}</div><i id="total">{total}</i>{extra}', tab=Tab.ALL)

    found = extract(page, profile, "en-US", ACCOUNT).page

    assert isinstance(found, ListPage)
    assert expected is found.capped
