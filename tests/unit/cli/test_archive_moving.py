"""`caselog archive move`: afterwards every command works there, and a disk that is away is no empty archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.config.places import Places
from storage import journal
from storage.database import Database
from storage.process import Holder

Runner = Callable[..., Any]


@pytest.fixture
def filled(database: Database, archived: Callable[..., None], make_case: Callable[..., Any]) -> Database:
    archived(make_case("100"))
    with database.write() as connection:
        # The builder's run has no certificates, and `verify` would say so.
        connection.exec_driver_sql("UPDATE runs SET outcome = 'partial'")
    return database


@pytest.fixture
def moved(caselog: Runner, filled: Database, tmp_path: Path) -> Path:
    entry = str(caselog("outbox", "add", "main", "100", "--text", "Please check it.", "--json").value["entry"])
    digest = caselog("outbox", "approve", entry, "--json").value["digest"]
    assert caselog("outbox", "approve", entry, "--digest", digest).code == 0
    filled.close()
    ran = caselog("archive", "move", str(tmp_path / "disk"), "--json")
    assert (0, True, []) == (ran.code, ran.value["same"], ran.value["left"])
    return tmp_path / "disk"


def test_everything_goes_on_there(caselog: Runner, home: Path, moved: Path) -> None:
    """Nothing has to be said or set: cases, queue and new files are in the new folder."""
    assert moved == Places.under(home).data
    assert 1 == caselog("cases", "list", "--json").value["total"]
    assert ["queued"] == [each["status"] for each in caselog("outbox", "list", "--json").value["entries"]]
    places = {each["name"]: each["path"] for each in caselog("where", "--json").value["places"]}
    assert (str(moved / "archive.sqlite3"), str(moved / "evidence")) == (places["archive"], places["evidence"])
    assert [] == list((home / "data").iterdir())


def test_absent_disk_is_no_empty_archive(caselog: Runner, moved: Path) -> None:
    """A nightly backup does not begin a second archive where the disk should be."""
    moved.rename(moved.with_name("away"))

    refused = caselog("backup", "--json")

    assert (5, True) == (refused.code, "is its disk attached?" in refused.value["error"]["what"])
    assert not moved.exists()
    moved.with_name("away").rename(moved)
    assert 0 == caselog("cases", "list").code


def test_moved_back(caselog: Runner, home: Path, moved: Path) -> None:
    """The folder that it left takes it again."""
    assert 0 == caselog("archive", "move", str(home / "data")).code
    assert ["queued"] == [each["status"] for each in caselog("outbox", "list", "--json").value["entries"]]
    assert [] == list(moved.iterdir())


def test_not_while_somebody_works(caselog: Runner, filled: Database, tmp_path: Path) -> None:
    """A sender that runs elsewhere is not moved away from under its feet."""
    run = journal.list_runs(filled)[0]
    holder = Holder(host="another host", pid=1, process_started_at=run.started_at)
    journal.lock_account(filled, "main", holder=holder, purpose="send", at=run.started_at)

    refused = caselog("archive", "move", str(tmp_path / "disk"), "--json")

    assert (7, True) == (refused.code, "main" in refused.value["error"]["what"])
    assert not (tmp_path / "disk").exists()


def test_trouble_after_the_move_is_told(
    caselog: Runner, filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive has moved, and is used there; what could not be settled has its reason and its exit code."""
    filled.close()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("storage.identity.write_new", fail)
        moved = caselog("archive", "move", str(tmp_path / "disk"), "--json")

    assert (5, False, True) == (moved.code, moved.value["same"], "No space left" in moved.value["error"]["what"])
    assert str(filled.path) in moved.value["left"]
    assert 1 == caselog("cases", "list", "--json").value["total"]
