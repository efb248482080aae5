from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import OperationalError

from storage.database import Database
from storage.database import explain
from storage.database import open_database
from storage.errors import ArchiveBusy
from storage.errors import ArchiveMissing
from storage.errors import ArchiveUnusable


def pragma(database: Database, name: str, *, write: bool = False, durable: bool = False) -> object:
    transaction = database.write(durable=durable) if write else database.read()
    with transaction as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_safety_settings(database: Database) -> None:
    """Every connection keeps a write-ahead log and enforces foreign keys."""
    assert ("wal", 1) == (pragma(database, "journal_mode"), pragma(database, "foreign_keys"))


def test_durable_write(database: Database) -> None:
    """Only a durable write waits for the disk at its commit, whatever the connection was used for before."""
    full, normal = 2, 1
    assert full == pragma(database, "synchronous", write=True, durable=True)
    assert normal == pragma(database, "synchronous", write=True)
    assert full == pragma(database, "synchronous", write=True, durable=True)


def test_url_and_path(tmp_path: Path) -> None:
    """A `sqlite:///` URL and a path name the same archive."""
    by_url = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    by_url.close()
    assert tmp_path / "a.db" == by_url.path
    with pytest.raises(ArchiveUnusable, match="only SQLite"):
        open_database("postgresql://localhost/caselog")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes; the user's profile folder is private")
def test_private(tmp_path: Path) -> None:
    """Files and folders that the archive makes are for the user alone, under any umask."""
    before = os.umask(0)
    try:
        database = open_database(tmp_path / "new" / "deep" / "a.db")
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        made = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").rglob("*")}
    finally:
        os.umask(before)
    database.close()
    assert {"deep": 0o700, "a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600} == made
    assert 0o700 == (tmp_path / "new").stat().st_mode & 0o777


def test_missing(tmp_path: Path) -> None:
    """An archive that is not to be created is missed by name, and nothing is made."""
    with pytest.raises(ArchiveMissing):
        open_database(tmp_path / "none" / "a.db", create=False)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"no database at all" * 300, b"SQLite format 3\0" + b"\xff" * 8000])
def test_damaged(tmp_path: Path, content: bytes) -> None:
    """A file that is no database, or a broken one, is named as unusable, and is not touched."""
    path = tmp_path / "a.db"
    path.write_bytes(content)
    with pytest.raises(ArchiveUnusable, match=r"a\.db"):
        open_database(path)
    assert content == path.read_bytes()


def test_folder_in_the_way(tmp_path: Path) -> None:
    """A folder is refused, and so is a place below a file."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "a.db"):
        with pytest.raises(ArchiveUnusable):
            open_database(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SQLITE_READONLY_DIRECTORY", ArchiveUnusable("a.db", "it cannot be written to")),
        ("SQLITE_FULL", ArchiveUnusable("a.db", "the disk is full")),
        ("SQLITE_IOERR_WRITE", ArchiveUnusable("a.db", "the disk reported an error")),
        ("SQLITE_BUSY_SNAPSHOT", ArchiveBusy("a.db")),
        ("SQLITE_ERROR", None),
    ],
)
def test_explain(name: str, expected: object) -> None:
    """What a person can mend is explained; a bug of ours is not made to look like it."""
    original = sqlite3.OperationalError("x")
    original.sqlite_errorname = name
    found = explain(DatabaseError("", None, original), "a.db")
    assert (type(expected), str(expected)) == (type(found), str(found))


def test_writers_take_turns(tmp_path: Path) -> None:
    """Writers that read before they write lose no update, whichever connection they came by."""
    first, second = (open_database(tmp_path / "a.db") for _ in range(2))
    with first.write() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (n INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")

    def count(database: Database) -> None:
        for _ in range(25):
            with database.write() as connection:
                n = connection.exec_driver_sql("SELECT n FROM counter").scalar_one()
                connection.exec_driver_sql("UPDATE counter SET n = ?", (n + 1,))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, (first, second, first, second)))
    with first.read() as connection:
        assert 100 == connection.exec_driver_sql("SELECT n FROM counter").scalar_one()
    first.close()
    second.close()


def test_busy(tmp_path: Path) -> None:
    """A writer that waits in vain says that the archive is busy, and has written nothing."""
    holder, waiter = open_database(tmp_path / "a.db"), open_database(tmp_path / "a.db", busy_seconds=0.01)
    with holder.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        with pytest.raises(ArchiveBusy), waiter.write():
            pass
    holder.close()
    waiter.close()


def test_rollback(database: Database) -> None:
    """An error inside a write undoes all of it."""

    def fail() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE half (a INTEGER)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as connection:
        assert "half" not in inspect(connection).get_table_names()


def test_compacting_beside_a_reader(tmp_path: Path) -> None:
    """While another process reads, nothing is emptied under it: it is told as busy, and works afterwards."""
    database = open_database(tmp_path / "a.db", busy_seconds=0.05)
    reader = open_database(tmp_path / "a.db")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
    with reader.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM t").scalar()
        with pytest.raises(ArchiveBusy):
            database.compact()
        with pytest.raises(ArchiveBusy):
            database.settle_log()
    database.compact()
    assert 0 == (tmp_path / "a.db-wal").stat().st_size
    reader.close()
    database.close()


@pytest.mark.parametrize("work", [Database.compact, Database.settle_log])
def test_disk_that_refuses_to_compact(database: Database, work: Callable[[Database], None]) -> None:
    """A full disk is told as such also where no transaction is."""

    def refuse(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("VACUUM", "PRAGMA wal")):
            refused = sqlite3.OperationalError("database or disk is full")
            refused.sqlite_errorname = "SQLITE_FULL"
            raise OperationalError(statement, (), refused)

    event.listen(database.engine, "before_cursor_execute", refuse)
    with pytest.raises(ArchiveUnusable, match="the disk is full"):
        work(database)
