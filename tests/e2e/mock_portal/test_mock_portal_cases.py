"""The classic case pages in both browsers, held against the portal's own truth and ledger."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from typing import NamedTuple

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.server import MockPortal

SignIn = Any
FindCase = Callable[..., dict[str, Any]]


@pytest.mark.long  # every backup is compared with this truth
def test_threads_show_what_the_truth_says(page: Page, classic: MockPortal) -> None:
    """Read through the browser, the first cases' threads are the truth's: ids, authors, directions, texts, files."""
    for case in classic.truth()["cases"]:
        page.goto(f"{classic.ready.url}/cases/{case['id']}")
        expect(page.locator(".case-subject")).to_have_text(case["subject"])
        expect(page.locator(".case-status")).to_have_text(case["status"])
        assert read_thread(page)[::-1] == as_shown(case)


def test_oldest_first(page: Page, classic: MockPortal) -> None:
    """The other order begins with the opening message and keeps it over all pages."""
    case = max(classic.truth()["cases"], key=lambda case: len(case["messages"]))
    page.goto(f"{classic.ready.url}/cases/{case['id']}")

    with page.expect_navigation():
        page.click("text=Oldest first")

    assert read_thread(page) == as_shown(case)


def as_shown(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": message["id"],
            "author": message["author"],
            "role": message["role"],
            "body": "".join(message["body_shown"].split()),
            "files": [file["name"] for file in message["attachments"]],
        }
        for message in case["messages"]
    ]


def read_thread(page: Page) -> list[dict[str, Any]]:
    script = r"""articles => articles.map(article => ({
        id: article.id.replace("message-", ""),
        author: article.querySelector(".message-author").innerText,
        role: article.dataset.direction,
        body: article.querySelector(".message-body").innerText.replace(/\s+/gu, ""),
        files: [...article.querySelectorAll(".attachment a")].map(link => link.textContent),
    }))"""
    read: list[dict[str, Any]] = page.locator("article.message").evaluate_all(script)
    while page.locator(".thread-pager .next").count():
        with page.expect_navigation():
            page.click(".thread-pager .next")
        read += page.locator("article.message").evaluate_all(script)
    return read


def test_attachments_arrive_whole(page: Page, classic: MockPortal) -> None:
    """Every attachment of the first cases, odd names and equal names included, has the truth's bytes."""
    for case in classic.truth()["cases"]:
        page.goto(f"{classic.ready.url}/cases/{case['id']}?order=oldest")
        links = page.locator(".attachment a").evaluate_all("links => links.map(link => link.href)")
        expected = [file["sha256"] for message in case["messages"][:10] for file in message["attachments"]]
        assert [sha256(page.context.request.get(link).body()).hexdigest() for link in links] == expected


def test_reply_with_files(page: Page, classic: MockPortal, tmp_path: Path, find_case: FindCase) -> None:
    """A reply with two files is accepted once, and shown and kept exactly as it was sent."""
    case = find_case(classic, status_key="needs_attention")
    text = 'Hello,\n\nhere is "everything" & more <b>.\nGrüße 你好 🙏'
    files = [tmp_path / "proof 1.txt", tmp_path / "Größe.pdf"]
    files[0].write_bytes(b"one\r\ntwo")
    files[1].write_bytes(b"%PDF-1.4 small")

    page.goto(f"{classic.ready.url}/cases/{case['id']}")
    page.fill("#reply-text", text)
    page.set_input_files("#reply-files", files)
    page.click("#reply-send")

    expect(page.locator('[data-notice="sent"]')).to_be_visible()
    newest = page.locator("article.message").first
    expect(newest.locator(".message-body")).to_have_text(text)
    ledger = classic.ledger()
    assert [(entry["kind"], entry["case"], entry["text"], entry["name"]) for entry in ledger] == [
        ("reply", case["id"], text, ""),
        ("upload", case["id"], "", "proof 1.txt"),
        ("upload", case["id"], "", "Größe.pdf"),
    ]
    assert [entry["sha256"] for entry in ledger] == [
        sha256(content).hexdigest() for content in (text.encode(), b"one\r\ntwo", b"%PDF-1.4 small")
    ]
    after = find_case(classic, id=case["id"])
    assert (after["status_key"], after["messages"][-1]["author"]) == ("work_in_progress", "Dana Reyes")


class Refused(NamedTuple):
    """A reply against the rules, and the reason that the portal gives."""

    text: str
    names: tuple[str, ...]
    error: str


@pytest.mark.parametrize(
    "refused",
    [
        Refused("  ", (), "Please write a message"),
        Refused("x" * 9001, (), "longer than 9000"),
        Refused("Hello", ("film.mp4",), "film.mp4: this type of file is not accepted"),
        Refused("Hello", tuple(f"{n}.txt" for n in range(6)), "at most 5"),
    ],
)
def test_refused_replies_leave_no_trace(
    page: Page, classic: MockPortal, tmp_path: Path, refused: Refused, find_case: FindCase
) -> None:
    """A reply against the rules is refused with a visible reason, the text stays in the form, nothing is kept."""
    case = find_case(classic, status_key="needs_attention")
    for name in refused.names:
        (tmp_path / name).write_bytes(b"x")

    page.goto(f"{classic.ready.url}/cases/{case['id']}")
    page.fill("#reply-text", refused.text)
    page.set_input_files("#reply-files", [tmp_path / name for name in refused.names])
    page.click("#reply-send")

    expect(page.locator(".reply-card .alert-error")).to_contain_text(refused.error)
    expect(page.locator("#reply-text")).to_have_value(refused.text)
    assert classic.ledger() == []


def test_large_file_is_refused(page: Page, classic: MockPortal, tmp_path: Path, find_case: FindCase) -> None:
    """A file above the limit is named in the error."""
    (tmp_path / "big.pdf").write_bytes(b"%PDF" + bytes(10 * 1024 * 1024))

    page.goto(f"{classic.ready.url}/cases/{find_case(classic, status_key='needs_attention')['id']}")
    page.fill("#reply-text", "See the file.")
    page.set_input_files("#reply-files", tmp_path / "big.pdf")
    page.click("#reply-send")

    expect(page.locator(".reply-card .alert-error")).to_contain_text("big.pdf is larger than 10 MB")
    assert classic.ledger() == []


@pytest.mark.long  # caselog does neither yet
def test_close_and_new_case(page: Page, classic: MockPortal, find_case: FindCase) -> None:
    """Closing takes the form away for good; a new case appears at once at the head of the log."""
    case = find_case(classic, status_key="needs_attention")

    page.goto(f"{classic.ready.url}/cases/{case['id']}")
    page.click(".close-case")
    page.click("#close-confirm")
    expect(page.locator(".no-reply")).to_contain_text("cannot be reopened")
    expect(page.locator("#reply-form")).to_have_count(0)

    page.click("text=Case Log >> nth=0")
    page.click(".new-case")
    page.fill("#new-subject", f"Follow-up of {case['id']}")
    page.fill("#new-text", "The closed case was not solved.")
    page.click("#new-submit")
    expect(page.locator('[data-notice="created"]')).to_be_visible()
    created = page.locator(".case-summary").get_attribute("data-case-id")
    page.goto(classic.ready.url + "/cases")
    expect(page.locator("tr.case-row").first).to_have_attribute("data-case-id", created or "")

    assert [(entry["kind"], entry["case"]) for entry in classic.ledger()] == [
        ("close_case", case["id"]),
        ("new_case", created),
    ]


def test_limited_accounts(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """A view-only user is offered no form; a restricted account may reply but not open cases."""
    portal = caselog_portal(cases=12)
    sign_in(portal, "copper-view")
    open_case = next(case for case in portal.truth("copper-view")["cases"] if case["status_key"] != "closed")
    page.goto(f"{portal.ready.url}/cases/{open_case['id']}")
    expect(page.locator(".no-reply")).to_contain_text("view-only")
    expect(page.locator("form")).to_have_count(1)  # sign-out

    page.context.clear_cookies()
    sign_in(portal, "bluefern-ca")
    page.goto(portal.ready.url + "/cases/new")
    expect(page.locator(".restricted-note")).to_contain_text("emergency contact under Account Health")
    expect(page.locator("#new-case-form")).to_have_count(0)
