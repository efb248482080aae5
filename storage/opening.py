"""The archive's front door: an open database of the right schema that knows whether it is a restored copy."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path

from storage import identity
from storage import migrations
from storage.database import Database
from storage.database import open_database
from storage.errors import ArchiveError
from storage.errors import ArchiveMissing
from storage.outbox.restored import hold_unsent


def open_archive(target: str | Path, *, create: bool = True, at: datetime | None = None) -> Database:
    """Open the archive at a path or `sqlite:///` URL, making a new one when there is none and `create` is set.

    Raises ArchiveMissing, ArchiveNewer, ArchiveOutdated or another ArchiveUnusable. In a restored copy, unsent
    outbox entries are held before anything else can be done with them.
    """
    database = open_database(target, create=create)
    try:
        if not migrations.check(database):
            if not create:
                raise ArchiveMissing(str(database.path), "the file is empty")
            migrations.create(database)
        _settle_identity(database, at or datetime.now(UTC))
    except ArchiveError:
        database.close()
        raise
    return database


def _settle_identity(database: Database, at: datetime) -> None:
    with database.read() as connection:
        inside = identity.found(connection, database.path)
    if inside is not None and not identity.is_copy(inside, identity.read_beside(database.path)):
        return
    with database.write(durable=True) as connection:
        # Looked at again under the lock: another process may have opened it in between.
        inside = identity.found(connection, database.path)
        if inside is not None:
            if not identity.is_copy(inside, identity.read_beside(database.path)):
                return
            hold_unsent(connection, at)
        identity.establish(connection, database.path, at)
