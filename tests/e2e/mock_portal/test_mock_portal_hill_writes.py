"""What the hill face takes in, and its faults, in both browsers, held against the ledger."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload
from playwright.sync_api import Page
from playwright.sync_api import expect

from mock_portal.server import MockPortal

pytestmark = pytest.mark.long  # the soak posts on the hill

SERVICE = "/hill/hillservice/mons-api"
LOBBY = "/cu/case-lobby"
CELL = "td.hill-case-lobby-search-results-panel-"

Enter = Callable[..., MockPortal]
FindCase = Callable[..., dict[str, Any]]


def view(case_id: str) -> str:
    return f"/cu/case-dashboard/view-case?caseID={case_id}"


def open_reply(page: Page, portal: MockPortal, case_id: str, text: str) -> None:
    page.goto(portal.ready.url + view(case_id))
    page.click('kat-button[label="Reply"]')
    page.fill("kat-textarea textarea", text)


def test_clicks_of_scripts_are_ignored(page: Page, enter: Enter, find_case: FindCase) -> None:
    """A click that no person made does nothing; a real one opens the form."""
    portal = enter()
    page.goto(portal.ready.url + view(find_case(portal, status_key="needs_attention")["id"]))
    reply = page.locator('kat-button[label="Reply"]')
    expect(reply).to_be_visible()

    reply.evaluate("button => { button.click(); button.shadowRoot.querySelector('button').click(); }")
    expect(page.locator(".reply-panel")).to_have_count(0)
    reply.click()

    expect(page.locator('kat-tab[tab-id="Email"]')).to_be_visible()


def test_reply_with_a_file(page: Page, enter: Enter, tmp_path: Path, find_case: FindCase) -> None:
    """A chip shows each upload's fate; the reply is accepted once, with the files that went up."""
    portal = enter()
    case = find_case(portal, status_key="needs_attention")
    (tmp_path / "proof.pdf").write_bytes(b"%PDF proof")
    (tmp_path / "film.mp4").write_bytes(b"film")
    text = "Hello,\nhere is <everything> & more 你好"

    open_reply(page, portal, case["id"], text)
    page.set_input_files("kat-file-upload input", [tmp_path / "proof.pdf", tmp_path / "film.mp4"])
    expect(page.locator('.chip[data-state="success"]')).to_have_text("proof.pdf")
    expect(page.locator('.chip[data-state="error"]')).to_have_text("film.mp4")
    expect(page.locator(".reply-panel kat-alert")).to_contain_text("film.mp4: this type of file is not accepted")
    page.click('kat-button[label="Send"]')

    expect(page.locator('kat-alert[variant="success"]')).to_contain_text("sent")
    newest = page.locator("kat-box.contact").first
    expect(newest.locator('[data-testid="sender-label"]')).to_have_text("You")
    expect(newest.locator(".contact-body")).to_have_text(text.replace("\n", ""))
    assert [(entry["kind"], entry["text"], entry["name"], entry["sha256"]) for entry in portal.ledger()] == [
        ("upload", "", "proof.pdf", sha256(b"%PDF proof").hexdigest()),
        ("reply", text, "", sha256(text.encode()).hexdigest()),
    ]


def test_close_and_new_case(page: Page, enter: Enter, find_case: FindCase) -> None:
    """A closed case loses its buttons; a new one is written in a frame inside an element inside a frame."""
    portal = enter()
    case = find_case(portal, status_key="needs_attention")
    page.goto(portal.ready.url + view(case["id"]))
    page.click('kat-button[label="Close case"]')
    page.click('kat-button[label="Yes, close it"]')
    expect(page.locator(".no-reply")).to_contain_text("cannot be reopened")
    expect(page.locator('kat-button[label="Reply"]')).to_have_count(0)

    page.goto(portal.ready.url + "/cu/contact-us")
    form = page.frame_locator("iframe.contact-assistant").frame_locator("hill-contact-assistant iframe")
    form.locator(".new-case-subject input").fill(f"About {case['id']}")
    form.locator(".new-case-text textarea").fill("The closed case was not solved.")
    # Content, not a path: over BiDi, Playwright names the page and not its frame when it hands over paths.
    proof = FilePayload(name="proof.pdf", mimeType="application/pdf", buffer=b"%PDF proof")
    form.locator("kat-file-upload input").set_input_files(proof)
    expect(form.locator('.chip[data-state="success"]')).to_have_text("proof.pdf")
    form.locator(".new-case-category .header").click()
    form.locator('.new-case-category kat-option[value="Orders"]').click()
    form.locator('kat-button[label="Submit case"]').click()
    expect(form.locator("kat-alert")).to_contain_text("was created")

    assert [(entry["kind"], entry["subject"]) for entry in portal.ledger()] == [
        ("close_case", ""),
        ("upload", ""),
        ("new_case", f"About {case['id']}"),
    ]
    page.goto(portal.ready.url + view(portal.ledger()[-1]["case"]))
    expect(page.locator('[data-testid="case-support_type"]')).to_have_text("Orders")


@pytest.mark.parametrize(
    ("name", "path", "note"),
    [("copper-view", None, ".no-reply"), ("bluefern-ca", "/cu/contact-us", ".restricted-note")],
)
def test_limited_accounts(page: Page, enter: Enter, name: str, path: str | None, note: str) -> None:
    """A view-only user has no reply button; a restricted account has no form for new cases."""
    portal = enter(name)
    case_id = next(case["id"] for case in portal.truth(name)["cases"] if case["status_key"] != "closed")

    page.goto(portal.ready.url + (path or view(case_id)))

    expect(page.locator(note)).to_be_visible()
    expect(page.locator('kat-button[label="Reply"], iframe')).to_have_count(0)


def test_script_throws_in_one_engine(page: Page, enter: Enter, browser_name: str) -> None:
    """The lobby stays empty in the engine that the fault names, and fills itself in the other."""
    portal = enter()
    other = "firefox" if browser_name == "chromium" else "chromium"

    portal.set_faults({"kind": "script_throws", "engine": browser_name})
    page.goto(portal.ready.url + LOBBY)
    assert page.locator("body").inner_text().strip() == ""

    portal.set_faults({"kind": "script_throws", "engine": other})
    page.goto(portal.ready.url + LOBBY)
    expect(page.locator(f"{CELL}caseId").first).to_be_visible()
    expect(page.locator(".dropdown-account-switcher-header-label")).to_be_visible()


def test_faults_of_the_data(page: Page, enter: Enter) -> None:
    """Empty rows under a total, throttling and an expired session reach the page through its JSON."""
    portal = enter()
    case_id = portal.truth()["cases"][0]["id"]

    portal.set_faults({"kind": "list_empty", "times": 1})
    page.goto(portal.ready.url + LOBBY)
    total = len(portal.truth()["tabs"]["all"]["ids"])
    expect(page.locator(".hill-case-lobby-search-results-panel-summary")).to_contain_text(f"of {total}")
    expect(page.locator(f"{CELL}caseId")).to_have_count(0)

    portal.set_faults({"kind": "throttled", "path": "ViewCase", "times": 1})
    page.goto(portal.ready.url + view(case_id))
    expect(page.locator('kat-alert[variant="danger"]')).to_contain_text("too quickly")

    portal.set_faults({"kind": "session_expired", "path": "ViewCase", "times": 1})
    page.goto(portal.ready.url + view(case_id))
    expect(page.locator("#ap_email")).to_be_visible()


def test_wrong_account_in_the_header(page: Page, enter: Enter) -> None:
    """The late label names somebody else while the fault lasts."""
    portal = enter()
    portal.set_faults({"kind": "wrong_account", "account_name": "Somebody Else", "times": 1})

    page.goto(portal.ready.url + LOBBY)

    expect(page.locator(".dropdown-account-switcher-header-label-global")).to_have_text("Somebody Else")


def test_accepted_but_answered_blank(page: Page, enter: Enter, find_case: FindCase) -> None:
    """An empty answer crashes the page; the ledger has the reply."""
    portal = enter()
    case = find_case(portal, status_key="needs_attention")
    portal.set_faults({"kind": "reply_blank"})

    open_reply(page, portal, case["id"], "Here you are.")
    page.click('kat-button[label="Send"]')

    expect(page.locator("main")).to_be_empty()
    assert [entry["kind"] for entry in portal.ledger()] == ["reply"]


def test_browsers_send_a_cut_post_again(page: Page, enter: Enter, find_case: FindCase) -> None:
    """A reply by fetch whose connection is closed without an answer is posted twice by both engines."""
    portal = enter()
    case = find_case(portal, status_key="needs_attention")
    portal.set_faults({"kind": "reply_closed", "times": 1})

    open_reply(page, portal, case["id"], "Here you are.")
    page.click('kat-button[label="Send"]')

    expect(page.locator('kat-alert[variant="success"]')).to_be_visible()
    assert [entry["kind"] for entry in portal.ledger()] == ["reply", "reply"]


def test_upload_refused(page: Page, enter: Enter, tmp_path: Path, find_case: FindCase) -> None:
    """A refused upload shows on its chip."""
    portal = enter()
    case = find_case(portal, status_key="needs_attention")
    (tmp_path / "proof.pdf").write_bytes(b"%PDF proof")
    portal.set_faults({"kind": "upload_refused", "times": 1})

    open_reply(page, portal, case["id"], "Here you are.")
    page.set_input_files("kat-file-upload input", tmp_path / "proof.pdf")

    expect(page.locator('.chip[data-state="error"]')).to_have_text("proof.pdf")
    assert portal.ledger() == []
