"""Whole pages against what a person reads on them.

Each folder is a page pack for the profile of its name; `expected.json` says what has to come out. A page that a
profile once failed on belongs here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from agent.extract.check import check_pack
from agent.extract.dates import parse_moment
from agent.extract.filters import Unreadable
from agent.extract.packs import load_pack
from agent.extract.pages import extract
from agent.extract.reading import CasePage
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.profile.load import load_profile
from storage.records import AttachmentRef
from storage.records import CaseSummary

HERE = Path(__file__).parent
PACKS = ("django-helpdesk", "seller-central")


@pytest.mark.parametrize("name", PACKS)
def test_pages_read_as_a_person_reads_them(name: str) -> None:
    """Every row, field, message and file of the pack comes out as it stands in `expected.json`."""
    profile, pack = load_profile(name), load_pack(HERE / name)
    expected = json.loads((HERE / name / "expected.json").read_text(encoding="utf-8"))

    read = {page.name: told(extract(page.snapshot, profile, page.locale, pack.account)) for page in pack.pages}

    assert expected == read


@pytest.mark.parametrize("name", PACKS)
def test_a_profile_passes_its_own_pack(name: str) -> None:
    """No selector of the profile fails on the pages that it was made for."""
    report = check_pack(load_profile(name), load_pack(HERE / name))

    assert [] == [(page.page, page.failures) for page in report.pages if page.failures]
    assert report.passed


@pytest.mark.parametrize(
    ("file", "url", "verdict"),
    [
        ("sign-in.html", "https://sc.example/ap/signin?openid", "login"),
        ("code.html", "https://sc.example/ap/mfa", "login"),
        ("robot.html", "https://sc.example/errors/validateCaptcha", "challenge"),
        ("shell.html", "https://sc.example/cu/case-lobby", "blank"),
        ("list-blank.html", "https://sc.example/cu/case-lobby", "blank"),
        ("list-classic.html", "https://sc.example/ap/cvf/request", "challenge"),
    ],
)
@pytest.mark.parametrize("kind", [PageKind.LIST, PageKind.CASE])
def test_what_comes_instead_of_a_page_is_known(file: str, url: str, verdict: str, kind: PageKind) -> None:
    """Whatever was asked for: sign-in, code, CAPTCHA, empty shell and a list short of its count are told apart."""
    pack = load_pack(HERE / "seller-central")
    page = pack.pages[0].snapshot
    html = (HERE / "seller-central" / file).read_text(encoding="utf-8")
    request = replace(page.request, kind=kind, case_id="12750439141" if kind is PageKind.CASE else None)
    snapshot = replace(page, html=html, final_url=url, request=request)

    assert verdict == extract(snapshot, load_profile("seller-central"), None, pack.account).verdict.value


def test_another_marketplace_in_the_header_is_noticed() -> None:
    """One sign-in covers several marketplaces; the header says which one is shown."""
    pack = load_pack(HERE / "seller-central")
    account = replace(pack.account, marketplace="Deutschland")

    verdicts = {
        extract(page.snapshot, load_profile("seller-central"), None, account).verdict.value for page in pack.pages
    }

    assert {"wrong_account"} == verdicts


@pytest.mark.parametrize(
    ("sender", "direction"),
    [
        ("Amazon Seller Support", "portal"),
        ("merch.service@amazon.com", "portal"),
        ("Ana &lt;case@cs.amazon.co.uk&gt;", "portal"),
        ("您", "user"),
        ("Dana@HarborPine.example", "user"),
        ("lee@amazon.com.example", "user"),
        ("amazon.desk@harborpine.example", "user"),
        ("Seller Support", None),
        ("Dana Okafor", None),
    ],
)
def test_a_sender_whom_nobody_knows_is_not_taken_for_ours(sender: str, direction: str | None) -> None:
    """Amazon signs in several ways; who is neither Amazon nor an address makes the page one to look at."""
    pack = load_pack(HERE / "seller-central")
    page = next(page for page in pack.pages if page.name == "view-us.html")
    html = page.snapshot.html.replace('sender-label">You<', f'sender-label">{sender}<')

    read = extract(replace(page.snapshot, html=html), load_profile("seller-central"), "zh-CN", pack.account)

    assert isinstance(read.page, CasePage)
    told = {(one.direction, one.author) for one in read.page.messages} - {
        ("portal", "Amazon"),
        ("user", "ops@harborpine.example"),
    }
    assert (read.verdict.value, told) == (
        ("drifted", set()) if direction is None else ("ok", {(direction, unescape(sender))})
    )


def test_china_s_time_is_not_taken_for_chicago_s() -> None:
    """In Chinese, CST may be eight hours ahead; it is refused there and read in English."""
    rules = load_profile("seller-central").dates["default"]

    found = parse_moment("Mar 16, 2026, 05:38 PM CST", rules, "en-US", zone=None)
    with pytest.raises(Unreadable, match="the zone CST is not in the profile's zones for zh-CN"):
        parse_moment("2026年3月16日 17:38 CST", rules, "zh-CN", zone=None)

    assert "2026-03-16T23:38:00+00:00" == found.utc.isoformat()


def test_a_spoilt_selector_is_named() -> None:
    """The check quotes the profile's key, the selector and the page that it fails on."""
    profile = load_profile("django-helpdesk")
    rules = profile.list.model_copy(update={"subject": profile.list.status})
    assert rules.status is not None
    spoilt = profile.model_copy(
        update={"list": rules.model_copy(update={"status": rules.status.model_copy(update={"column": ("Nowhere",)})})}
    )

    report = check_pack(spoilt, load_pack(HERE / "django-helpdesk"))

    assert [("list.html", {("list.status", "column = ('Nowhere',)", "nothing found")})] == [
        (page.page, {(one.field, one.selector, one.why) for one in page.failures})
        for page in report.pages
        if page.failures
    ]
    assert not report.passed


def told(reading: Reading) -> dict[str, Any]:
    """A reading as `expected.json` writes it."""
    story: dict[str, Any] = {"verdict": reading.verdict.value}
    if isinstance(reading.page, ListPage):
        story |= {"total": reading.page.total, "next": reading.next is not None}
        story["rows"] = [_row(row) for row in reading.page.rows]
    if isinstance(reading.page, CasePage):
        page = reading.page
        story |= {
            "subject": page.subject,
            "status": [page.status, page.status_raw],
            "created": page.created_at.isoformat() if page.created_at else None,
            "can_reply": page.can_reply,
            "messages": [
                {
                    "id": message.native_id,
                    "from": [message.direction, message.author],
                    "at": message.sent_at.isoformat(),
                    "body": message.body,
                    "files": [_file(file) for file in message.attachments],
                    "truncated": message.truncated,
                }
                for message in page.messages
            ],
        }
    return story


def _row(row: CaseSummary) -> dict[str, Any]:
    return {
        "id": row.case_id,
        "subject": row.subject,
        "status": [row.status, row.status_raw],
        "created": row.created_at.isoformat() if row.created_at else None,
        "updated": row.updated_at.isoformat() if row.updated_at else None,
    }


def _file(file: AttachmentRef) -> list[str | None]:
    return [file.name, file.mime, file.url]
