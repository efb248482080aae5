"""What the hill face shows in both browsers, held against the portal's own truth."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page
from playwright.sync_api import expect

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.ready import ReadyAccount
from mock_portal.server import MockPortal

SERVICE = "/hill/hillservice/mons-api"
LOBBY = "/cu/case-lobby"
CELL = "td.hill-case-lobby-search-results-panel-"

Enter = Callable[..., MockPortal]
FindCase = Callable[..., dict[str, Any]]
SignIn = Any


def view(case_id: str) -> str:
    return f"/cu/case-dashboard/view-case?caseID={case_id}"


def squeezed(text: str) -> str:
    return "".join(text.split())


def listed_ids(page: Page) -> list[str]:
    return page.locator(f"{CELL}caseId").all_inner_texts()


def test_sign_in_and_late_header(
    page: Page, caselog_portal: PortalFactory, code_for: Callable[[ReadyAccount], str]
) -> None:
    """Address, password and code lead in; the token's meta element is there at once, the account's label later."""
    portal = caselog_portal(skin="hill", cases=12)
    account = portal.ready.accounts[0]
    page.goto(portal.ready.url + LOBBY)
    page.fill("#ap_email", account.user)
    page.click("#continue")
    page.fill("#ap_password", "wrong")
    page.click("#signInSubmit")
    expect(page.locator('[data-error="wrong_password"]')).to_be_visible()
    page.fill("#ap_password", account.password)
    page.click("#signInSubmit")
    page.fill("#auth-mfa-otpcode", code_for(account))
    page.click("#auth-signin-button")

    expect(page).to_have_url(portal.ready.url + LOBBY)
    expect(page.locator('meta[name="anti-csrftoken-a2z"]')).to_have_count(1)
    label = page.locator(".dropdown-account-switcher-header-label")
    expect(label.locator("span").nth(0)).to_have_text(account.account_name)
    expect(label.locator("span").nth(1)).to_have_text(account.marketplace)


def test_pages_say_that_they_are_not_amazon(page: Page, enter: Enter) -> None:
    """Every page carries the note; both entrances and the old addresses lead to the lobby."""
    portal = enter(path="/home")
    case = portal.truth()["cases"][0]["id"]
    for path in ("/home", LOBBY, view(case), "/cu/contact-us", "/nowhere"):
        page.goto(portal.ready.url + path)
        expect(page.locator(".not-amazon")).to_contain_text("not Amazon")

    page.goto(portal.ready.url + "/home")
    page.click(".view-case-log")
    expect(page).to_have_url(re.compile(LOBBY))
    page.click(".navbar-help summary")
    page.click(".navbar-manage-cases")
    expect(page).to_have_url(re.compile(LOBBY))
    page.goto(portal.ready.url + f"/gp/case-dashboard/view-case.html?caseID={case}")
    expect(page).to_have_url(portal.ready.url + view(case))


def test_account_chooser(page: Page, enter: Enter) -> None:
    """A sign-in with two marketplaces chooses one, and a link from an e-mail switches to the other."""
    portal = enter("lindqvist-de")
    page.click("text=Deutschland")

    expect(page.locator("h1")).to_have_text("Fallprotokoll")
    british = portal.truth("lindqvist-uk")["cases"][0]["id"]
    page.goto(portal.ready.url + view(british) + "&mons_sel_mkid=amzn1.mp.o.A1F83G8C2ARO7P")
    expect(page.locator(".dropdown-account-switcher-header-label-regional")).to_have_text("United Kingdom")


def test_tabs_hold_what_the_truth_says(page: Page, enter: Enter) -> None:
    """Walking each tab by its pager finds the truth's ids under the total that every page shows."""
    portal = enter(cases=45)
    tabs = portal.truth()["tabs"]
    names = {
        "all": "all_cases",
        "mine": "your_cases",
        "attention": "cases_needing_attention",
        "filtered": "filter_all_cases",
    }

    for tab, query in names.items():
        more = "&dateRange=all&size=25" if tab == "filtered" else ""
        page.goto(f"{portal.ready.url}{LOBBY}?tab={query}{more}")
        total = len(tabs[tab]["ids"])
        summary = page.locator(".hill-case-lobby-search-results-panel-summary")
        expect(summary).to_contain_text(f"of {total}")
        found = listed_ids(page)
        while len(found) < total:
            page.click('kat-pagination kat-icon[name="chevron-right"]')
            expect(summary).to_contain_text(f"Cases {len(found) + 1} to")
            found += listed_ids(page)
        assert sorted(found) == sorted(tabs[tab]["ids"])


def test_list_controls(page: Page, enter: Enter) -> None:
    """Page size, go to page, sort, search and filters do what they say and stand in the address."""
    portal = enter(cases=45, path=LOBBY + "?tab=filter_all_cases&dateRange=all")
    summary = page.locator(".hill-case-lobby-search-results-panel-summary")

    page.fill("kat-input.hill-case-lobby-go-to-page input", "3")
    page.click('kat-button[label="Go"]')
    expect(summary).to_have_text("Cases 21 to 30 of 45")
    page.click(".hill-case-lobby-page-size .header")
    page.click('.hill-case-lobby-page-size kat-option[value="50"]')
    expect(summary).to_have_text("Cases 1 to 45 of 45")
    page.click("th.hill-case-lobby-search-results-panel-caseId")
    expect(page).to_have_url(re.compile("sortFilter=caseId"))
    expect(page.locator(f"{CELL}caseId").first).to_have_text(max(case["id"] for case in portal.truth()["cases"]))

    page.locator('kat-checkbox[name="closed"] input').check()
    page.click('kat-button[label="Apply filters"]')
    closed = [case["id"] for case in portal.truth()["cases"] if case["status"] == "Closed"]
    expect(summary).to_contain_text(f"of {len(closed)}")
    assert sorted(listed_ids(page)) == sorted(closed)

    page.fill("kat-input.hill-case-lobby-search-input input", "no such subject")
    page.click('kat-button[label="Search"]')
    expect(page.locator(".hill-case-lobby-no-results")).to_be_visible()
    expect(summary).to_have_text("Cases 0 to 0 of 0")


def test_the_lobby_tells_the_page_that_it_shows(page: Page, enter: Enter) -> None:
    """Where the address asks for a page or a size that there is not, summary, pager and address name what is shown."""
    portal = enter(cases=45, path=LOBBY + "?tab=filter_all_cases&dateRange=all&size=20&page=999")
    summary = page.locator(".hill-case-lobby-search-results-panel-summary")

    expect(summary).to_have_text("Cases 41 to 45 of 45")
    expect(page.locator("kat-pagination .number[aria-current]")).to_have_text("5")
    expect(page).to_have_url(re.compile("page=5"))
    portal.set_faults({"kind": "page_shift", "how": "remove", "count": 6, "times": 1})
    page.click('kat-pagination .number:text("4")')
    expect(summary).to_have_text("Cases 31 to 39 of 39")


def test_the_other_lobby_has_other_columns(page: Page, caselog_portal: PortalFactory, sign_in: SignIn) -> None:
    """The layout of the Brand Registry has its columns in its order, with the last reply and without an address."""
    portal = caselog_portal(skin="hill", cases=12, lobby="brand-registry")
    sign_in(portal, path=LOBBY)

    expect(page.locator("kat-data-table th")).to_have_text(
        ["Case ID", "Status", "Subject", "Created ▾", "Last Amazon reply", "Action"]
    )
    cells = page.locator("kat-data-table tbody tr").first.locator("td")
    expect(cells.nth(0)).to_have_text(re.compile(r"^\d{11}$"))
    expect(cells.nth(4)).to_have_text(re.compile("No reply|20\\d\\d"))


def test_error_pages_have_the_header(page: Page, enter: Enter) -> None:
    """A page that there is not names the account as every page does, a moment after it opened."""
    portal = enter(path="/nowhere")

    expect(page.locator(".dropdown-account-switcher-header-label-global")).to_have_text(
        portal.ready.accounts[0].account_name
    )


def test_threads_show_what_the_truth_says(page: Page, enter: Enter) -> None:
    """Read through the browser, cut messages unfolded, the first cases' threads are the truth's."""
    portal = enter()

    for case in portal.truth()["cases"]:
        page.goto(portal.ready.url + view(case["id"]))
        expect(page.locator(".case-title")).to_have_text(case["subject"])
        expect(page.locator('[data-testid="case-column_status"]')).to_have_text(case["status"])
        total = int(page.locator(".view-case-contacts").get_attribute("data-total") or 0)
        read = read_contacts(page)
        while len(read) < total:
            page.click('kat-pagination kat-icon[name="chevron-right"]')
            expect(page.locator("kat-pagination .number[aria-current]")).to_have_text(str(len(read) // 10 + 1))
            read += read_contacts(page)
        assert read[::-1] == [
            {
                "sender": message["author"],
                "body": squeezed(message["body_shown"]),
                "files": [file["name"] for file in message["attachments"]],
            }
            for message in case["messages"]
        ]


def read_contacts(page: Page) -> list[dict[str, Any]]:
    while page.locator('kat-button[label="See more"]').count():
        folded = page.locator('kat-button[label="See less"]').count()
        page.locator('kat-button[label="See more"]').first.click()
        expect(page.locator('kat-button[label="See less"]')).to_have_count(folded + 1)
    read: list[dict[str, Any]] = page.locator("kat-box.contact").evaluate_all(
        r"""boxes => boxes.map(box => ({
            sender: box.querySelector('[data-testid="sender-label"]').innerText,
            body: box.querySelector(".contact-body").innerText.replace(/\s+/gu, ""),
            files: [...box.querySelectorAll("a.contact-attachment")].map(link => link.textContent),
        }))"""
    )
    return read


def test_json_says_what_the_truth_says(page: Page, enter: Enter) -> None:
    """The JSON behind the pages gives rows, totals, threads, directions and times as the truth has them."""
    portal = enter(cases=30)
    request = page.context.request
    truth = {case["id"]: case for case in portal.truth()["cases"]}
    body = {"page": 0, "searchPageSize": 50, "sortBy": "CreationDate", "sortByOrder": "DESC", "getCountOnly": False}
    filters = {"caseOwner": "MerchantCases", "lobbyTab": "filter_all_cases", "dateRange": "all"}

    found = request.post(f"{portal.ready.url}{SERVICE}/SearchForCases", data=body | {"caseFilters": filters}).json()

    assert found["totalNumberOfResults"] == 30
    assert {row["caseId"]: row["shortDescription"] for row in found["caseSearchResultList"]} == {
        case_id: case["subject"] for case_id, case in truth.items()
    }
    for case in list(truth.values())[:6]:
        contacts = read_json_thread(page, portal, case["id"])
        assert [(each["outbound"], each["contactId"]) for each in contacts[::-1]] == [
            (message["role"] == "portal", message["id"]) for message in case["messages"]
        ]


def read_json_thread(page: Page, portal: MockPortal, case_id: str) -> list[dict[str, Any]]:
    contacts: list[dict[str, Any]] = []
    token = ""
    while True:
        query = f"caseId={case_id}&timeZone=UTC&pageSize=10" + (f"&currentToken={token}" if token else "")
        answer = page.context.request.get(f"{portal.ready.url}{SERVICE}/ViewCase?{query}").json()
        contacts += answer["contactList"]
        token = answer["currentToken"]
        if token is None:
            assert len(contacts) == answer["totalNumberOfContacts"]
            return contacts


def test_json_without_a_session(page: Page, enter: Enter) -> None:
    """Data answers 401 instead of a page when nobody is signed in."""
    portal = enter()
    page.context.clear_cookies()

    answer = page.context.request.get(f"{portal.ready.url}{SERVICE}/ViewCase?caseId=1", max_redirects=0)

    assert answer.status == 401
