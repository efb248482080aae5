"""The hill face in both browsers, held against the portal's own truth and ledger."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from mock_portal.pytest_plugin import PortalFactory
from mock_portal.ready import ReadyAccount
from mock_portal.server import MockPortal

Enter = Callable[..., MockPortal]
SERVICE = "/hill/hillservice/mons-api"
LOBBY = "/cu/case-lobby"
CELL = "td.hill-case-lobby-search-results-panel-"


@pytest.fixture
def enter(page: Page, caselog_portal: PortalFactory, code_for: Callable[[ReadyAccount], str]) -> Enter:
    """Start a hill portal, sign in, and end at `path`."""

    def run(name: str = "harbor-us", *, path: str = LOBBY, cases: int = 12) -> MockPortal:
        portal = caselog_portal(skin="hill", cases=cases)
        account = next(account for account in portal.ready.accounts if account.name == name)
        page.goto(portal.ready.url + path)
        page.fill("#ap_email", account.user)
        page.click("#continue")
        page.fill("#ap_password", account.password)
        page.click("#signInSubmit")
        page.fill("#auth-mfa-otpcode", code_for(account))
        page.click("#auth-signin-button")
        return portal

    return run


def squeezed(text: str) -> str:
    return "".join(text.split())


def view(case_id: str) -> str:
    return f"/cu/case-dashboard/view-case?caseID={case_id}"


def a_case(portal: MockPortal, account: str | None = None, **wanted: Any) -> dict[str, Any]:
    cases: list[dict[str, Any]] = portal.truth(account)["cases"]
    return next(case for case in cases if all(case[key] == value for key, value in wanted.items()))


def listed_ids(page: Page) -> list[str]:
    return page.locator(f"{CELL}caseId").all_inner_texts()


def test_header_paints_late_and_names_the_account(page: Page, enter: Enter) -> None:
    """A signed-in page carries the token's meta element at once, the account's label later."""
    portal = enter()
    account = portal.ready.accounts[0]

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

    page.locator('kat-checkbox[name="Closed"] input').check()
    page.click('kat-button[label="Apply filters"]')
    closed = [case["id"] for case in portal.truth()["cases"] if case["status"] == "Closed"]
    expect(summary).to_contain_text(f"of {len(closed)}")
    assert sorted(listed_ids(page)) == sorted(closed)

    page.fill("kat-input.hill-case-lobby-search-input input", "no such subject")
    page.click('kat-button[label="Search"]')
    expect(page.locator(".hill-case-lobby-no-results")).to_be_visible()
    expect(summary).to_have_text("Cases 0 to 0 of 0")


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


def test_clicks_of_scripts_are_ignored(page: Page, enter: Enter) -> None:
    """A click that no person made does nothing; a real one opens the form."""
    portal = enter()
    page.goto(portal.ready.url + view(a_case(portal, status_key="needs_attention")["id"]))
    reply = page.locator('kat-button[label="Reply"]')
    expect(reply).to_be_visible()

    reply.evaluate("button => { button.click(); button.shadowRoot.querySelector('button').click(); }")
    expect(page.locator(".reply-panel")).to_have_count(0)
    reply.click()

    expect(page.locator('kat-tab[tab-id="Email"]')).to_be_visible()


def open_reply(page: Page, portal: MockPortal, case_id: str, text: str) -> None:
    page.goto(portal.ready.url + view(case_id))
    page.click('kat-button[label="Reply"]')
    page.fill("kat-textarea textarea", text)


def test_reply_with_a_file(page: Page, enter: Enter, tmp_path: Path) -> None:
    """A chip shows each upload's fate; the reply is accepted once, with the files that went up."""
    portal = enter()
    case = a_case(portal, status_key="needs_attention")
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
        ("reply", text, "", sha256(text.encode()).hexdigest()),
        ("upload", "", "proof.pdf", sha256(b"%PDF proof").hexdigest()),
    ]


def test_close_and_new_case(page: Page, enter: Enter) -> None:
    """A closed case loses its buttons; a new one is written in a frame inside an element inside a frame."""
    portal = enter()
    case = a_case(portal, status_key="needs_attention")
    page.goto(portal.ready.url + view(case["id"]))
    page.click('kat-button[label="Close case"]')
    page.click('kat-button[label="Yes, close it"]')
    expect(page.locator(".no-reply")).to_contain_text("cannot be reopened")
    expect(page.locator('kat-button[label="Reply"]')).to_have_count(0)

    page.goto(portal.ready.url + "/cu/contact-us")
    form = page.frame_locator("iframe.contact-assistant").frame_locator("hill-contact-assistant iframe")
    form.locator(".new-case-subject input").fill(f"About {case['id']}")
    form.locator(".new-case-text textarea").fill("The closed case was not solved.")
    form.locator('kat-button[label="Submit case"]').click()
    expect(form.locator("kat-alert")).to_contain_text("was created")

    assert [(entry["kind"], entry["subject"]) for entry in portal.ledger()] == [
        ("close_case", ""),
        ("new_case", f"About {case['id']}"),
    ]


@pytest.mark.parametrize(
    ("name", "path", "note"),
    [("copper-view", None, ".no-reply"), ("bluefern-ca", "/cu/contact-us", ".restricted-note")],
)
def test_limited_accounts(page: Page, enter: Enter, name: str, path: str | None, note: str) -> None:
    """A view-only user has no reply button; a restricted account has no form for new cases."""
    portal = enter(name)
    page.wait_for_url("**/case-lobby**")
    case_id = next(case["id"] for case in portal.truth(name)["cases"] if case["status_key"] != "closed")

    page.goto(portal.ready.url + (path or view(case_id)))

    expect(page.locator(note)).to_be_visible()
    expect(page.locator('kat-button[label="Reply"], iframe')).to_have_count(0)


def test_script_throws_in_one_engine(page: Page, enter: Enter, browser_name: str) -> None:
    """The lobby stays empty in the engine that the fault names, and fills itself in the other."""
    portal = enter()
    page.wait_for_url("**/case-lobby**")
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
    page.wait_for_url("**/case-lobby**")

    portal.set_faults({"kind": "list_empty", "times": 1})
    page.goto(portal.ready.url + LOBBY)
    total = len(portal.truth()["tabs"]["all"]["ids"])
    expect(page.locator(".hill-case-lobby-search-results-panel-summary")).to_contain_text(f"of {total}")
    assert listed_ids(page) == []

    portal.set_faults({"kind": "throttled", "path": "ViewCase", "times": 1})
    page.goto(portal.ready.url + view(case_id))
    expect(page.locator('kat-alert[variant="danger"]')).to_contain_text("too quickly")

    portal.set_faults({"kind": "session_expired", "path": "ViewCase", "times": 1})
    page.goto(portal.ready.url + view(case_id))
    expect(page.locator("#ap_email")).to_be_visible()


def test_wrong_account_in_the_header(page: Page, enter: Enter) -> None:
    """The late label names somebody else while the fault lasts."""
    portal = enter()
    page.wait_for_url("**/case-lobby**")
    portal.set_faults({"kind": "wrong_account", "account_name": "Somebody Else", "times": 1})

    page.goto(portal.ready.url + LOBBY)

    expect(page.locator(".dropdown-account-switcher-header-label-global")).to_have_text("Somebody Else")


def test_accepted_but_answered_blank(page: Page, enter: Enter) -> None:
    """An empty answer crashes the page; the ledger has the reply."""
    portal = enter()
    case = a_case(portal, status_key="needs_attention")
    portal.set_faults({"kind": "reply_blank"})

    open_reply(page, portal, case["id"], "Here you are.")
    page.click('kat-button[label="Send"]')

    expect(page.locator("main")).to_be_empty()
    assert [entry["kind"] for entry in portal.ledger()] == ["reply"]


def test_browsers_send_a_cut_post_again(page: Page, enter: Enter) -> None:
    """A reply by fetch whose connection is closed without an answer is posted twice by both engines."""
    portal = enter()
    case = a_case(portal, status_key="needs_attention")
    portal.set_faults({"kind": "reply_closed", "times": 1})

    open_reply(page, portal, case["id"], "Here you are.")
    page.click('kat-button[label="Send"]')

    expect(page.locator('kat-alert[variant="success"]')).to_be_visible()
    assert [entry["kind"] for entry in portal.ledger()] == ["reply", "reply"]


def test_upload_refused(page: Page, enter: Enter, tmp_path: Path) -> None:
    """A refused upload shows on its chip."""
    portal = enter()
    case = a_case(portal, status_key="needs_attention")
    (tmp_path / "proof.pdf").write_bytes(b"%PDF proof")
    portal.set_faults({"kind": "upload_refused", "times": 1})

    open_reply(page, portal, case["id"], "Here you are.")
    page.set_input_files("kat-file-upload input", tmp_path / "proof.pdf")

    expect(page.locator('.chip[data-state="error"]')).to_have_text("proof.pdf")
    assert portal.ledger() == []
