"""Bad surroundings as a user meets them: what happened, where, what next, the exit code; nothing is lost."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import StatementError

from agent.cli import verify
from agent.log import get_logger
from agent.log import start_log
from agent.log import stop_log
from agent.secrets import Redactor
from storage import database as storage_database
from storage.blobs import Blobs
from storage.database import Database
from storage.errors import ArchiveUnusable

Runner = Callable[..., Any]
Damage = Callable[[Path], None]


@pytest.fixture
def file(database: Database, archived: Callable[..., None], make_case: Callable[..., Any]) -> Path:
    """An archive with one case, closed."""
    archived(make_case("100"))
    database.close()
    return database.path


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    yield
    stop_log()


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def scribble(path: Path) -> None:
    path.write_bytes(b"hello" * 999)


def set_schema(version: str) -> Damage:
    def damage(path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.close()

    return damage


ARCHIVES: dict[str, tuple[Damage, str, str]] = {
    "no database": (scribble, "not a SQLite database", "archive restore"),
    "folder": (replace_by_folder, "it is a folder", "archive restore"),
    "newer": (set_schema("9999"), "written by a newer caselog", "Install the newer caselog"),
    "older": (set_schema("0001"), "written by an older caselog", "caselog archive upgrade"),
    "cut in the header": (lambda path: os.truncate(path, 60), "the database is damaged", "archive restore"),
}


@pytest.mark.parametrize("arguments", [("cases", "list"), ("backup",), ("outbox", "add", "main", "100", "--text", "x")])
@pytest.mark.parametrize(("damage", "what", "following"), ARCHIVES.values(), ids=ARCHIVES)
def test_archive_that_cannot_be_used(
    *, caselog: Runner, file: Path, damage: Damage, what: str, following: str, arguments: tuple[str, ...]
) -> None:
    """Readers and writers alike say what is wrong with which file and what to do; the file stays as it is."""
    damage(file)
    before = None if file.is_dir() else file.read_bytes()

    ran = caselog(*arguments)

    assert 5 == ran.code
    assert what in ran.err
    assert str(file) in ran.err
    assert following in ran.err
    assert "Traceback" not in ran.err
    assert before is None or before == file.read_bytes()


REFUSALS = {
    "SQLITE_FULL": ("the disk is full", "Make room"),
    "SQLITE_READONLY": ("it cannot be written to", "Nothing was written"),
    "SQLITE_IOERR": ("the disk reported an error", "caselog verify"),
    "SQLITE_CORRUPT": ("the database is damaged", "caselog verify"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_archive_that_takes_no_row(caselog: Runner, file: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full or read-only while a row is written: exit 5, and the archive is as it was."""

    def begin(connection: Any) -> None:
        refused = sqlite3.OperationalError("refused")
        refused.sqlite_errorname = name
        if connection.get_execution_options().get("caselog_write"):
            raise StatementError("BEGIN", "BEGIN", (), refused)
        connection.exec_driver_sql("BEGIN")

    monkeypatch.setattr(storage_database, "_begin", begin)
    what, following = REFUSALS[name]

    ran = caselog("outbox", "add", "main", "100", "--text", "x")

    monkeypatch.undo()
    assert 5 == ran.code
    assert what in ran.err
    assert following in ran.err
    assert [] == caselog("outbox", "list", "--json").value["entries"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_disk_full_while_a_file_is_kept(tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A blob that does not fit leaves nothing behind, and is an archive that cannot be used, not a bug."""
    store = Blobs(tmp_path / "blobs")

    def full(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(ArchiveUnusable) as raised:
        store.put(b"content")

    monkeypatch.undo()
    assert os.strerror(number) == raised.value.reason
    assert [] == list(store.folder.rglob("*"))
    assert store.put(b"content").sha256 in store


def test_file_in_place_of_the_blob_store(tmp_path: Path) -> None:
    """A file where the folder should be is named, and left alone."""
    place = tmp_path / "blobs"
    place.write_bytes(b"mine")

    with pytest.raises(ArchiveUnusable) as raised:
        Blobs(place).put(b"content")

    assert str(place) == raised.value.path
    assert b"mine" == place.read_bytes()


def test_blob_store_that_is_gone(caselog: Runner, configured: Path, file: Path, tmp_path: Path) -> None:
    """Files of the archive that are missing are named one by one; the rest is called whole."""
    invoice = tmp_path / "invoice.pdf"
    invoice.write_bytes(b"%PDF")
    assert 0 == caselog("outbox", "add", "main", "100", "--text", "x", "--file", str(invoice)).code
    shutil.rmtree(configured / "data" / "blobs")

    ran = caselog("verify", "--json")

    assert 22 == ran.code
    assert ["blob_missing"] == [f["fault"] for f in ran.value["findings"] if f["part"] == "files"]


@pytest.fixture
def room() -> Iterator[Callable[[int], None]]:
    """Let no file grow beyond so many bytes: what a full disk or a quota does, for every writer of the process."""
    if sys.platform == "win32":
        pytest.skip("Windows has no such limit")
    else:
        import resource

        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("kind", ["jsonl", "xlsx"])
def test_disk_full_while_an_export_is_written(
    *,
    caselog: Runner,
    archived: Callable[..., None],
    make_case: Callable[..., Any],
    make_message: Callable[..., Any],
    tmp_path: Path,
    room: Callable[[int], None],
    kind: str,
) -> None:
    """Exit 5 and no bug; an earlier export of that name is not replaced by half a new one."""
    chance = random.Random(1)  # noqa: S311 - a text that no packing makes small
    archived(make_case(messages=[make_message(n, body=chance.randbytes(15_000).hex()) for n in range(1, 9)]))
    target = tmp_path / "out" / f"cases.{kind}"
    target.parent.mkdir()
    target.write_text("the one from yesterday")
    room(40_000)

    ran = caselog("export", kind, str(target))

    assert 5 == ran.code, ran.err
    assert "Make room" in ran.err
    assert [target] == list(target.parent.iterdir())
    assert "the one from yesterday" == target.read_text()


def test_disk_full_while_rows_are_written(caselog: Runner, file: Path, room: Callable[[int], None]) -> None:
    """The real refusal of the system, in the middle of a transaction: exit 5; with room again all is as before."""
    room(20_000)

    ran = caselog("outbox", "add", "main", "100", "--text", "x" * 50_000)

    room(-1)
    assert 5 == ran.code, ran.err
    assert "Traceback" not in ran.err
    assert [] == caselog("outbox", "list", "--json").value["entries"]
    assert ["journal"] == [part["part"] for part in caselog("verify", "--json").value["parts"] if not part["whole"]]
    assert 0 == caselog("outbox", "add", "main", "100", "--text", "x" * 50_000).code


def test_log_that_cannot_be_written_ends_nothing(caselog: Runner, configured: Path, file: Path) -> None:
    """A folder in the log's place is told once; the command does its work and returns its own code."""
    (configured / "state" / "caselog.log.jsonl").mkdir(parents=True)
    caselog("stop")

    ran = caselog("backup")

    assert 15 == ran.code
    assert 1 == ran.err.count("the log cannot be written")
    assert "caselog.log.jsonl" in ran.err


def test_log_that_fills_the_disk_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], room: Callable[[int], None]
) -> None:
    """From the first line that does not fit on, work goes on without the log; this is no silent loss."""
    assert start_log(tmp_path / "log.jsonl", Redactor()) is None
    room(300)
    for number in range(9):
        get_logger(__name__).info("line_written", number=number)
    room(-1)

    assert 1 == capsys.readouterr().err.count("the log cannot be written: File too large")


def test_state_folder_that_is_a_file(caselog: Runner, configured: Path) -> None:
    """What stands in the way is named, and is no bug."""
    (configured / "state").write_text("mine")

    ran = caselog("stop")

    assert 2 == ran.code
    assert str(configured / "state") in ran.err
    assert "bug" not in ran.err


def test_configuration_that_cannot_be_read(caselog: Runner, configured: Path) -> None:
    """A folder in the place of the file is a problem of the configuration, not of the program."""
    replace_by_folder(configured / "caselog.toml")

    ran = caselog("backup")

    assert 3 == ran.code
    assert "caselog config check" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="HOME is not what Windows goes by")
def test_home_that_is_not_there(monkeypatch: pytest.MonkeyPatch, caselog: Runner) -> None:
    """Where a home folder is missing, commands say where they looked."""
    monkeypatch.setenv("HOME", "/nonexistent/home")

    ran = caselog("cases", "list")

    assert 5 == ran.code
    assert "caselog backup" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="modes do not bind there")
@pytest.mark.parametrize(
    ("folder", "mode", "what"),
    [(0o700, 0o400, "it cannot be written to"), (0o500, 0o400, "it cannot be written to"), (0o700, 0, "opened")],
    ids=["read-only file", "read-only folder", "unreadable file"],
)
def test_archive_that_may_not_be_used(*, configured: Path, file: Path, folder: int, mode: int, what: str) -> None:
    """Rights that are missing are told with the file, and nothing is written; the same with its rights back."""
    before = file.read_bytes()
    file.chmod(mode)
    file.parent.chmod(folder)
    ran = bound("--home", str(configured), "outbox", "add", "main", "100", "--text", "x")
    file.parent.chmod(0o700)
    file.chmod(0o600)

    assert 5 == ran.returncode, ran.stderr
    assert what in ran.stderr
    assert str(file) in ran.stderr
    assert "rights" in ran.stderr
    assert before == file.read_bytes()


def bound(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as somebody whom modes bind; root gives up what lets it pass them by."""
    command = [sys.executable, "-m", "agent.cli.main", *arguments]
    if sys.platform != "win32" and os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root passes modes by, and there is no setpriv here")
        command = [setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", *command]
    return subprocess.run(command, capture_output=True, check=False, encoding="utf-8", timeout=120)


def test_every_reason_has_its_step() -> None:
    """No reason of the database's goes without its own next step."""
    from agent.cli.archive_errors import STEPS

    assert set() == set(storage_database.UNUSABLE.values()) - STEPS.keys()


def test_every_remedy_is_told() -> None:
    """What `verify` may advise has its words."""
    from storage.verify import Remedy

    assert set(Remedy) == verify.NEXT.keys()
