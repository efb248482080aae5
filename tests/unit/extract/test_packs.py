"""Page packs and what a profile is told about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import Problem
from agent.errors import ProfileError
from agent.extract.check import check_pack
from agent.extract.packs import load_pack
from agent.extract.snapshot import PageKind
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from storage.records import Tab

LIST = (
    '<form id="sign-out"></form><div id="cases"><div class="row" data-id="7">'
    '<b class="subject">Lamp</b><i class="status">Open</i></div></div>'
)
PACK = """
locale = "de"
[account]
user = "ada"
variables = { team = "x" }
[[pages]]
file = "list.html"
url = "https://desk.example/cases"
kind = "list"
time = 2026-03-16T14:05:00Z
tab = "mine"
[[pages]]
file = "case.html"
url = "https://desk.example/cases/7"
kind = "case"
time = 2026-03-16T14:05:00
case_id = "7"
status = 404
locale = "en"
row = { created = "then" }
"""

Desk = Callable[..., PortalProfile]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pack.toml").write_text(PACK, encoding="utf-8")
    (tmp_path / "list.html").write_text(LIST, encoding="utf-8")
    (tmp_path / "case.html").write_text("<p>gone", encoding="utf-8")
    return tmp_path


def test_a_pack_says_what_its_pages_are(folder: Path) -> None:
    """Locale, account, kind, tab, case, status and list row of each page; a time without a zone is UTC."""
    pack = load_pack(folder)

    listed, case = (page.snapshot for page in pack.pages)
    assert (
        AccountFacts(
            name="pack", base_url="https://desk.example/cases", user="ada", account_name="", variables={"team": "x"}
        )
        == pack.account
    )
    assert (["de", "en"], Tab.MINE, LIST) == ([page.locale for page in pack.pages], listed.request.tab, listed.html)
    assert (PageKind.CASE, "7", 404, "2026-03-16T14:05:00+00:00") == (
        case.request.kind,
        case.request.case_id,
        case.status,
        case.read_at.isoformat(),
    )
    assert case.request.row is not None
    assert (("created", "then"),) == case.request.row.row


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (PACK.replace("file = ", "fle = ", 1), "fle"),
        (PACK.replace('case_id = "7"\n', ""), "needs its case_id"),
        (PACK.replace('"list.html"', '"other.html"'), "other.html"),
        ("[[pages]", "the pack"),
    ],
)
def test_a_pack_that_is_wrong_says_where(folder: Path, text: str, problem: str) -> None:
    """An unknown key, a case without its id, a file that is not there, a text that is no TOML."""
    (folder / "pack.toml").write_text(text, encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        load_pack(folder)

    assert any(problem in f"{one.where} {one.what}" for one in caught.value.problems), caught.value.problems


def test_a_part_that_the_profile_does_not_have_is_named(desk: Desk, folder: Path) -> None:
    """A pack may have been saved for another profile, or for an older one."""
    (folder / "pack.toml").write_text(PACK + 'part = "thread"\n', encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        check_pack(desk(), load_pack(folder))

    assert (Problem("case.html", "there is no [case.parts.thread]"),) == caught.value.problems


def test_a_page_in_another_encoding_is_named(folder: Path) -> None:
    """A browser may save a page as UTF-16; it is told which one it is and what to do."""
    (folder / "list.html").write_bytes(LIST.encode("utf-16"))

    with pytest.raises(ProfileError) as caught:
        load_pack(folder)

    assert (str(folder / "list.html"), "it is not UTF-8: save it as UTF-8") == (
        caught.value.profile,
        caught.value.problems[0].what,
    )


def test_the_report_names_what_failed_and_what_was_never_seen(desk: Desk, folder: Path) -> None:
    """A page that is something else is no success; a field that no page shows is named apart."""
    report = check_pack(desk(), load_pack(folder))

    assert [("list.html", "ok", 1), ("case.html", "gone", 0)] == [
        (page.page, page.verdict.value, page.count) for page in report.pages
    ]
    assert not report.passed
    assert {"list.updated", "case.id", "case.subject", "case.status"} <= {one.field for one in report.unseen}
    assert not {"list.id", "list.subject", "list.status"} & {one.field for one in report.unseen}


def test_the_report_names_the_test_that_a_blank_page_did_not_pass(desk: Desk, folder: Path) -> None:
    """Where a page counts as blank or signed out, the conditions that did not hold are told one by one."""
    (folder / "list.html").write_text("<p>hello", encoding="utf-8")

    report = check_pack(desk(), load_pack(folder))

    assert {
        "sign_in.signed_in": "css = '#sign-out' matches nothing",
        "list.ready": "css = '#cases' matches nothing",
    } == {one.field: one.why for one in report.pages[0].failures}
