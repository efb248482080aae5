"""Ways in, in both browsers: entrances, password, code, device, account, robot check; and what each page says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page
from playwright.sync_api import expect

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.ready import ReadyAccount

SignIn = Any


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


def test_remembered_device_needs_no_code(page: Page, caselog_portal: PortalFactory, sign_in_by_hand: SignIn) -> None:
    """A code works once; a remembered device is not asked for one."""
    portal = caselog_portal(cases=5)
    account = sign_in_by_hand(portal, remember=True)

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


def test_account_chooser(page: Page, caselog_portal: PortalFactory, sign_in_by_hand: SignIn) -> None:
    """A sign-in with two marketplaces chooses one, and lands where it wanted to go, in that marketplace's language."""
    portal = caselog_portal(cases=12)
    sign_in_by_hand(portal, "lindqvist-de", path="/cases?tab=filtered")

    page.check("input[value=lindqvist-de]")
    page.click("#chooser-submit")

    expect(page).to_have_url(portal.ready.url + "/cases?tab=filtered")
    expect(page.locator(".account-marketplace")).to_have_text("Deutschland")
    expect(page.locator("h1")).to_have_text("Fallprotokoll")


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
