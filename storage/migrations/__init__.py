"""The schema's versions: a new archive is made at `HEAD`, an older one is upgraded when asked to, a newer one refused.

Revision names are numbers of four digits in one line, so "newer" is a comparison of strings and a start needs no
Alembic. A copy of a SQLite archive is taken before an upgrade; the newest `COPIES` are kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import inspect

from storage.database import Database
from storage.errors import ArchiveNewer
from storage.errors import ArchiveOutdated
from storage.errors import ArchiveUnusable
from storage.files import sync_folder
from storage.files import temporary_beside
from storage.journal.locks import refuse_held
from storage.process import Holder
from storage.space import require_space

#: The schema that this version of caselog reads and writes.
HEAD = "0006"

#: In place of a version: the archive was moved, and this is what could not be removed.
MOVED = "moved"

#: How many copies from before an upgrade are kept beside the archive.
COPIES = 3

SCRIPTS = Path(__file__).parent


def revision_of(connection: Connection) -> str | None:
    """The schema's version, or `None` for an empty database."""
    names = inspect(connection).get_table_names()
    if not names:
        return None
    if "alembic_version" not in names:
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def check(database: Database) -> bool:
    """True when the schema is at `HEAD`, false for an empty database; refuses everything else."""
    with database.read() as connection:
        found = revision_of(connection)
    path = str(database.path)
    if found is None:
        return False
    if found == "":
        raise ArchiveUnusable(path, "the database belongs to another program")
    if found == MOVED:
        raise ArchiveUnusable(path, "it was moved elsewhere, and this is what was left behind")
    if found > HEAD:
        raise ArchiveNewer(path, "a newer caselog wrote it", found, HEAD)
    if found < HEAD:
        raise ArchiveOutdated(path, "an older caselog wrote it", found, HEAD)
    return True


def create(database: Database) -> None:
    """Make the schema in an empty database; a second process that comes at the same time finds nothing left to do."""
    with database.write(durable=True) as connection:
        migrate(connection, HEAD)


def upgrade(database: Database, at: datetime, *, is_dead: Callable[[Holder], bool]) -> Path | None:
    """Bring an older archive to `HEAD`; returns the copy taken before, or `None` when there was nothing to do.

    Raises AccountBusy while a living process works on an account: it would go on with the schema that it knows.
    """
    try:
        if not check(database):
            create(database)
        return None
    except ArchiveOutdated as outdated:
        found = outdated.found
    # The copy, and a log as large as the database while everything in it is rewritten.
    require_space(database.folder, 2 * database.path.stat().st_size)
    with database.write(durable=True) as connection:
        if revision_of(connection) != found:
            return None  # another process was faster
        refuse_held(connection, is_dead)
        # Nothing is written between the copy and the change: what the way back lacks would be lost.
        copy = _copy_before(database, at)
        migrate(connection, HEAD)
    _drop_old_copies(database.path)
    return copy


def _copy_before(database: Database, at: datetime) -> Path:
    copy = database.path.with_name(f"{database.path.name}.before-{HEAD}-{at:%Y%m%dT%H%M%SZ}")
    # Under its own name only when it is whole: a copy that was cut short would be taken for the way back.
    fresh = temporary_beside(copy)
    copy_to(database, fresh)
    fresh.replace(copy)
    sync_folder(copy.parent)
    return copy


def migrate(connection: Connection, revision: str) -> None:
    """Run the scripts up to `revision` inside the caller's transaction: all of them, or none."""
    # Alembic takes long to import, and is needed only where an archive is made or changed.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def copy_to(database: Database, target: Path) -> None:
    """A consistent copy of the database file, also while others write (SQLite's backup); private like the original."""
    from storage.database import open_database  # noqa: PLC0415 - the copy is a database too

    copy = open_database(target)
    try:
        with database.read() as source, copy.engine.connect() as sink:
            source.connection.driver_connection.backup(sink.connection.driver_connection)  # type: ignore[union-attr]
    except sqlite3.Error as error:
        raise ArchiveUnusable(str(target), f"it cannot be copied ({error})") from error
    finally:
        copy.close()


def _drop_old_copies(path: Path) -> None:
    copies = sorted(
        (item for item in path.parent.glob(f"{path.name}.before-*Z") if item.is_file()),
        key=lambda item: item.name.rpartition("-")[2],
    )
    for copy in copies[:-COPIES]:
        copy.unlink()
