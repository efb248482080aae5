"""Where copies of an archive were put: what an erasure cannot reach, and a person must see to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from storage.database import Database
from storage.tables import audits

#: Actions of audits whose subject is a copy's folder: one that was made of this archive, and where it came from itself.
COPIED = "copied"
RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class KnownCopy:
    """`made_at` is `None` for a copy from before an upgrade, and for one that this archive was restored from.

    `exists`: it can be seen now; its disk may be away.
    """

    path: Path
    made_at: datetime | None
    exists: bool


def copies_beside(database: Database) -> list[Path]:
    """The copies from before upgrades."""
    return sorted(database.folder.glob(f"{database.path.name}.before-*"))


def known_copies(database: Database) -> tuple[KnownCopy, ...]:
    """Copies that `copy_archive` made, what this archive was restored from, and those from before upgrades."""
    query = select(audits).where(audits.c.action.in_((COPIED, RESTORED))).order_by(audits.c.id)
    with database.read() as connection:
        made: dict[str, datetime | None] = {}
        for row in connection.execute(query):
            made[row.subject] = row.at if row.action == COPIED else made.get(row.subject)
    return (
        *(KnownCopy(path, None, exists=True) for path in copies_beside(database)),
        *(KnownCopy(Path(subject), at, Path(subject).exists()) for subject, at in made.items()),
    )
