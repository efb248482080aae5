"""Takes erased contents out of the files: blobs, evidence, free pages, the write-ahead log.

Safe to repeat: an erasure that was killed after its transaction is finished by the next call.
"""

from __future__ import annotations

import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy import update

from storage.blobs import blobs_of
from storage.copying.manifest import is_plain
from storage.database import Database
from storage.errors import ArchiveUnusable
from storage.tables import blobs
from storage.tables import erasures
from storage.tables import evidence


def finish(database: Database, at: datetime) -> bool:
    """False when another process reads or writes the archive just now; nothing is lost, call again."""
    _remove_files(database)
    if not _compact(database):
        return False
    with database.write(durable=True) as connection:
        connection.execute(update(erasures).where(erasures.c.finished_at.is_(None)).values(finished_at=at))
    return True


def _remove_files(database: Database) -> None:
    """Under the write lock, so that no content becomes known again while its file goes."""
    store = blobs_of(database)
    folder = database.folder
    with database.write() as connection:
        for sha256 in connection.execute(select(blobs.c.sha256).where(blobs.c.erased_at.is_not(None))).scalars():
            if sha256 in store:
                store.path(sha256).unlink()
        for path in connection.execute(select(evidence.c.path).where(evidence.c.erased_at.is_not(None))).scalars():
            if is_plain(path):
                (folder / path).unlink(missing_ok=True)
        unfinished = select(erasures.c.account).where(erasures.c.finished_at.is_(None)).distinct()
        for account in connection.execute(unfinished).scalars():
            # What a stopped run has not noted lies there as well.
            if is_plain(account) and Path(account).name == account:
                shutil.rmtree(folder / "evidence" / account, ignore_errors=True)


def _compact(database: Database) -> bool:
    """Write the database anew without its free pages, and empty the log that held the old ones."""
    pooled = database.engine.raw_connection()
    try:
        connection: sqlite3.Connection = pooled.driver_connection  # type: ignore[assignment]
        # The new file's pages: too many for the memory, and nothing erased is among them.
        connection.execute("PRAGMA temp_store=FILE")
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            return False
        raise ArchiveUnusable(str(database.path), f"it cannot be compacted ({error})") from error
    finally:
        pooled.invalidate()
        pooled.close()
