"""The classic face in both browsers, held against the portal's own truth and ledger."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from typing import NamedTuple

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page
from playwright.sync_api import expect

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.ready import ReadyAccount
from mock_portal.server import MockPortal

SignIn = Any


def squeezed(text: str) -> str:
    return "".join(text.split())


def listed_ids(page: Page) -> list[str]:
    ids: list[str] = page.locator("tr.case-row").evaluate_all("rows => rows.map(row => row.dataset.caseId)")
    return ids


def walk(page: Page) -> list[str]:
    """All ids from here to the last page, by the pager."""
    found = listed_ids(page)
    while page.locator(".pager .next").count():
        page.click(".pager .next")
        found += listed_ids(page)
    return found


def a_case(portal: MockPortal, **wanted: Any) -> dict[str, Any]:
    cases: list[dict[str, Any]] = portal.truth()["cases"]
    return next(case for case in cases if all(case[key] == value for key, value in wanted.items()))


def test_both_entrances_lead_to_the_log(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """The home page's widget and the Help menu both open the case log."""
    sign_in(caselog_portal(cases=12))

    page.click(".view-case-log")
    expect(page.locator("h1")).to_have_text("Case Log")

    page.click("text=Home")
    page.click(".help-menu summary")
    page.click(".manage-cases")
    expect(page.locator("h1")).to_have_text("Case Log")


def test_pages_say_that_they_are_not_amazon(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """Every page carries the note, and the header names account and marketplace."""
    portal = caselog_portal(cases=12)
    page.goto(portal.ready.url)
    expect(page.locator(".not-amazon")).to_contain_text("not Amazon")
    account = sign_in(portal)
    case = portal.truth()["cases"][0]["id"]

    below = ("", f"/{case}", f"/{case}/close", "/new")
    for path in ("/home", *[f"/cases{each}" for each in below], "/nowhere", "/errors/validateCaptcha"):
        page.goto(portal.ready.url + path)
        expect(page.locator(".not-amazon")).to_contain_text("not Amazon")
    page.goto(portal.ready.url + "/cases")
    expect(page.locator(".account-name")).to_have_text(account.account_name)
    expect(page.locator(".account-marketplace")).to_have_text(account.marketplace)


def test_wrong_answers_at_sign_in(page: Page, caselog_portal: PortalFactory) -> None:
    """Unknown address, wrong password and wrong code each say so and let nobody in."""
    portal = caselog_portal(cases=5)
    account = portal.ready.accounts[0]
    page.goto(portal.ready.url + "/cases")
    for email, password, error in (
        ("nobody@harborpine.example", "x", "unknown_user"),
        (account.user, "wrong", "wrong_password"),
    ):
        page.fill("#email", email)
        page.fill("#password", password)
        page.click("#sign-in-submit")
        expect(page.locator(f'[data-error="{error}"]')).to_be_visible()
    page.fill("#password", account.password)
    page.click("#sign-in-submit")
    page.fill("#otp", "000000")
    page.click("#code-submit")
    expect(page.locator('[data-error="otp_wrong"]')).to_be_visible()

    page.goto(portal.ready.url + "/cases")
    expect(page.locator("#sign-in")).to_be_visible()


def test_remembered_device_needs_no_code(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """A code works once; a remembered device is not asked for one."""
    portal = caselog_portal(cases=5)
    account = sign_in(portal, remember=True)

    page.click(".sign-out button")
    page.fill("#email", account.user)
    page.fill("#password", account.password)
    page.click("#sign-in-submit")

    expect(page.locator(".account-name")).to_have_text(account.account_name)


def test_code_is_taken_once(page: Page, caselog_portal: PortalFactory, code_for: Callable[[ReadyAccount], str]) -> None:
    """A second sign-in within the same period refuses the code that was used."""
    portal = caselog_portal(cases=5, otp_period=120)
    account = portal.ready.accounts[0]
    code = code_for(account)
    page.goto(portal.ready.url + "/home")
    for _ in range(2):
        page.fill("#email", account.user)
        page.fill("#password", account.password)
        page.click("#sign-in-submit")
        page.fill("#otp", code)
        page.click("#code-submit")
        expect(page.locator(".sign-out, [data-error]")).to_be_visible()
        if page.locator(".sign-out").count():
            page.click(".sign-out button")

    expect(page.locator('[data-error="otp_used"]')).to_be_visible()


def test_account_chooser(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """A sign-in with two marketplaces chooses one, and lands where it wanted to go, in that marketplace's language."""
    portal = caselog_portal(cases=12)
    sign_in(portal, "lindqvist-de", path="/cases?tab=filtered")

    page.check("input[value=lindqvist-de]")
    page.click("#chooser-submit")

    expect(page).to_have_url(portal.ready.url + "/cases?tab=filtered")
    expect(page.locator(".account-marketplace")).to_have_text("Deutschland")
    expect(page.locator("h1")).to_have_text("Fallprotokoll")


def test_tabs_hold_what_the_truth_says(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """Walking each tab page by page finds the truth's ids, and every summary counts them."""
    portal = caselog_portal(cases=60)
    sign_in(portal)
    tabs = portal.truth()["tabs"]

    for tab, query in (("all", "rows=25"), ("mine", ""), ("attention", ""), ("filtered", "range=all&rows=25")):
        page.goto(f"{portal.ready.url}/cases?tab={tab}&{query}")
        total = len(tabs[tab]["ids"])
        expect(page.locator(".list-summary")).to_contain_text(f"of {total}")
        expect(page.locator(f'[data-tab="{tab}"] .tab-count')).to_have_text(str(total))
        assert sorted(walk(page)) == sorted(tabs[tab]["ids"])


def test_list_controls(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """Rows per page, go to page, sort, search and combined filters do what they say."""
    portal = caselog_portal(cases=60)
    sign_in(portal, path="/cases?tab=filtered")

    page.select_option(".filters [name=range]", "all")
    page.check(".filters [value=closed]")
    page.check(".filters [value=open]")
    page.click(".filters button")
    closed_or_open = [case["id"] for case in portal.truth()["cases"] if case["status_key"] in ("closed", "open")]
    expect(page.locator(".list-summary")).to_contain_text(f"of {len(closed_or_open)}")
    page.select_option(".rows-per-page select", "100")
    expect(page).to_have_url(re.compile("rows=100"))
    assert sorted(listed_ids(page)) == sorted(closed_or_open)

    page.click("th.id a")
    expect(page.locator("th.id")).to_have_attribute("aria-sort", "descending")
    assert listed_ids(page) == sorted(closed_or_open, reverse=True)

    page.goto(portal.ready.url + "/cases?tab=filtered&range=all")
    page.fill(".go-to-page input[name=page]", "3")
    page.click(".go-to-page button")
    expect(page.locator(".list-summary")).to_have_text("Cases 21 to 30 of 60")

    subject = portal.truth()["cases"][5]["subject"]
    page.goto(portal.ready.url + "/cases")
    page.fill("[name=q]", subject)
    page.click(".search button")
    expect(page.locator("tr.case-row .subject").first).to_have_text(subject)
    page.fill("[name=q]", "Selling Partner Support")
    page.click(".search button")
    expect(page.locator(".no-cases")).to_be_visible()
    expect(page.locator(".list-summary")).to_have_text("Cases 0 to 0 of 0")


def test_export_is_the_list(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """The exported workbook has every case of the tab, not only of the page."""
    portal = caselog_portal(cases=40)
    sign_in(portal, path="/cases?tab=filtered&range=all")

    with page.expect_download() as download:
        page.click(".export")

    sheet = load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    truth = {case["id"]: (case["subject"], case["status"]) for case in portal.truth()["cases"]}
    assert {row[0]: (row[1], row[2]) for row in rows[1:]} == truth


@pytest.mark.parametrize("order", ["", "?order=oldest"])
def test_threads_show_what_the_truth_says(
    page: Page, caselog_portal: PortalFactory, sign_in: SignIn, order: str
) -> None:
    """Read through the browser, the first cases' threads are the truth's: ids, authors, directions, texts, files."""
    portal = caselog_portal(cases=12)
    sign_in(portal)

    for case in portal.truth()["cases"]:
        page.goto(f"{portal.ready.url}/cases/{case['id']}{order}")
        expect(page.locator(".case-subject")).to_have_text(case["subject"])
        expect(page.locator(".case-status")).to_have_text(case["status"])
        read = read_thread(page)
        read = read if order else read[::-1]
        assert read == [
            {
                "id": message["id"],
                "author": message["author"],
                "role": message["role"],
                "body": squeezed(message["body_shown"]),
                "files": [file["name"] for file in message["attachments"]],
            }
            for message in case["messages"]
        ]


def read_thread(page: Page) -> list[dict[str, Any]]:
    script = """articles => articles.map(article => ({
        id: article.id.replace("message-", ""),
        author: article.querySelector(".message-author").innerText,
        role: article.dataset.direction,
        body: article.querySelector(".message-body").innerText.replace(/\\\\s+/gu, ""),
        files: [...article.querySelectorAll(".attachment a")].map(link => link.textContent),
    }))""".replace("\\\\", "\\")
    read: list[dict[str, Any]] = page.locator("article.message").evaluate_all(script)
    while page.locator(".thread-pager .next").count():
        page.click(".thread-pager .next")
        read += page.locator("article.message").evaluate_all(script)
    return read


def test_attachments_arrive_whole(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """Every attachment of the first cases, odd names and equal names included, has the truth's bytes."""
    portal = caselog_portal(cases=12)
    sign_in(portal)

    for case in portal.truth()["cases"]:
        page.goto(f"{portal.ready.url}/cases/{case['id']}?order=oldest")
        links = page.locator(".attachment a").evaluate_all("links => links.map(link => link.href)")
        expected = [file["sha256"] for message in case["messages"][:10] for file in message["attachments"]]
        assert [sha256(page.context.request.get(link).body()).hexdigest() for link in links] == expected


def test_reply_with_files(page: Page, caselog_portal: PortalFactory, sign_in: SignIn, tmp_path: Path) -> None:
    """A reply with two files is accepted once, and shown and kept exactly as it was sent."""
    portal = caselog_portal(cases=12)
    sign_in(portal)
    case = a_case(portal, status_key="needs_attention")
    text = 'Hello,\n\nhere is "everything" & more <b>.\nGrüße 你好 🙏'
    files = [tmp_path / "proof 1.txt", tmp_path / "Größe.pdf"]
    files[0].write_bytes(b"one\r\ntwo")
    files[1].write_bytes(b"%PDF-1.4 small")

    page.goto(f"{portal.ready.url}/cases/{case['id']}")
    page.fill("#reply-text", text)
    page.set_input_files("#reply-files", files)
    page.click("#reply-send")

    expect(page.locator('[data-notice="sent"]')).to_be_visible()
    newest = page.locator("article.message").first
    expect(newest.locator(".message-body")).to_have_text(text)
    ledger = portal.ledger()
    assert [(entry["kind"], entry["case"], entry["text"], entry["name"]) for entry in ledger] == [
        ("reply", case["id"], text, ""),
        ("upload", case["id"], "", "proof 1.txt"),
        ("upload", case["id"], "", "Größe.pdf"),
    ]
    assert [entry["sha256"] for entry in ledger] == [
        sha256(content).hexdigest() for content in (text.encode(), b"one\r\ntwo", b"%PDF-1.4 small")
    ]
    after = a_case(portal, id=case["id"])
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
    page: Page, caselog_portal: PortalFactory, sign_in: SignIn, tmp_path: Path, refused: Refused
) -> None:
    """A reply against the rules is refused with a visible reason, the text stays in the form, nothing is kept."""
    portal = caselog_portal(cases=12)
    sign_in(portal)
    case = a_case(portal, status_key="needs_attention")
    for name in refused.names:
        (tmp_path / name).write_bytes(b"x")

    page.goto(f"{portal.ready.url}/cases/{case['id']}")
    page.fill("#reply-text", refused.text)
    page.set_input_files("#reply-files", [tmp_path / name for name in refused.names])
    page.click("#reply-send")

    expect(page.locator(".reply-card .alert-error")).to_contain_text(refused.error)
    expect(page.locator("#reply-text")).to_have_value(refused.text)
    assert portal.ledger() == []


def test_large_file_is_refused(page: Page, caselog_portal: PortalFactory, sign_in: SignIn, tmp_path: Path) -> None:
    """A file above the limit is named in the error."""
    portal = caselog_portal(cases=12)
    sign_in(portal)
    (tmp_path / "big.pdf").write_bytes(b"%PDF" + bytes(10 * 1024 * 1024))

    page.goto(f"{portal.ready.url}/cases/{a_case(portal, status_key='needs_attention')['id']}")
    page.fill("#reply-text", "See the file.")
    page.set_input_files("#reply-files", tmp_path / "big.pdf")
    page.click("#reply-send")

    expect(page.locator(".reply-card .alert-error")).to_contain_text("big.pdf is larger than 10 MB")
    assert portal.ledger() == []


def test_close_and_new_case(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """Closing takes the form away for good; a new case appears at once at the head of the log."""
    portal = caselog_portal(cases=12)
    sign_in(portal)
    case = a_case(portal, status_key="needs_attention")

    page.goto(f"{portal.ready.url}/cases/{case['id']}")
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
    page.goto(portal.ready.url + "/cases")
    assert listed_ids(page)[0] == created

    assert [(entry["kind"], entry["case"]) for entry in portal.ledger()] == [
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


def test_robot_check_lets_a_person_through(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """The check stands in the way until its characters are typed, then leads back to the page that was wanted."""
    portal = caselog_portal(cases=12)
    sign_in(portal)
    portal.set_faults({"kind": "captcha"})

    page.goto(portal.ready.url + "/cases?tab=mine")
    expect(page).to_have_title("Robot Check")
    page.fill("#captchacharacters", "WRONG")
    page.click("button")
    expect(page).to_have_title("Robot Check")
    page.fill("#captchacharacters", "kxbrtm")
    page.click("button")

    expect(page).to_have_url(portal.ready.url + "/cases?tab=mine")
