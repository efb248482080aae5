"""An archive or an account that another process has in hand: a clear message and exit code 7, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent.cli.errors import explain
from agent.errors import AccountBusy
from storage import journal
from storage import opening
from storage.database import Database
from storage.database import open_database
from storage.process import Holder

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
ELSEWHERE = Holder(host="nas", pid=12, process_started_at=NOW)


@pytest.fixture
def written_to(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another writer holds the archive for longer than anybody waits."""
    monkeypatch.setattr(opening, "open_database", partial(open_database, busy_seconds=0.01))
    with database.write():
        yield


@pytest.mark.usefixtures("written_to", "archived")
@pytest.mark.parametrize(
    "command",
    [
        ("outbox", "add", "main", "100", "--text", "Our answer."),
        ("accounts", "unlock", "main"),
        ("verify", "--rebuild-search"),
    ],
    ids=" ".join,
)
def test_archive_that_stays_busy(caselog: Callable[..., Any], command: tuple[str, ...]) -> None:
    """Whoever waited in vain is told what to do; nothing was written."""
    ran = caselog(*command)

    assert (7, "") == (ran.code, ran.out)
    assert "Another process writes to the archive and did not finish in time. Nothing was written." in ran.err
    assert "Next: Run the command again." in ran.err


@pytest.mark.usefixtures("written_to", "archived")
@pytest.mark.parametrize("command", [("status",), ("cases", "list"), ("outbox", "list"), ("accounts", "list")])
def test_readers_need_not_wait(caselog: Callable[..., Any], command: tuple[str, ...]) -> None:
    """What only reads is not held up by a writer."""
    assert 0 == caselog(*command).code


def test_lock_of_another_host_is_dropped_with_a_reason(caselog: Callable[..., Any], database: Database) -> None:
    """Only a person can know that a machine is gone; what that person says is shown and kept."""
    journal.lock_account(database, "main", holder=ELSEWHERE, purpose="backup", at=NOW)

    silent = caselog("accounts", "unlock", "main", "--drop-lock")
    dropped = caselog("accounts", "unlock", "main", "--drop-lock", "--reason", "the NAS burnt down", "--json")
    again = caselog("accounts", "unlock", "main", "--drop-lock", "--reason", "the NAS burnt down")

    assert (2, True) == (silent.code, "--reason" in silent.err)
    assert {"account": "main", "dropped": ["process 12 on nas"], "reason": "the NAS burnt down"} == dropped.value
    assert (0, "main: Nobody holds it.\n") == (again.code, again.out)
    assert [("lock dropped", "main", "the NAS burnt down")] == [
        (audit.action, audit.subject, audit.reason) for audit in journal.list_audits(database)
    ]


def test_lock_of_an_account_that_is_no_longer_configured_is_dropped(
    caselog: Callable[..., Any], database: Database
) -> None:
    """Moves and erasures wait for it too; a name that nobody holds nor configured is a slip."""
    journal.lock_account(database, "former", holder=ELSEWHERE, purpose="backup", at=NOW)
    drop = ("accounts", "unlock", "former", "--drop-lock", "--reason", "the NAS burnt down")

    dropped, again = caselog(*drop, "--json"), caselog(*drop)

    assert ["process 12 on nas"] == dropped.value["dropped"]
    assert (3, True) == (again.code, "there is no such account" in again.err)


@pytest.mark.parametrize("command", [("move", "{folder}"), ("erase", "--account", "main")], ids=lambda each: each[0])
def test_held_archive_names_a_way_out_that_works(
    *,
    caselog: Callable[..., Any],
    database: Database,
    archived: Callable[..., None],
    make_case: Callable[..., Any],
    tmp_path: Path,
    command: tuple[str, ...],
) -> None:
    """Moves and erasures wait for every account; the advice for a machine that is gone frees the archive."""
    archived(make_case("100"))
    with database.write() as connection:
        # The builder's run has no certificates, and a damaged archive is not moved.
        connection.exec_driver_sql("UPDATE runs SET outcome = 'partial'")
    arguments = ["archive", *(part.format(folder=tmp_path / "there") for part in command)]
    if command[0] == "erase":
        arguments += ["--yes", caselog(*arguments, "--json").value["digest"], "--reason", "asked for it"]
    journal.lock_account(database, "main", holder=ELSEWHERE, purpose="backup", at=NOW)

    refused = caselog(*arguments, "--json")
    advice = refused.value["error"]["next"].partition("gone for good: caselog ")[2].split()
    freed = caselog(*advice)

    assert (7, 0, 0) == (refused.code, freed.code, caselog(*arguments, "--json").code)


def test_busy_account_of_another_host_names_the_way_out() -> None:
    """Only where nothing can be proved a person is asked to."""
    advice = [explain(AccountBusy("main", "nas, process 12", elsewhere=elsewhere)).next for elsewhere in (False, True)]

    assert [False, True] == ["caselog accounts unlock main --drop-lock --reason" in each for each in advice]
