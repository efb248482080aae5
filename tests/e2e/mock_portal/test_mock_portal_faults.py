"""Faults as a browser meets them: what breaks a page, what cures it, and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import BrowserType
from playwright.sync_api import Page
from playwright.sync_api import Playwright
from playwright.sync_api import expect

from mock_portal.server import MockPortal

SignIn = Any
SESSION_COOKIE = "portal-session"


def is_blank(page: Page, url: str) -> bool:
    """Whether the list stays an empty shell; every guard has had its say when this answers."""
    page.goto(url)
    page.evaluate("navigator.serviceWorker.getRegistration()")
    return page.locator("body").inner_text().strip() == ""


def shows_list(page: Page, url: str) -> bool:
    page.goto(url)
    expect(page.locator(".list-summary")).to_be_visible()
    return True


def carried(browser: Browser, context: BrowserContext, **options: Any) -> BrowserContext:
    """A fresh context that has the session's cookie and nothing else."""
    fresh = browser.new_context(**options)
    session = next(cookie for cookie in context.cookies() if cookie["name"] == SESSION_COOKIE)
    fresh.add_cookies(
        [{"name": SESSION_COOKIE, "value": session["value"], "domain": session["domain"], "path": session["path"]}]
    )
    return fresh


@pytest.mark.parametrize(
    "kind",
    [
        "poisoned_cookie",
        pytest.param("poisoned_storage", marks=pytest.mark.long),
        "stale_worker",
        pytest.param("bad_script", marks=pytest.mark.long),
    ],
)
def test_poison_needs_a_fresh_context(classic: MockPortal, page: Page, browser: Browser, kind: str) -> None:
    """Poison survives going there again and new pages; a fresh context with the session's cookie cures it."""
    classic.set_faults({"kind": kind, "times": 1})
    url = classic.ready.url + "/cases"

    assert is_blank(page, url)
    assert is_blank(page, url)
    assert is_blank(page.context.new_page(), url)
    fresh = carried(browser, page.context)
    assert shows_list(fresh.new_page(), url)
    assert is_blank(page, url)
    fresh.close()


def test_script_throws_in_one_engine(classic: MockPortal, page: Page, browser_name: str) -> None:
    """The page is empty in the engine that the fault names, and whole in the other."""
    other = "firefox" if browser_name == "chromium" else "chromium"
    url = classic.ready.url + "/cases"

    classic.set_faults({"kind": "script_throws", "engine": browser_name})
    assert is_blank(page, url)
    classic.set_faults({"kind": "script_throws", "engine": other})
    assert shows_list(page, url)


def test_feature_not_user_agent(classic: MockPortal, page: Page, browser: Browser, browser_name: str) -> None:
    """Another User-Agent does not cure a page that breaks by a feature."""
    classic.set_faults({"kind": "script_throws", "engine": browser_name})
    disguised = carried(browser, page.context, user_agent="Mozilla/5.0 (iPhone) AppleWebKit/605.1 Safari/604.1")

    assert is_blank(disguised.new_page(), classic.ready.url + "/cases")
    disguised.close()


def test_mobile_only(
    classic: MockPortal, page: Page, browser: Browser, browser_name: str, playwright: Playwright
) -> None:
    """A page for touch screens is empty on a desktop and renders in Chromium's emulated telephone."""
    classic.set_faults({"kind": "mobile_only"})
    url = classic.ready.url + "/cases"
    assert is_blank(page, url)
    device = {key: value for key, value in playwright.devices["Pixel 7"].items() if key != "default_browser_type"}
    telephone = carried(browser, page.context, **device)

    if browser_name == "chromium":
        assert shows_list(telephone.new_page(), url)
    else:
        assert is_blank(telephone.new_page(), url)
    telephone.close()


def test_blank_until_used_up(classic: MockPortal, page: Page) -> None:
    """An empty body comes as often as it was ordered."""
    classic.set_faults({"kind": "blank", "times": 2})
    url = classic.ready.url + "/cases"

    assert [is_blank(page, url), is_blank(page, url)] == [True, True]
    assert shows_list(page, url)


def test_spinner(classic: MockPortal, page: Page) -> None:
    """The spinner's page loads, stays busy and never becomes idle."""
    classic.set_faults({"kind": "spinner", "times": 1})

    page.goto(classic.ready.url + "/cases")

    expect(page.locator('[aria-busy="true"]')).to_be_visible()
    expect(page.locator(".list-summary")).to_have_count(0)


def test_wrong_account_in_the_header(classic: MockPortal, page: Page) -> None:
    """The header names somebody else while the fault lasts."""
    classic.set_faults({"kind": "wrong_account", "times": 1})
    mine = classic.ready.accounts[0].account_name

    page.goto(classic.ready.url + "/cases")
    expect(page.locator(".account-name")).not_to_have_text(mine)
    page.goto(classic.ready.url + "/cases")
    expect(page.locator(".account-name")).to_have_text(mine)


def open_case(classic: MockPortal) -> str:
    case_id: str = next(case["id"] for case in classic.truth()["cases"] if case["status_key"] == "needs_attention")
    return case_id


def reply(classic: MockPortal, page: Page, case_id: str, *files: Path) -> None:
    page.goto(f"{classic.ready.url}/cases/{case_id}")
    page.fill("#reply-text", "Here is what you asked for.")
    page.set_input_files("#reply-files", list(files))
    page.click("#reply-send", no_wait_after=True)


def kept(classic: MockPortal) -> list[str]:
    return [entry["kind"] for entry in classic.ledger()]


def test_accepted_but_answered_blank(classic: MockPortal, page: Page) -> None:
    """The visitor sees an empty page; the ledger has the reply."""
    classic.set_faults({"kind": "reply_blank"})

    reply(classic, page, open_case(classic))
    page.wait_for_url("**/reply")

    assert page.locator("body").inner_text().strip() == ""
    assert kept(classic) == ["reply"]


@pytest.mark.parametrize("kind", ["reply_reset", pytest.param("reply_closed", marks=pytest.mark.long)])
def test_browsers_send_a_cut_post_again(classic: MockPortal, page: Page, kind: str) -> None:
    """After a cut both engines repeat the POST by themselves, and the ledger shows it."""
    classic.set_faults({"kind": kind, "times": 1})

    reply(classic, page, open_case(classic))
    expect(page.locator('[data-notice="sent"]')).to_be_visible()

    assert kept(classic) == ["reply", "reply"]


@pytest.mark.only_browser("firefox")
def test_one_attempt_keeps_it_at_one(
    classic: MockPortal, page: Page, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> None:
    """A Firefox that may try once posts once."""
    careful = browser_type.launch(
        **browser_type_launch_args, firefox_user_prefs={"network.http.request.max-attempts": 1}
    )
    context = carried(careful, page.context)
    case_id = open_case(classic)

    for posts, kind in enumerate(("reply_reset", "reply_closed"), start=1):
        tab = context.new_page()  # the last one's page is still on its way to the browser's own error page
        classic.set_faults({"kind": kind, "times": 1})
        with tab.expect_event("requestfailed"):
            reply(classic, tab, case_id)
        assert kept(classic) == ["reply"] * posts
    careful.close()


def test_late_and_dropped(classic: MockPortal, page: Page) -> None:
    """A late reply is kept and not shown yet; a dropped one is said to be sent and is nowhere."""
    case_id = open_case(classic)
    classic.set_faults({"kind": "reply_late", "seconds": 3600, "times": 1})
    before = len(next(case for case in classic.truth()["cases"] if case["id"] == case_id)["messages"])

    reply(classic, page, case_id)
    expect(page.locator('[data-notice="sent"]')).to_be_visible()
    expect(page.locator(".thread-count")).to_have_attribute("data-count", str(before))
    assert kept(classic) == ["reply"]
    classic.advance(seconds=3601)
    page.goto(f"{classic.ready.url}/cases/{case_id}")
    expect(page.locator(".thread-count")).to_have_attribute("data-count", str(before + 1))

    classic.set_faults({"kind": "reply_dropped", "times": 1})
    reply(classic, page, case_id)
    expect(page.locator('[data-notice="sent"]')).to_be_visible()
    assert kept(classic) == ["reply"]


def test_uploads_refused_and_lost(classic: MockPortal, page: Page, tmp_path: Path) -> None:
    """A refused upload refuses the form; a lost one leaves the text alone."""
    case_id = open_case(classic)
    (tmp_path / "proof.txt").write_bytes(b"proof")

    classic.set_faults({"kind": "upload_refused", "times": 1})
    reply(classic, page, case_id, tmp_path / "proof.txt")
    expect(page.locator(".reply-card .alert-error")).to_contain_text("proof.txt could not be uploaded")
    assert kept(classic) == []

    classic.set_faults({"kind": "upload_lost", "times": 1})
    reply(classic, page, case_id, tmp_path / "proof.txt")
    expect(page.locator('[data-notice="sent"]')).to_be_visible()
    assert kept(classic) == ["reply"]
