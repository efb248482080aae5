"""`caselog archive erase`: shown first, done by the digest that was shown, recorded, and not undone by a backup."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from storage import opening
from storage.database import Database
from storage.database import open_database

Runner = Callable[..., Any]


@pytest.fixture
def two_cases(database: Database, archived: Callable[..., None], make_case: Callable[..., Any]) -> Database:
    archived(make_case("100"), make_case("200"))
    return database


CASE = ("archive", "erase", "--account", "main", "--case", "100")


@pytest.mark.usefixtures("two_cases")
def test_shown_then_erased(caselog: Runner) -> None:
    """Without a digest nothing happens; with it, exactly what was shown goes, and the record says why."""
    shown = caselog(*CASE, "--json")

    assert (0, False, 1, 2, 3) == (
        shown.code,
        shown.value["erased"],
        shown.value["cases"],
        shown.value["messages"],
        shown.value["revisions"],
    )
    assert f"--yes {shown.value['digest']}" in shown.err
    done = caselog(*CASE, "--yes", shown.value["digest"], "--reason", "asked by the buyer", "--json")
    assert (0, True, True) == (done.code, done.value["erased"], done.value["finished"])
    assert ["200"] == [case["case_id"] for case in caselog("cases", "list", "--json").value["cases"]]
    [record] = caselog("archive", "erasures", "--json").value["erasures"]
    assert ("main", "100", None, "asked by the buyer") == (
        record["account"],
        record["case_id"],
        record["message_id"],
        record["reason"],
    )
    assert "asked by the buyer" in caselog("archive", "erasures").out


@pytest.mark.usefixtures("two_cases")
def test_refusals(caselog: Runner) -> None:
    """A wrong digest, no reason, no account, a message without its case, a case that is not there."""
    digest = caselog(*CASE, "--json").value["digest"]

    assert 2 == caselog(*CASE, "--yes", "0" * 12, "--reason", "x").code
    assert 2 == caselog(*CASE, "--yes", digest).code
    assert 2 == caselog("archive", "erase", "--case", "100").code
    assert 2 == caselog("archive", "erase", "--account", "main", "--message", "m1").code
    assert 2 == caselog("archive", "erase", "--account", "main", "--case", "9").code
    assert 2 == len(caselog("cases", "list", "--json").value["cases"])


@pytest.mark.usefixtures("two_cases")
def test_open_reply_is_named(caselog: Runner) -> None:
    """A reply that could still be sent stands against the erasure, by its number."""
    entry = caselog("outbox", "add", "main", "100", "--text", "Please check it.", "--json").value["entry"]
    shown = caselog(*CASE, "--json")
    refused = caselog(*CASE, "--yes", shown.value["digest"], "--reason", "x", "--json")

    assert [entry] == shown.value["open_entries"]
    assert (2, True) == (refused.code, f"entries {entry}" in refused.value["error"]["what"])


@pytest.mark.usefixtures("two_cases")
def test_copies_are_named(caselog: Runner, tmp_path: Path) -> None:
    """The person is told which copies hold it still."""
    caselog("archive", "copy", str(tmp_path / "copy"))
    shown = caselog(*CASE, "--json")
    done = caselog(*CASE, "--yes", shown.value["digest"], "--reason", "x")

    assert [str(tmp_path / "copy")] == [copy["path"] for copy in shown.value["copies"]]
    assert str(tmp_path / "copy") in done.out


@pytest.mark.usefixtures("two_cases")
def test_erased_case_says_so(caselog: Runner) -> None:
    """Whoever asks for it, to read or to back up, is told when it was erased."""
    caselog(*CASE, "--yes", caselog(*CASE, "--json").value["digest"], "--reason", "x")

    shown = caselog("cases", "show", "100", "--json")
    assert (2, True) == (shown.code, "was erased on" in shown.value["error"]["what"])
    read = caselog("backup", "main", "--case", "100", "--json")
    assert (2, True) == (read.code, "was erased on" in read.value["error"]["what"])


@pytest.mark.usefixtures("two_cases")
def test_erased_account_is_left_out_until_it_is_named(
    caselog: Runner, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nightly backup of all accounts passes it over and says so; naming it takes it in again."""
    whole = ("archive", "erase", "--account", "main")
    caselog(*whole, "--yes", caselog(*whole, "--json").value["digest"], "--reason", "left us")
    caselog("stop")

    nightly = caselog("backup", "--json")
    named = caselog("backup", "main", "--json")

    assert ["other"] == [run["account"] for run in nightly.value["runs"]]
    skipped = [{"account": "main", "reason": "erased; to have it again: caselog backup main"}]
    assert skipped == nightly.value["skipped"]
    assert ["main"] == [run["account"] for run in named.value["runs"]]
    assert caselog("archive", "erasures", "--json").value["erasures"][0]["lifted_at"] is not None


@pytest.mark.usefixtures("two_cases")
def test_erased_message_is_shown_as_such(caselog: Runner) -> None:
    """Its place in the thread is there, and that it was erased; the others are as they were."""
    message = (*CASE, "--message", "m1")
    caselog(*message, "--yes", caselog(*message, "--json").value["digest"], "--reason", "x")

    shown = caselog("cases", "show", "100", "--json").value

    assert ["m1"] == [each["id"] for each in shown["erased"]]
    assert ["", "Message 2 about the refund 退款"] == [each["body"] for each in shown["messages"]]
    [line] = [each for each in caselog("cases", "show", "100").out.splitlines() if "Message m1" in each]
    assert ": erased " in line


def test_unfinished_erasure_says_why(caselog: Runner, two_cases: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is decided is told as done, what is left of it with the reason and the command; that command ends it."""
    monkeypatch.setattr(opening, "open_database", partial(open_database, busy_seconds=0.05))
    digest = caselog(*CASE, "--json").value["digest"]
    with two_cases.read() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM cases").scalar()
        done = caselog(*CASE, "--yes", digest, "--reason", "x")
        again = caselog("archive", "erase", "--finish", "--json")

    assert (7, True, True) == (
        done.code,
        "Not finished: Another process uses the archive." in done.out,
        "caselog archive erase --finish" in done.out,
    )
    assert (7, False, 7) == (again.code, again.value["finished"], again.value["error"]["exit_code"])
    assert {"finished": True} == caselog("archive", "erase", "--finish", "--json").value
