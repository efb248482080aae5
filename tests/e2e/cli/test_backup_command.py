"""`caselog backup` and its relatives as a scheduler runs them: what is printed, and which exit code tells what."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.clock import SystemClock
from agent.recovery.account_lock import hold_account
from storage.opening import open_archive

OpenShop = Callable[..., Any]

RUN_KEYS = {
    "run_id",
    "account",
    "scope",
    "outcome",
    "certificate",
    "erased",
    "cases",
    "messages",
    "attachments",
    "pages",
    "recoveries",
    "engine",
    "seconds",
    "missed",
    "evidence",
}


def case_pages(shop: Any) -> int:
    return sum("/cases/" in request["path"] for request in shop.portal.requests()["requests"])


def wait_for(what: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Until it is so; the process must not end before."""
    until = time.monotonic() + 120
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.long
def test_complete_run_is_reported_and_remembered(open_shop: OpenShop) -> None:
    """A first run is complete, `status` knows it, a second finds nothing new, and everything can be got out."""
    shop = open_shop(cases=6)

    first, status = shop.run("backup", "--json"), shop.ask("status", "--max-age", "1h", "--json")
    second = shop.run("backup", "--json")

    [run] = first.value["runs"]
    assert (0, RUN_KEYS, "complete") == (first.code, set(run), run["outcome"])
    assert {True} == {proof["ok"] for proof in run["certificate"].values()}
    assert (0, "complete") == (status.code, status.value["accounts"][0]["last_run"]["outcome"])
    [again] = second.value["runs"]
    assert (0, {"seen": 6, "new": 0, "changed": 0, "unchanged": 6, "absent": 0}) == (second.code, again["cases"])
    assert 6 == shop.ask("cases", "list", "--json").value["total"]
    assert 0 == shop.ask("verify").code


@pytest.mark.long
def test_one_case_is_whole_but_no_complete_backup(open_shop: OpenShop) -> None:
    """A run of one case succeeds and does not make the backup of the account younger."""
    shop = open_shop(cases=3)
    case_id = shop.portal.truth()["cases"][0]["id"]

    ran = shop.run("backup", "--case", case_id, "--json")

    [run] = ran.value["runs"]
    assert (0, f"case:{case_id}", "partial") == (ran.code, run["scope"], run["outcome"])
    assert 23 == shop.ask("status", "--max-age", "1h").code


@pytest.mark.long
def test_wrong_password_is_tried_once(open_shop: OpenShop) -> None:
    """The first refusal locks the account; the second run does not even ask."""
    shop = open_shop(cases=3)
    variable = next(name for name in shop.portal.ready.environment if "PASSWORD" in name)

    first = shop.run("backup", **{variable: "wrong"})
    asked = len(shop.portal.requests()["requests"])
    second = shop.run("backup", "--json")
    posts = [each["path"] for each in shop.portal.requests()["requests"][asked:] if each["method"] == "POST"]
    unlocked = shop.ask("accounts", "unlock", shop.account)
    third = shop.run("accounts", "check", "--json")

    assert (10, 10, 0, 0) == (first.code, second.code, unlocked.code, third.code)
    assert [] == posts
    assert 10 == second.value["runs"][0]["error"]["exit_code"]
    assert "accounts unlock" in first.out


@pytest.mark.long
def test_reason_to_stop_has_its_code(open_shop: OpenShop) -> None:
    """What a scheduler must not simply repeat is told apart, and nothing was archived."""
    fault = {"kind": "wrong_account", "account_name": "Somebody Else", "marketplace": "Canada"}
    shop = open_shop(cases=3, faults=(fault,))

    ran = shop.run("backup", "--json")

    assert (14, 14) == (ran.code, ran.value["runs"][0]["error"]["exit_code"])
    assert 0 == shop.ask("cases", "list", "--json").value["total"]


@pytest.mark.long
def test_page_that_stays_blank_leaves_evidence(open_shop: OpenShop) -> None:
    """A case that cannot be read makes the run partial and names the folder with what was seen."""
    case_id = open_shop(cases=2).portal.truth()["cases"][0]["id"]
    shop = open_shop(cases=2, faults=({"kind": "blank", "path": f"/cases/{case_id}"},))

    ran = shop.run("backup", "--json")

    [run] = ran.value["runs"]
    [folder] = run["evidence"]
    assert (20, "partial", None) == (ran.code, run["outcome"], run["recoveries"][-1]["cured_by"])
    assert {"page.html", "page.png", "about.json", "trace.zip"} == {path.name for path in Path(folder).iterdir()}


def test_stop_switch_keeps_everything_from_beginning(open_shop: OpenShop) -> None:
    """While the switch is on no request reaches the portal."""
    shop = open_shop(cases=3)
    shop.ask("stop", "--reason", "test")

    ran = shop.run("backup")

    assert (15, []) == (ran.code, shop.portal.requests()["requests"])
    assert "caselog resume" in ran.out


@pytest.mark.skipif(sys.platform == "win32", reason="signals cannot be sent to one process on Windows")
@pytest.mark.parametrize(
    ("signals", "code"),
    [
        pytest.param((signal.SIGINT,), 20, id="finish"),
        pytest.param((signal.SIGINT, signal.SIGINT), 130, id="stop now", marks=pytest.mark.long),
        pytest.param((getattr(signal, "SIGKILL", None),), -9, id="kill", marks=pytest.mark.long),
    ],
)
def test_run_may_be_ended_at_any_moment(open_shop: OpenShop, signals: tuple[signal.Signals, ...], code: int) -> None:
    """Ctrl-C once ends after the case in hand, twice at once, and a kill asks nobody.

    Each time the archive is sound, what is in it is whole, and the next run finishes the job.
    """
    shop = open_shop(cases=5, latency_ms=300)

    with shop.start("backup") as process:
        wait_for(lambda: case_pages(shop) > 0, process)
        process.send_signal(signals[0])
        for each in signals[1:]:
            assert b"Ctrl-C again stops at once" in process.stderr.readline()
            process.send_signal(each)
        _, err = process.communicate(timeout=120)

    assert code == process.returncode, err
    assert 0 == shop.ask("verify").code
    assert {True} >= {case["complete"] for case in shop.ask("cases", "list", "--json").value["cases"]}
    assert (0, 5) == (shop.run("backup").code, shop.ask("cases", "list", "--json").value["total"])


def test_account_in_use_is_left_alone(open_shop: OpenShop) -> None:
    """A second process does not work on the same account beside the first, and sends nothing."""
    shop = open_shop(cases=3)
    database = open_archive(shop.home / "data" / "archive.sqlite3")

    with hold_account(database, shop.account, purpose="test", clock=SystemClock()):
        ran = shop.run("backup")
    database.close()

    assert (7, []) == (ran.code, shop.portal.requests()["requests"])
    assert f"process {os.getpid()}" in ran.out
