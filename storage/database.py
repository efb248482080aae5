"""Opens the archive's database and hands out read and write transactions.

SQLite: write-ahead log, foreign keys, and `BEGIN IMMEDIATE` for every writer, because a read transaction that turns
into a write fails at once whatever the busy time-out is. Several processes may use one archive. PostgreSQL is not
supported yet; its URL is refused here and nowhere else.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import StatementError

from storage.errors import ArchiveBusy
from storage.errors import ArchiveError
from storage.errors import ArchiveMissing
from storage.errors import ArchiveUnusable

#: How long a writer waits for another process; every transaction is short, none spans a network call.
BUSY_SECONDS = 30.0

#: SQLite's error names (their beginnings) that mean "a person must act", and what they mean.
UNUSABLE = {
    "SQLITE_NOTADB": "not a SQLite database",
    "SQLITE_CORRUPT": "the database is damaged",
    "SQLITE_READONLY": "it cannot be written to",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_PERM": "access is denied",
    "SQLITE_AUTH": "access is denied",
    "SQLITE_IOERR": "the disk reported an error",
}


class Database:
    """One archive's database. Safe to share between threads; each transaction has a connection of its own."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self.engine = engine
        self._durability = {
            (write, durable): engine.execution_options(caselog_write=write, caselog_durable=durable)
            for write, durable in ((False, False), (True, False), (True, True))
        }

    @property
    def folder(self) -> Path:
        """Where the database lies, and beside it `blobs/` and `evidence/`."""
        return self.path.parent

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; nothing written in it is kept."""
        with self._translated(), self._durability[False, False].connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """One transaction, committed at the end and rolled back on any error.

        `durable`: the commit has reached the disk when the block ends (it survives a power cut). Otherwise a power
        cut may undo the last commits, which then are undone whole and in order.
        """
        with self._translated(), self._durability[True, durable].begin() as connection:
            yield connection

    def compact(self) -> None:
        """Write the file anew without its free pages, and empty the log that held the old ones.

        Raises ArchiveBusy while another process reads or writes.
        """
        with self._bare() as connection:
            # The new file's pages: too many for the memory, and nothing erased is among them.
            connection.exec_driver_sql("PRAGMA temp_store=FILE")
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA temp_store=MEMORY")
        self.settle_log()

    def settle_log(self) -> None:
        """Bring everything that was committed into the file itself, and empty the log; raises as `compact`."""
        with self._bare() as connection:
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if busy:
            raise ArchiveBusy(str(self.path))

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _bare(self) -> Iterator[Connection]:
        """A connection for what cannot be done inside a transaction."""
        with self._translated(), self.engine.execution_options(caselog_bare=True).connect() as connection:
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except StatementError as error:
            # A refusal of ours (a naive time) comes wrapped like a driver's error.
            refusal = error.orig if isinstance(error.orig, ArchiveError) else explain(error, str(self.path))
            if refusal is None:
                raise
            raise refusal from error


def explain(error: StatementError, path: str) -> ArchiveError | None:
    """The archive's error for a driver's, or `None` for one that is a bug of ours."""
    name = getattr(error.orig, "sqlite_errorname", "")
    if name.startswith("SQLITE_BUSY"):
        return ArchiveBusy(path)
    for beginning, reason in UNUSABLE.items():
        if name.startswith(beginning):
            return ArchiveUnusable(path, reason)
    return None


def overwrite_freed(connection: Connection) -> None:
    """Whatever is freed is overwritten at once, also in the index, which SQLite keeps in tables of its own."""
    connection.exec_driver_sql("PRAGMA secure_delete=ON")


def complaints(connection: Connection) -> Iterator[tuple[str, str]]:
    """What SQLite's own checks find: a place and what is wrong there."""
    for (complaint,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if complaint != "ok":
            yield "database", complaint
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield table, f"row {row} refers to a row of {parent} that is not there"


def open_database(target: str | Path, *, create: bool = True, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open the database at a path or a `sqlite:///` URL; its schema is not looked at (`opening.open_archive` does)."""
    path = _path_of(target)
    _prepare_file(path, create=create)
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        # Threads of one process wait on SQLite's own lock, not on a pool of connections.
        pool_size=5,
        max_overflow=-1,
        connect_args={"timeout": busy_seconds},
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    database = Database(path, engine)
    try:
        with database.read() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    except ArchiveError:
        database.close()
        raise
    if mode != "wal":
        database.close()
        raise ArchiveUnusable(str(path), "its file system cannot keep a write-ahead log (a network share?)")
    return database


def _path_of(target: str | Path) -> Path:
    if isinstance(target, str) and "://" in target:
        url = make_url(target)
        if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
            raise ArchiveUnusable(url.render_as_string(), "only SQLite files are supported so far")
        return Path(url.database).absolute()
    return Path(target).absolute()


def _prepare_file(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise ArchiveUnusable(str(path), "it is a folder, not a database file")
    if path.exists():
        return
    if not create:
        raise ArchiveMissing(str(path), "there is no archive")
    try:
        make_private_folder(path.parent)
        # Made before SQLite does, so that it is private from its first moment (its -wal and -shm copy the mode).
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ArchiveUnusable(str(path), error.strerror or "it cannot be created") from error


def make_private_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it; those made are for the user alone (0700 where modes exist)."""
    missing = [item for item in (folder, *folder.parents) if not item.exists()]
    for item in reversed(missing):
        item.mkdir(exist_ok=True)
        if sys.platform != "win32":
            item.chmod(0o700)


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    # SQLAlchemy must not let the driver begin transactions: `_begin` does, and says which kind.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("caselog_bare"):
        return
    if not options.get("caselog_write"):
        connection.exec_driver_sql("BEGIN")
        return
    # Set for each transaction, since pooled connections serve both kinds. macOS needs its own fsync.
    durable = bool(options.get("caselog_durable"))
    connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.exec_driver_sql(f"PRAGMA fullfsync={'ON' if durable else 'OFF'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
