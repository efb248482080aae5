"""Where copies of an archive were put: what an erasure cannot reach, and a person must see to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from storage.database import Database
from storage.tables import audits

#: The audit's action; its subject is the copy's folder.
COPIED = "copied"


@dataclass(frozen=True, slots=True)
class KnownCopy:
    """`made_at` is `None` for a copy from before an upgrade. `exists`: it can be seen now; its disk may be away."""

    path: Path
    made_at: datetime | None
    exists: bool


def copies_beside(database: Database) -> list[Path]:
    """The copies from before upgrades."""
    return sorted(database.folder.glob(f"{database.path.name}.before-*"))


def known_copies(database: Database) -> tuple[KnownCopy, ...]:
    """Copies that `copy_archive` made, and those from before upgrades beside the archive."""
    query = select(audits.c.subject, audits.c.at).where(audits.c.action == COPIED).order_by(audits.c.id)
    with database.read() as connection:
        made = {row.subject: row.at for row in connection.execute(query)}
    return (
        *(KnownCopy(path, None, exists=True) for path in copies_beside(database)),
        *(KnownCopy(Path(subject), at, Path(subject).exists()) for subject, at in made.items()),
    )
