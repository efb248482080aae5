"""What faults do to pages and data, read as text."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from typing import Any

import pytest

from mock_portal.faults.shell import BAD_SCRIPT
from mock_portal.faults.shell import GOOD_SCRIPT
from tests.unit.mock_portal.http_visitor import SERVICE
from tests.unit.mock_portal.http_visitor import HttpVisitor

Enter = Callable[..., HttpVisitor]
EVERYTHING = "/cases?tab=filtered&range=all&rows=100"
SEARCH: dict[str, Any] = {"caseFilters": {"lobbyTab": "filter_all_cases", "dateRange": "all"}, "searchPageSize": 100}


def rows(visitor: HttpVisitor, query: str = "") -> list[str]:
    return re.findall(r'data-case-id="(\d+)">\s*<td', visitor.ask(EVERYTHING + query).body)


def fired(visitor: HttpVisitor) -> dict[str, int]:
    return {fault["kind"]: sum(fault["fired"].values()) for fault in visitor.portal.faults()}


def boot_scripts(visitor: HttpVisitor) -> list[str]:
    return re.findall(r'src="(/assets/boot-[^"]+)"', visitor.ask("/cases").body)


def test_bad_script_obeys_the_common_options(enter: Enter) -> None:
    """The broken script comes to the account's pages only, after as many as it lets pass, as often as it says."""
    visitor, other = enter(), enter()
    other.portal = visitor.portal
    other.sign_in("lindqvist-uk")
    visitor.portal.set_faults({"kind": "bad_script", "account": "harbor-us", "after": 1, "times": 1})

    assert boot_scripts(visitor) == []
    (script,) = boot_scripts(visitor)
    assert [visitor.ask(script).body for _ in range(2)] == [BAD_SCRIPT, GOOD_SCRIPT]
    assert boot_scripts(visitor) == [script]
    assert boot_scripts(other) == []


def test_bad_script_without_times_is_broken_for_every_page(enter: Enter) -> None:
    """Each page that the fault hits names a new broken script, so that no cached good one helps."""
    visitor = enter()
    visitor.portal.set_faults({"kind": "bad_script"})

    scripts = [boot_scripts(visitor)[0] for _ in range(3)]

    assert len(set(scripts)) == 3
    assert {visitor.ask(script).body for script in scripts} == {BAD_SCRIPT}


def test_bad_script_may_spare_pages_by_chance(enter: Enter) -> None:
    """With a probability some pages bring a new broken script and some do not."""
    visitor = enter()
    visitor.portal.set_faults({"kind": "bad_script", "probability": 0.5})

    scripts = {script for _ in range(20) for script in boot_scripts(visitor)}

    assert 0 < len(scripts) == fired(visitor)["bad_script"] < 20


def test_captcha_waits_for_a_page(enter: Enter) -> None:
    """Data that a script asks for is answered; the page that comes next is the robot check."""
    visitor = enter(skin="hill")
    assert visitor.token
    visitor.portal.set_faults({"kind": "captcha", "times": 1})

    assert visitor.send("SearchForCases", SEARCH).json()["totalNumberOfResults"] == 20
    assert "/errors/validateCaptcha?returnTo=/cu/case-lobby" in visitor.ask("/cu/case-lobby").url
    assert fired(visitor) == {"captcha": 1}


def test_data_can_be_truncated(enter: Enter) -> None:
    """The rows behind the hill's lobby may end in the middle, like a page."""
    visitor = enter(skin="hill")
    assert visitor.token
    visitor.portal.set_faults({"kind": "truncated", "times": 1})

    with pytest.raises(http.client.IncompleteRead):
        visitor.send("SearchForCases", SEARCH)


@pytest.mark.parametrize("order", ["", "&order=asc"])
@pytest.mark.parametrize("sort", ["updated", "created"])
def test_bumps_shift_pages_in_every_order(enter: Enter, sort: str, order: str) -> None:
    """A bump takes a case from one end and puts one to the other, under the same total."""
    visitor = enter()
    query = f"&sort={sort}{order}"
    before = rows(visitor, query)
    visitor.portal.set_faults({"kind": "page_shift", "how": "bump", "times": 1})

    after = rows(visitor, query)

    assert len(after) == len(before) == 20
    assert (after[:-1] == before[1:]) if order else (after[1:] == before[:-1])


def test_hidden_cases_stay_hidden_while_others_come_and_go(enter: Enter) -> None:
    """Which cases a number hides is decided once, whatever happens to the list meanwhile."""
    visitor = enter()
    before = set(rows(visitor))
    visitor.portal.set_faults({"kind": "missing_cases", "count": 5})
    hidden = before - set(rows(visitor))

    new = visitor.portal.advance(new_cases=7)["new_cases"]
    away = sorted(before - hidden)[:3]
    visitor.portal.advance(remove=away)

    assert len(hidden) == 5
    assert set(rows(visitor)) == (before - hidden - set(away)) | set(new)


@pytest.mark.parametrize("kind", ["message_vanished", "message_edited"])
def test_threads_are_disturbed_only_where_the_skin_shows_enough(enter: Enter, kind: str) -> None:
    """A case that shows no message to take or change opens as it is, and the fault waits for another one."""
    visitor = enter(skin="hill")
    portal = visitor.portal
    case = next(case for case in portal.truth()["cases"] if case["status_key"] == "closed")
    left = 1 if kind == "message_vanished" else 0
    portal.advance(vanish=[{"case": case["id"], "n": each["n"]} for each in case["messages"][left:]])
    portal.set_faults({"kind": kind, "times": 1})

    answer = visitor.ask(f"{SERVICE}/ViewCase?caseId={case['id']}")

    assert (answer.status, answer.json()["totalNumberOfContacts"]) == (200, left)
    assert fired(visitor) == {kind: 0}
    assert portal.requests()["requests"][-1]["faults"] == []


@pytest.mark.parametrize(("check", "answer"), [("cvf", "402817"), ("challenge", "")])
def test_challenges_stand_in_the_way_until_a_person_answers(enter: Enter, check: str, answer: str) -> None:
    """The page wanted is behind the check, and comes once the check was passed."""
    visitor = enter(skin="hill")
    visitor.portal.set_faults({"kind": "challenge", "page": check})

    asked = visitor.ask("/cu/case-lobby?size=50")
    assert asked.url.endswith(f"/ap/{check}?returnTo=/cu/case-lobby?size%3D50")
    if answer:
        assert "hill-case-lobby" not in visitor.post(f"/ap/{check}", answer="0", returnTo="/cu/case-lobby").body
    assert "hill-case-lobby" in visitor.post(f"/ap/{check}", answer=answer, returnTo="/cu/case-lobby").body


@pytest.mark.parametrize("path", ["^/ap/signin", "^/ap/mfa"])
def test_challenges_may_come_on_the_way_in(enter: Enter, path: str) -> None:
    """A check may stand before the password or before the code."""
    visitor = enter(skin="hill")
    visitor.jar.clear()
    visitor.portal.set_faults({"kind": "challenge", "page": "cvf", "path": path, "times": 1})
    account = visitor.portal.ready.accounts[0]

    before = visitor.ask("/ap/signin").url
    code = visitor.post("/ap/signin", email=account.user, password=account.password).url

    assert ["/ap/cvf" in before, "/ap/cvf" in code] == [path == "^/ap/signin", path == "^/ap/mfa"]


def test_throttling_by_speed(enter: Enter) -> None:
    """So many requests a minute are answered; the next one is told to wait, whoever waits longer is not."""
    visitor = enter(skin="hill")
    path = f"{SERVICE}/ViewCase?caseId={visitor.portal.truth()['cases'][0]['id']}"
    visitor.portal.set_faults({"kind": "throttled", "path": "ViewCase", "per_minute": 3})

    assert [visitor.ask(path).status for _ in range(5)] == [200, 200, 200, 429, 429]
