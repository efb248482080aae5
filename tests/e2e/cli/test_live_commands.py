"""Meeting a portal: what `doctor --live`, `profile check --live`, `accounts check` and `login` tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OpenShop = Callable[..., Any]


def counts(check: dict[str, Any]) -> list[tuple[str, int]]:
    return [(page["verdict"], page["count"]) for page in check["pages"]]


@pytest.mark.long  # `tests/unit/backup/test_live_check.py` shows it without a browser
def test_doctor_meets_the_portal_and_stores_no_case(open_shop: OpenShop) -> None:
    """It names the account that the portal shows, reads a list and a thread, and neither stores nor posts.

    What it saw can be tried again by somebody else, masked.
    """
    shop = open_shop(cases=4)

    ran = shop.run("doctor", "--live", shop.account, "--json")

    live, ready = ran.value["live"], shop.portal.ready.accounts[0]
    assert ran.code == 0
    assert (ready.account_name, ready.marketplace, True) == (
        live["account_name"],
        live["marketplace"],
        live["check"]["passed"],
    )
    assert live["messages"]
    assert {True} == {check["ok"] for check in ran.value["checks"]}
    tried = shop.ask("profile", "check", shop.profile, "--pages", live["pack"], "--json")
    assert (0, counts(live["check"])) == (tried.code, counts(tried.value))
    assert ready.account_name not in "".join(file.read_text("utf-8") for file in Path(live["pack"]).iterdir())
    assert 0 == shop.ask("cases", "list", "--json").value["total"]
    assert [] == shop.portal.ledger()


@pytest.mark.long
def test_profile_that_does_not_fit_names_its_selectors(open_shop: OpenShop) -> None:
    """A selector that finds nothing on the live page is named; the portal is not asked again and again."""
    shop = open_shop(cases=4)
    (shop.home / "profiles").mkdir()
    profile = f'extends = "{shop.profile}"\n\n[list.subject]\ncss = ".no-such-subject"\n'
    (shop.home / "profiles" / "mended.toml").write_text(profile)

    ran = shop.run("profile", "check", "mended", "--live", shop.account, "--json")

    failures = [failure for page in ran.value["pages"] for failure in page["failures"]]
    lists = [request for request in shop.portal.requests()["requests"] if request["path"].startswith("/cases?")]
    assert (4, ["list.subject"]) == (ran.code, [failure["field"] for failure in failures])
    assert len(lists) <= 2


@pytest.mark.long
def test_session_is_kept_and_forgotten(open_shop: OpenShop) -> None:
    """After `login` the next command needs no password; after `accounts forget` it does."""
    shop = open_shop(cases=2)

    def passwords() -> int:
        return sum(request["method"] == "POST" for request in shop.portal.requests()["requests"])

    assert shop.run("login", shop.account).code == 0
    after_login = passwords()
    assert shop.run("accounts", "check").code == 0
    assert after_login == passwords()
    assert shop.ask("accounts", "forget", shop.account, "--json").value["forgotten"]
    assert shop.run("accounts", "check").code == 0
    assert passwords() > after_login
