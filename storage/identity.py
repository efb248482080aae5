"""Tells a restored or copied archive from the one that sent the replies.

A small file beside the database names this instance, the number that the disk gave to the database file, and how many
submits were begun and replies taken back. A copy of the database lacks it or has another number; a rolled-back database
is behind it; and where the whole folder was put back, the file was changed later than it says it was written. Such a
copy may hold entries that were sent since, so that its unsent ones are held. What merely looks like a copy (a changed
mode, a move of the files one by one) is held too: a person looks, nothing is sent twice.

Windows tells when a file was made, not when it was changed last: there a folder that is put back as a whole is only
recognised where its files are new ones, not where they overwrite those of the same name.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from storage.database import Database
from storage.database import open_database
from storage.errors import ArchiveUnusable
from storage.files import sync_folder
from storage.files import temporary_beside
from storage.files import write_new
from storage.tables import archive_identity

#: Between the file's beginning and its last change lie a write and a rename.
WRITING_NS = 60_000_000_000


@dataclass(frozen=True, slots=True)
class Instance:
    """What the file beside the database says."""

    archive_id: str
    instance_id: str
    generation: int
    file: int


def found(connection: Connection, path: Path) -> Instance | None:
    """The database's own idea of itself; `None` in an archive that was made a moment ago."""
    row = connection.execute(select(archive_identity)).one_or_none()
    if row is None:
        return None
    return Instance(row.archive_id, row.instance_id, row.generation, path.stat().st_ino)


def is_copy(inside: Instance, beside: Instance | None) -> bool:
    """True when `inside` cannot be trusted to know every submit that was made in its name."""
    return (
        beside is None
        or (inside.archive_id, inside.instance_id, inside.file) != (beside.archive_id, beside.instance_id, beside.file)
        or inside.generation < beside.generation
    )


def read_beside(path: Path) -> Instance | None:
    """What the file says; `None` when nothing vouches for this database: missing, unreadable, or put back later."""
    file = _file(path)
    try:
        content = json.loads(file.read_text("utf-8"))
        age = file.stat().st_ctime_ns - content.pop("written_ns")
        return Instance(**content) if age <= WRITING_NS else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def establish(connection: Connection, path: Path, at: datetime) -> None:
    """Give the archive an identity, or a copy its own; the file is written under the caller's write lock."""
    row = connection.execute(select(archive_identity)).one_or_none()
    instance = secrets.token_hex(16)
    if row is None:
        connection.execute(
            insert(archive_identity).values(
                archive_id=secrets.token_hex(16), instance_id=instance, generation=0, created_at=at
            )
        )
    else:
        connection.execute(update(archive_identity).values(instance_id=instance))
    _vouch_for(path, found(connection, path))


def vouch(path: Path, was: Instance) -> bool:
    """Let an archive stay itself that was moved to `path`; false when it cannot be proved to be the one that `was`.

    To be called when the old one can send no more. Whoever opened this one before has made a copy of it.
    """
    database = open_database(path, create=False)
    try:
        with database.write(durable=True) as connection:
            inside = found(connection, path)
            if inside is None or _file(path).exists() or replace(inside, file=was.file) != was:
                return False
            _vouch_for(path, inside)
            return True
    finally:
        database.close()


def count_submit(connection: Connection) -> None:
    """Called in the transaction that records the intent to submit, or that a person took a reply back."""
    connection.execute(update(archive_identity).values(generation=archive_identity.c.generation + 1))


def note_submits(database: Database) -> None:
    """Called after that transaction; a crash between the two leaves the file behind, which is harmless."""
    with database.read() as connection:
        inside = found(connection, database.path)
    beside = read_beside(database.path)
    if inside is not None and (beside is None or beside.generation < inside.generation):
        # What could not be noted only makes a later roll-back harder to see; a reply on its way must not fail by it.
        with suppress(OSError):
            _write_beside(database.path, inside)


def _file(path: Path) -> Path:
    return path.with_name(f"{path.name}.instance")


def _vouch_for(path: Path, instance: Instance | None) -> None:
    try:
        _write_beside(path, instance)
    except OSError as error:
        raise ArchiveUnusable(str(path), error.strerror or "nothing can be written beside it") from error


def _write_beside(path: Path, instance: Instance | None) -> None:
    assert instance is not None
    file = _file(path)
    temporary = temporary_beside(file)
    try:
        write_new(temporary, ())
        # By the disk's own clock, which may differ from ours. A copy can keep this time, but not the time of its
        # last change, which no program can set (on Windows it is the time at which the file was made).
        content = asdict(instance) | {"written_ns": temporary.stat().st_mtime_ns}
        write_new(temporary, (json.dumps(content).encode(),))
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(file.parent)
