"""Moves an archive to another folder or disk. At every moment one place, and only one, can send.

The old database is locked against writers from the first byte until it is retired. The new one gets the old one's
identity last: whoever opens it before that opens a copy, which holds what is unsent.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import column
from sqlalchemy import table
from sqlalchemy import update

from storage import identity
from storage import migrations
from storage.copying.contents import size_of
from storage.copying.copy import copy_contents
from storage.copying.files import is_taken
from storage.copying.files import new_folder
from storage.copying.files import remove_empty
from storage.copying.known import copies_beside
from storage.copying.manifest import DATABASE
from storage.database import Database
from storage.errors import ArchiveError
from storage.errors import ArchiveUnusable
from storage.errors import PlaceTaken
from storage.file_copy import copy_file
from storage.journal.audit import audit
from storage.journal.locks import refuse_held
from storage.opening import open_archive
from storage.process import Holder
from storage.space import require_space
from storage.tables import account_locks
from storage.tables import outbox_events
from storage.verify import Remedy

FOLDERS = ("blobs", "evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """`same`: it is still the archive that it was; else its unsent replies are held, as in a copy.

    `left`: what lies in the old folder still, because it was no part of the archive or could not be removed.
    `trouble`: what kept the new place from being settled; it is the archive all the same, and the old files are left.
    """

    folder: Path
    files: int
    same: bool
    left: tuple[Path, ...]
    trouble: ArchiveError | None = None


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
    require_space(target.parent, size_of(database, *copies_beside(database)))
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
    same, trouble = False, None
    try:
        same = _settle(target / DATABASE, was, f"{old.parent} -> {target}", actor=actor, at=at)
    except ArchiveError as error:
        trouble = error
    # The retirement goes into the file itself, if it can: whoever finds the file without its log sees it.
    with suppress(ArchiveError):
        database.settle_log()
    database.close()
    if trouble is None:
        _remove(old, names)
    return Moved(folder=target, files=len(names), same=same, left=_left(old), trouble=trouble)


def _copy(database: Database, target: Path) -> list[str]:
    """Names of the files that lie at `target` now, all of them sound."""
    with new_folder(target) as part:
        filled = copy_contents(database, part)
        if any(finding.remedy is not Remedy.NOTHING for finding in filled.findings):
            raise ArchiveUnusable(str(database.path), "it is damaged, so it stays where it is (see: caselog verify)")
        names = [name for name in filled.files if name != DATABASE]
        for copy in copies_beside(database):
            copy_file(copy, part / f"{DATABASE}{copy.name.removeprefix(database.path.name)}")
            names.append(copy.name)
    return names


def _retire(connection: Connection) -> None:
    """From this commit on nothing can be begun or sent here, by whoever has it open or opens it."""
    for each in (outbox_events, account_locks):
        each.drop(connection)
    connection.execute(update(table("alembic_version", column("version_num"))).values(version_num=migrations.MOVED))


def _settle(path: Path, was: identity.Instance, what: str, *, actor: str, at: datetime) -> bool:
    same = identity.vouch(path, was)
    database = open_archive(path, create=False, at=at)
    audit(database, actor=actor, action="moved", subject=what, reason="", at=at)
    database.close()
    return same


def _remove(old: Path, names: Iterable[str]) -> None:
    """Remove what was moved, and folders that are empty then. On Windows a program may have some of it open."""
    for path in (*(old.parent / name for name in names), *_beside(old)):
        # Its log goes only after the database: it may hold the retirement.
        if path.name.startswith(f"{old.name}-") and old.exists():
            continue
        with suppress(OSError):
            path.unlink(missing_ok=True)
    for name in FOLDERS:
        remove_empty(old.parent / name)


def _left(old: Path) -> tuple[Path, ...]:
    return tuple(path for path in (*_beside(old), *(old.parent / name for name in FOLDERS)) if path.exists())


def _beside(old: Path) -> Iterable[Path]:
    return (old.with_name(f"{old.name}{end}") for end in (".instance", "", "-wal", "-shm"))
