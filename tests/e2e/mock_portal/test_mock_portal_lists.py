"""The classic lists in both browsers, held against the portal's own truth."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page
from playwright.sync_api import expect

from mock_portal.pytest_plugin import PortalFactory

SignIn = Any


def listed_ids(page: Page) -> list[str]:
    ids: list[str] = page.locator("tr.case-row").evaluate_all("rows => rows.map(row => row.dataset.caseId)")
    return ids


def walk(page: Page) -> list[str]:
    """All ids from here to the last page, by the pager."""
    found = listed_ids(page)
    while page.locator(".pager .next").count():
        with page.expect_navigation():
            page.click(".pager .next")
        found += listed_ids(page)
    return found


@pytest.mark.long  # every backup is compared with this truth
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
    page.select_option(".rows-per-page select", "100")  # both statuses stay chosen
    expect(page).to_have_url(re.compile("rows=100"))
    assert sorted(listed_ids(page)) == sorted(closed_or_open)

    with page.expect_navigation():
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
