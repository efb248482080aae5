"""Moves an archive to another folder or disk. At every moment one place, and only one, can send.

The old database is locked against writers from the first byte until it is retired. The new one gets the old one's
identity last: whoever opens it before that opens a copy, which holds what is unsent.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from storage import identity
from storage import migrations
from storage.copying.contents import size_of
from storage.copying.copy import copy_contents
from storage.copying.files import is_taken
from storage.copying.files import new_folder
from storage.copying.manifest import DATABASE
from storage.database import Database
from storage.errors import ArchiveUnusable
from storage.errors import PlaceTaken
from storage.file_copy import copy_file
from storage.journal.audit import audit
from storage.journal.locks import refuse_held
from storage.opening import open_archive
from storage.process import Holder
from storage.space import require_space
from storage.verify import Remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """`same`: it is still the archive that it was; else its unsent replies are held, as in a copy.

    `left`: what lies in the old folder still, because it was no part of the archive or could not be removed.
    """

    folder: Path
    files: int
    same: bool
    left: tuple[Path, ...]


def move_archive(
    database: Database,
    target: Path,
    *,
    actor: str,
    at: datetime,
    is_dead: Callable[[Holder], bool],
    point: Callable[[Path], None],
) -> Moved:
    """Move the archive to `target`, which has to be empty or missing, and close `database`.

    `point` makes every later start look there. Raises AccountBusy while a living process works on an account, and
    ArchiveUnusable for an archive that is damaged: then nothing was moved.
    """
    old, target = database.path, target.absolute()
    if is_taken(target) or target.is_relative_to(old.parent):
        raise PlaceTaken(str(target))
    require_space(target.parent, size_of(database))
    with database.write(durable=True) as connection:
        refuse_held(connection, is_dead)
        was = identity.found(connection, old)
        assert was is not None
        names = _copy(database, target)
        try:
            point(target)
        except OSError as error:
            shutil.rmtree(target, ignore_errors=True)
            raise ArchiveUnusable(str(target), error.strerror or "it cannot be pointed to") from error
        _retire(connection)
    same = _settle(target / DATABASE, was, f"{old.parent} -> {target}", actor=actor, at=at)
    _settle_log(database)
    database.close()
    return Moved(folder=target, files=len(names), same=same, left=_remove(old, names))


def _copy(database: Database, target: Path) -> list[str]:
    """Names of the files that lie at `target` now, all of them sound."""
    with new_folder(target) as part:
        filled = copy_contents(database, part)
        if any(finding.remedy is not Remedy.NOTHING for finding in filled.findings):
            raise ArchiveUnusable(str(database.path), "it is damaged, so it stays where it is (see: caselog verify)")
        names = [name for name in filled.files if name != DATABASE]
        for copy in sorted(database.folder.glob(f"{database.path.name}.before-*")):
            copy_file(copy, part / f"{DATABASE}{copy.name.removeprefix(database.path.name)}")
            names.append(copy.name)
    return names


def _retire(connection: Connection) -> None:
    """From this commit on nothing can be begun or sent here, by whoever has it open or opens it."""
    for table in ("outbox_events", "account_locks"):
        connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (migrations.MOVED,))


def _settle_log(database: Database) -> None:
    """Bring the retirement into the file itself: its log may be removed where the file cannot."""
    pooled = database.engine.raw_connection()
    try:
        connection: sqlite3.Connection = pooled.driver_connection  # type: ignore[assignment]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        pooled.close()


def _settle(path: Path, was: identity.Instance, what: str, *, actor: str, at: datetime) -> bool:
    same = identity.vouch(path, was)
    database = open_archive(path, create=False, at=at)
    audit(database, actor=actor, action="moved", subject=what, reason="", at=at)
    database.close()
    return same


def _remove(old: Path, names: Iterable[str]) -> tuple[Path, ...]:
    """Remove what was moved, and folders that are empty then."""
    folder = old.parent
    beside = [old.with_name(f"{old.name}{end}") for end in (".instance", "", "-wal", "-shm")]
    for path in (*(folder / name for name in names), *beside):
        # On Windows a program may have it open: it is told.
        with suppress(OSError):
            path.unlink(missing_ok=True)
    for name in ("blobs", "evidence"):
        below = sorted((folder / name).rglob("*"), reverse=True)
        for path in (*(item for item in below if item.is_dir()), folder / name):
            with suppress(OSError):
                path.rmdir()
    return tuple(path for path in (*beside, folder / "blobs", folder / "evidence") if path.exists())
