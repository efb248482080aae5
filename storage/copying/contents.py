"""The files that an archive's database refers to. What a stopped run left behind is no part of the archive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func
from sqlalchemy import select

from storage.copying.manifest import is_plain
from storage.database import Database
from storage.tables import blobs
from storage.tables import evidence


@dataclass(frozen=True, slots=True)
class Content:
    """A file by its name relative to the archive's folder, and the hash that the database has for it."""

    name: str
    sha256: str


def contents(database: Database) -> Iterator[Content]:
    """Attachments, then evidence; what a person erased is left out."""
    known = select(blobs.c.sha256).where(blobs.c.erased_at.is_(None)).order_by(blobs.c.sha256)
    seen = select(evidence.c.path, evidence.c.sha256).where(evidence.c.erased_at.is_(None)).distinct()
    with database.read() as connection:
        for sha256 in connection.execute(known).scalars():
            yield Content(f"blobs/{sha256[:2]}/{sha256}", sha256)
        for path, sha256 in connection.execute(seen.order_by(evidence.c.path)):
            # Evidence may lie elsewhere: then it stays there.
            if is_plain(path):
                yield Content(path, sha256)


def size_of(database: Database, *others: Path) -> int:
    """Bytes that a copy needs, and `others` with it, roughly: what changes meanwhile is covered by the margin."""
    with database.read() as connection:
        stored = connection.execute(
            select(func.coalesce(func.sum(blobs.c.size), 0)).where(blobs.c.erased_at.is_(None))
        ).scalar_one()
    wal = database.path.with_name(f"{database.path.name}-wal")
    shown = (path for path in (database.folder / "evidence").rglob("*") if path.is_file())
    return int(stored) + sum(_size(path) for path in (database.path, wal, *shown, *others))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # gone meanwhile
        return 0
