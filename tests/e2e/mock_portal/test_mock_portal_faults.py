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

from mock_portal.pytest_plugin import PortalFactory
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


@pytest.fixture
def portal(caselog_portal: PortalFactory, sign_in: SignIn) -> MockPortal:
    """A portal that the page is signed in to."""
    started = caselog_portal(cases=12)
    sign_in(started)
    return started


@pytest.mark.parametrize("kind", ["poisoned_cookie", "poisoned_storage", "stale_worker", "bad_script"])
def test_poison_needs_a_fresh_context(portal: MockPortal, page: Page, browser: Browser, kind: str) -> None:
    """Poison survives going there again and new pages; a fresh context with the session's cookie cures it."""
    portal.set_faults({"kind": kind, "times": 1})
    url = portal.ready.url + "/cases"

    assert is_blank(page, url)
    assert is_blank(page, url)
    assert is_blank(page.context.new_page(), url)
    fresh = carried(browser, page.context)
    assert shows_list(fresh.new_page(), url)
    assert is_blank(page, url)
    fresh.close()


def test_script_throws_in_one_engine(portal: MockPortal, page: Page, browser_name: str) -> None:
    """The page is empty in the engine that the fault names, and whole in the other."""
    other = "firefox" if browser_name == "chromium" else "chromium"
    url = portal.ready.url + "/cases"

    portal.set_faults({"kind": "script_throws", "engine": browser_name})
    assert is_blank(page, url)
    portal.set_faults({"kind": "script_throws", "engine": other})
    assert shows_list(page, url)


def test_feature_not_user_agent(portal: MockPortal, page: Page, browser: Browser, browser_name: str) -> None:
    """Another User-Agent does not cure a page that breaks by a feature."""
    portal.set_faults({"kind": "script_throws", "engine": browser_name})
    disguised = carried(browser, page.context, user_agent="Mozilla/5.0 (iPhone) AppleWebKit/605.1 Safari/604.1")

    assert is_blank(disguised.new_page(), portal.ready.url + "/cases")
    disguised.close()


def test_mobile_only(
    portal: MockPortal, page: Page, browser: Browser, browser_name: str, playwright: Playwright
) -> None:
    """A page for touch screens is empty on a desktop and renders in Chromium's emulated telephone."""
    portal.set_faults({"kind": "mobile_only"})
    url = portal.ready.url + "/cases"
    assert is_blank(page, url)
    device = {key: value for key, value in playwright.devices["Pixel 7"].items() if key != "default_browser_type"}
    telephone = carried(browser, page.context, **device)

    if browser_name == "chromium":
        assert shows_list(telephone.new_page(), url)
    else:
        assert is_blank(telephone.new_page(), url)
    telephone.close()


def test_blank_until_used_up(portal: MockPortal, page: Page) -> None:
    """An empty body comes as often as it was ordered."""
    portal.set_faults({"kind": "blank", "times": 2})
    url = portal.ready.url + "/cases"

    assert [is_blank(page, url), is_blank(page, url)] == [True, True]
    assert shows_list(page, url)


def test_spinner(portal: MockPortal, page: Page) -> None:
    """The spinner's page loads, stays busy and never becomes idle."""
    portal.set_faults({"kind": "spinner", "times": 1})

    page.goto(portal.ready.url + "/cases")

    expect(page.locator('[aria-busy="true"]')).to_be_visible()
    expect(page.locator(".list-summary")).to_have_count(0)


def test_wrong_account_in_the_header(portal: MockPortal, page: Page) -> None:
    """The header names somebody else while the fault lasts."""
    portal.set_faults({"kind": "wrong_account", "times": 1})
    mine = portal.ready.accounts[0].account_name

    page.goto(portal.ready.url + "/cases")
    expect(page.locator(".account-name")).not_to_have_text(mine)
    page.goto(portal.ready.url + "/cases")
    expect(page.locator(".account-name")).to_have_text(mine)


def open_case(portal: MockPortal) -> str:
    case_id: str = next(case["id"] for case in portal.truth()["cases"] if case["status_key"] == "needs_attention")
    return case_id


def reply(portal: MockPortal, page: Page, case_id: str, *files: Path) -> None:
    page.goto(f"{portal.ready.url}/cases/{case_id}")
    page.fill("#reply-text", "Here is what you asked for.")
    page.set_input_files("#reply-files", list(files))
    page.click("#reply-send", no_wait_after=True)


def kept(portal: MockPortal) -> list[str]:
    return [entry["kind"] for entry in portal.ledger()]


def test_accepted_but_answered_blank(portal: MockPortal, page: Page) -> None:
    """The visitor sees an empty page; the ledger has the reply."""
    portal.set_faults({"kind": "reply_blank"})

    reply(portal, page, open_case(portal))
    page.wait_for_url("**/reply")

    assert page.locator("body").inner_text().strip() == ""
    assert kept(portal) == ["reply"]


@pytest.mark.parametrize("kind", ["reply_reset", "reply_closed"])
def test_browsers_send_a_cut_post_again(portal: MockPortal, page: Page, kind: str) -> None:
    """After a cut both engines repeat the POST by themselves, and the ledger shows it."""
    portal.set_faults({"kind": kind, "times": 1})

    reply(portal, page, open_case(portal))
    expect(page.locator('[data-notice="sent"]')).to_be_visible()

    assert kept(portal) == ["reply", "reply"]


@pytest.mark.only_browser("firefox")
@pytest.mark.parametrize("kind", ["reply_reset", "reply_closed"])
def test_one_attempt_keeps_it_at_one(
    portal: MockPortal, page: Page, browser_type: BrowserType, browser_type_launch_args: dict[str, Any], kind: str
) -> None:
    """A Firefox that may try once posts once."""
    careful = browser_type.launch(
        **browser_type_launch_args, firefox_user_prefs={"network.http.request.max-attempts": 1}
    )
    context = carried(careful, page.context)
    portal.set_faults({"kind": kind, "times": 1})
    tab = context.new_page()

    with tab.expect_event("requestfailed"):
        reply(portal, tab, open_case(portal))

    assert kept(portal) == ["reply"]
    careful.close()


def test_late_and_dropped(portal: MockPortal, page: Page) -> None:
    """A late reply is kept and not shown yet; a dropped one is said to be sent and is nowhere."""
    case_id = open_case(portal)
    portal.set_faults({"kind": "reply_late", "seconds": 3600, "times": 1})
    before = len(next(case for case in portal.truth()["cases"] if case["id"] == case_id)["messages"])

    reply(portal, page, case_id)
    expect(page.locator('[data-notice="sent"]')).to_be_visible()
    expect(page.locator(".thread-count")).to_have_attribute("data-count", str(before))
    assert kept(portal) == ["reply"]
    portal.advance(seconds=3601)
    page.goto(f"{portal.ready.url}/cases/{case_id}")
    expect(page.locator(".thread-count")).to_have_attribute("data-count", str(before + 1))

    portal.set_faults({"kind": "reply_dropped", "times": 1})
    reply(portal, page, case_id)
    expect(page.locator('[data-notice="sent"]')).to_be_visible()
    assert kept(portal) == ["reply"]


def test_uploads_refused_and_lost(portal: MockPortal, page: Page, tmp_path: Path) -> None:
    """A refused upload refuses the form; a lost one leaves the text alone."""
    case_id = open_case(portal)
    (tmp_path / "proof.txt").write_bytes(b"proof")

    portal.set_faults({"kind": "upload_refused", "times": 1})
    reply(portal, page, case_id, tmp_path / "proof.txt")
    expect(page.locator(".reply-card .alert-error")).to_contain_text("proof.txt could not be uploaded")
    assert kept(portal) == []

    portal.set_faults({"kind": "upload_lost", "times": 1})
    reply(portal, page, case_id, tmp_path / "proof.txt")
    expect(page.locator('[data-notice="sent"]')).to_be_visible()
    assert kept(portal) == ["reply"]
