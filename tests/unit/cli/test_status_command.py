"""`status`, `accounts`, `stop` and `resume`: what a person or a monitor wants to know, and the switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.recovery.account_lock import this_process
from storage import journal
from storage.database import Database

Runner = Callable[..., Any]


@pytest.mark.usefixtures("configured")
def test_account_without_a_backup_is_too_old(caselog: Runner) -> None:
    """A monitor is alarmed by a backup that never ran; without a limit nothing is judged."""
    assert caselog("status").code == 0

    ran = caselog("status", "--max-age", "26h", "--json")

    assert ran.code == 23
    assert [
        {
            "account": name,
            "condition": "ok",
            "reason": "",
            "last_run": None,
            "last_complete_at": None,
            "age_seconds": None,
            "too_old": True,
        }
        for name in ("main", "other")
    ] == ran.value["accounts"]


@pytest.mark.parametrize(("hours", "code"), [(25, 0), (27, 23)])
def test_age_is_measured_from_the_last_complete_run(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any], hours: int, code: int
) -> None:
    """The limit counts from the end of the last complete backup of each account."""
    at = datetime.now(UTC) - timedelta(hours=hours)
    archived(make_case(), at=at)
    archived(account="other", at=at)

    assert code == caselog("status", "--max-age", "26h").code


def test_account_that_never_ran_is_too_old_beside_one_that_did(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """The backup of one account says nothing about another."""
    archived(make_case(), at=datetime.now(UTC))

    ran = caselog("status", "--max-age", "26h", "--json")

    assert (23, [False, True]) == (ran.code, [account["too_old"] for account in ran.value["accounts"]])


def test_run_that_failed_later_makes_no_backup_younger(
    caselog: Runner, database: Database, archived: Callable[..., None]
) -> None:
    """A newer run that was not complete shows as the last run and does not count."""
    now = datetime.now(UTC)
    for account in ("main", "other"):
        archived(account=account, at=now - timedelta(hours=30))
        holder = journal.get_run(database, journal.list_runs(database, account)[0].run_id).holder
        run_id = journal.start_run(database, account, scope="all", holder=holder, at=now)
        journal.finish_run(database, run_id, outcome=journal.RunOutcome.PARTIAL, numbers={}, at=now)

    ran = caselog("status", "--max-age", "26h", "--json")

    assert ran.code == 23
    assert ["partial", "partial"] == [account["last_run"]["outcome"] for account in ran.value["accounts"]]


def test_sending_is_no_backup(
    caselog: Runner, database: Database, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """A sending run after the backup does not show as the account's last run."""
    archived(make_case())
    holder = journal.list_runs(database, "main")[0].holder
    journal.start_run(database, "main", scope="send", holder=holder, at=datetime.now(UTC))

    account = caselog("status", "--json").value["accounts"][0]

    assert ("all", "complete") == (account["last_run"]["scope"], account["last_run"]["outcome"])


@pytest.mark.parametrize("length", ["26", "h", "1y", "-3h"])
def test_wrong_length_of_time_is_a_usage_error(caselog: Runner, length: str) -> None:
    """A mistyped limit never passes as a good one."""
    assert caselog("status", f"--max-age={length}").code == 2


def test_times_are_in_the_persons_zone(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """A time for people names its zone."""
    archived(make_case())

    assert "2026-01-15 13:00 CET" in caselog("status").out


def test_locked_account_tells_its_next_step(caselog: Runner, database: Database) -> None:
    """A refused password shows as a lock, and a person opens it with a reason that is kept."""
    now = datetime.now(UTC)
    journal.set_account_state(database, "main", journal.AccountCondition.LOCKED, reason="refused", at=now)

    listed = caselog("accounts", "list", "--json").value["accounts"]
    ran = caselog("accounts", "unlock", "main", "--reason", "typed it wrong", "--json")

    assert ["check user and password, then: caselog accounts unlock main", ""] == [each["next"] for each in listed]
    assert {"account": "main", "condition": "ok", "before": "locked"} == ran.value
    assert [("unlock", "main", "typed it wrong")] == [
        (audit.action, audit.subject, audit.reason) for audit in journal.list_audits(database)
    ]


def test_stop_switch_is_seen_and_taken_back(caselog: Runner, configured: Path) -> None:
    """Whoever finds the switch learns who threw it and why."""
    caselog("stop", "--reason", "portal maintenance")
    stopped = caselog("status", "--json").value["stopped"]
    resumed = caselog("resume", "--json").value
    after = caselog("status", "--json").value["stopped"]

    assert ("portal maintenance", None) == (stopped["reason"], after)
    assert stopped == resumed["was_stopped"]


def test_switch_made_by_hand_counts(caselog: Runner, configured: Path) -> None:
    """An empty file of the right name stops as well: nobody needs the command in an emergency."""
    (configured / "state").mkdir()
    (configured / "state" / "STOP").touch()

    assert {"since": None, "by": None, "reason": ""} == caselog("status", "--json").value["stopped"]


@pytest.mark.usefixtures("configured")
def test_unknown_account_is_named(caselog: Runner) -> None:
    """A mistyped account is answered with the ones that there are."""
    ran = caselog("accounts", "unlock", "mian", "--json")

    assert ["accounts.mian: there is no such account; configured: main, other"] == ran.value["error"]["where"]


def test_upgrade_of_a_current_archive_does_nothing(caselog: Runner, database: Database) -> None:
    """Upgrading twice is harmless."""
    assert {"upgraded": False, "copy": None} == caselog("archive", "upgrade", "--json").value


def test_killed_run_is_not_called_running(caselog: Runner, database: Database) -> None:
    """A run without an end goes on as long as its process does; a dead process's was interrupted."""
    now, me = datetime.now(UTC), this_process()
    begun = [
        journal.start_run(database, account, scope="all", holder=holder, at=now)
        for account, holder in (("main", me), ("other", replace(me, process_started_at=now - timedelta(days=1))))
    ]

    shown = {each["account"]: each["last_run"] for each in caselog("status", "--json").value["accounts"]}

    assert [("main", begun[0], None), ("other", begun[1], "interrupted")] == [
        (account, run["run_id"], run["outcome"]) for account, run in shown.items()
    ]


def test_monitor_of_nothing_is_alarmed(caselog: Runner, home: Path) -> None:
    """With a limit, a home without accounts is a mistake; a person who only looks is told what to do."""
    watched, looked = caselog("status", "--max-age", "26h", "--json"), caselog("status")

    assert (3, ["accounts: no account is configured; write a first one with: caselog init"]) == (
        watched.code,
        watched.value["error"]["where"],
    )
    assert (0, True) == (looked.code, "caselog init" in looked.out)


@pytest.mark.usefixtures("configured")
def test_outbox_has_its_keys_without_an_archive(caselog: Runner) -> None:
    """What a program looks up is there from the first day on."""
    counts = caselog("status", "--json").value["outbox"]

    assert dict.fromkeys(("draft", "queued", "sending", "rejected", "unconfirmed", "held"), 0) == counts


@pytest.mark.parametrize(
    ("content", "note", "line"),
    [
        ('{"reason": "x"}', {"since": None, "by": None, "reason": "x"}, "STOPPED (x): caselog resume"),
        ("{}", {"since": None, "by": None, "reason": ""}, "STOPPED (no reason given): caselog resume"),
        ('{"by": 1}', {"since": None, "by": None, "reason": ""}, "STOPPED (no reason given): caselog resume"),
    ],
)
def test_note_of_the_switch_may_say_anything(
    *, caselog: Runner, configured: Path, content: str, note: dict[str, Any], line: str
) -> None:
    """A switch that was written by hand neither hides the stop nor breaks what tells of it."""
    (configured / "state").mkdir()
    (configured / "state" / "STOP").write_text(content)

    ran = caselog("status", "--json")

    assert (0, note) == (ran.code, ran.value["stopped"])
    assert line == caselog("status").out.splitlines()[-1]
    assert note == caselog("resume", "--json").value["was_stopped"]
