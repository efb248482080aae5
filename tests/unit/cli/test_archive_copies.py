"""`caselog archive copy` and `restore`: what a person is told, and that the copy goes on as an archive of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.cli.archive.upgrading import way_back
from storage import identity
from storage import migrations
from storage.database import Database
from storage.database import open_database

Runner = Callable[..., Any]


@pytest.fixture
def queued(caselog: Runner, database: Database, archived: Callable[..., None], make_case: Callable[..., Any]) -> None:
    """One case and one reply that is approved."""
    archived(make_case("100"))
    with database.write() as connection:
        # The builder's run has no certificates, and `verify` would say so.
        connection.exec_driver_sql("UPDATE runs SET outcome = 'partial'")
    entry = str(caselog("outbox", "add", "main", "100", "--text", "Please check it.", "--json").value["entry"])
    digest = caselog("outbox", "approve", entry, "--json").value["digest"]
    assert caselog("outbox", "approve", entry, "--digest", digest).code == 0


@pytest.mark.usefixtures("queued")
def test_copy_and_restore(caselog: Runner, home: Path, tmp_path: Path) -> None:
    """The copy holds the configuration; the restored archive is used by --home and holds the reply."""
    copied = caselog("archive", "copy", str(tmp_path / "copy"), "--json")

    assert (0, True, True) == (copied.code, copied.value["configuration"], copied.value["sound"])
    restored = caselog("archive", "restore", str(tmp_path / "copy"), "--to", str(tmp_path / "there"), "--json")
    assert (0, 1, []) == (restored.code, restored.value["held"], restored.value["kept"])
    there = ("--home", str(tmp_path / "there"))
    assert 1 == caselog(*there, "cases", "list", "--json").value["total"]
    assert ["held"] == [each["status"] for each in caselog(*there, "outbox", "list", "--json").value["entries"]]
    assert ["queued"] == [each["status"] for each in caselog("outbox", "list", "--json").value["entries"]]
    assert (home / "caselog.toml").read_text() == (tmp_path / "there" / "caselog.toml").read_text()


@pytest.mark.usefixtures("queued")
def test_texts_for_people(caselog: Runner, tmp_path: Path) -> None:
    """What is not in the copy, how to put it back, what is held, and how to use it."""
    copied = caselog("archive", "copy", str(tmp_path / "copy"))
    restored = caselog("archive", "restore", str(tmp_path / "copy"), "--to", str(tmp_path / "there"))

    assert "Secrets, saved sessions and logs are not in it." in copied.out
    assert f"caselog archive restore {tmp_path / 'copy'}" in copied.out
    assert "1 replies are held" in restored.out
    assert f"CASELOG_HOME={tmp_path / 'there'}" in restored.out


@pytest.mark.usefixtures("queued")
def test_what_may_hold_a_secret_is_left_out(caselog: Runner, home: Path, tmp_path: Path) -> None:
    """A configuration with keys that caselog refuses is not copied: a password may stand in it."""
    with (home / "caselog.toml").open("a") as file:
        file.write('\nsecret = "hunter2"\n')
    (home / ".env").write_text("CASELOG_PASSWORD_MAIN=hunter2")

    copied = caselog("archive", "copy", str(tmp_path / "copy"))

    assert copied.code == 0
    assert "Left out: caselog.toml" in copied.out
    assert [] == [path for path in (tmp_path / "copy").rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


@pytest.mark.usefixtures("queued")
def test_restore_refuses_over_an_archive(caselog: Runner, tmp_path: Path) -> None:
    """The archive that lies there is not replaced; a folder that is no copy is told as such."""
    caselog("archive", "copy", str(tmp_path / "copy"))
    assert 2 == caselog("archive", "restore", str(tmp_path / "copy")).code
    assert 22 == caselog("archive", "restore", str(tmp_path), "--to", str(tmp_path / "there")).code


@pytest.mark.skipif(os.name != "posix", reason="runs the commands of a POSIX shell")
@pytest.mark.parametrize(("submitted", "expected"), [(False, "queued"), (True, "held")])
@pytest.mark.usefixtures("queued")
def test_way_back_from_an_upgrade(caselog: Runner, database: Database, *, submitted: bool, expected: str) -> None:
    """By the printed commands it is the archive of before, and what was approved is held only after a submit since."""
    before = database.path.with_name(f"{database.path.name}.before-9999-20260101T000000Z")
    migrations.copy_to(database, before)
    if submitted:
        with database.write() as connection:
            identity.count_submit(connection)
        identity.note_submits(database)
    caselog("outbox", "add", "main", "100", "--text", "Since the upgrade.")
    database.close()

    subprocess.run(["sh", "-ec", "\n".join(way_back(before, database.path))], check=True)

    assert [expected] == [each["status"] for each in caselog("outbox", "list", "--json").value["entries"]]


def test_older_archive_is_never_upgraded_by_a_backup(caselog: Runner, configured: Path) -> None:
    """A nightly backup refuses it with exit 5 and the command to run; that command copies and prints the way back."""
    old = open_database(configured / "data" / "archive.sqlite3")
    with old.write() as connection:
        migrations.migrate(connection, "0003")
    old.close()

    refused = caselog("backup", "--json")

    assert 5 == refused.code
    assert "caselog archive upgrade" in refused.value["error"]["next"]
    upgraded = caselog("archive", "upgrade", "--json")
    assert (0, True) == (upgraded.code, upgraded.value["upgraded"])
    assert Path(upgraded.value["copy"]).is_file()
    assert any(upgraded.value["copy"] in line for line in upgraded.value["way_back"])
    assert 0 == caselog("verify").code
