"""Tells a restored or copied archive from the one that sent the replies.

A small file beside the database names this instance, the database file's identity on disk, and how many submits were
begun. A copy lacks it, or names another file; a rolled-back database is behind it. Such a copy may hold entries that
were sent since, so that its unsent ones are held. Limit: a folder that is deleted and restored whole to the same
place, on a file system that gives the new file the old one's number, is not noticed before its first submit.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from storage.database import Database
from storage.files import write_atomically
from storage.tables import archive_identity


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
    try:
        return Instance(**json.loads(_file(path).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        # Missing or unreadable is the same: nothing vouches for this database.
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
    _write_beside(path, found(connection, path))


def count_submit(connection: Connection) -> None:
    """Called in the transaction that records the intent to submit."""
    connection.execute(update(archive_identity).values(generation=archive_identity.c.generation + 1))


def note_submits(database: Database) -> None:
    """Called after that transaction; a crash between the two leaves the file behind, which is harmless."""
    with database.read() as connection:
        inside = found(connection, database.path)
    beside = read_beside(database.path)
    if inside is not None and (beside is None or beside.generation < inside.generation):
        _write_beside(database.path, inside)


def _file(path: Path) -> Path:
    return path.with_name(f"{path.name}.instance")


def _write_beside(path: Path, instance: Instance | None) -> None:
    assert instance is not None
    write_atomically(_file(path), json.dumps(asdict(instance)).encode(), token=f"{os.getpid()}")
