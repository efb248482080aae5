"""Takes erased contents out of the files: blobs, evidence, free pages, the write-ahead log.

Safe to repeat: an erasure that was killed after its transaction is finished by the next call.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from storage.blobs import blobs_of
from storage.copying.files import remove_empty
from storage.copying.manifest import is_plain
from storage.database import Database
from storage.errors import ArchiveUnusable
from storage.journal.locks import refuse_held
from storage.process import Holder
from storage.tables import blobs
from storage.tables import erasures
from storage.tables import evidence


def finish(database: Database, at: datetime, *, is_dead: Callable[[Holder], bool]) -> None:
    """Leave no byte of what was erased. Whatever is raised, nothing is lost, and the next call goes on.

    Raises AccountBusy while a living process works on an account, since it may hold files that nobody has noted yet,
    and ArchiveBusy while one reads or writes the archive just now.
    """
    # Under the write lock, so that no content becomes known again while its file goes.
    with database.write() as connection:
        refuse_held(connection, is_dead)
        unfinished = connection.execute(
            select(erasures).where(erasures.c.finished_at.is_(None)).order_by(erasures.c.id)
        ).all()
        try:
            _remove_blobs(connection, database)
            _remove_evidence(connection, database.folder, {row.account: row.at for row in unfinished})
        except OSError as error:
            raise ArchiveUnusable(error.filename or str(database.folder), error.strerror or str(error)) from error
    database.compact()
    with database.write(durable=True) as connection:
        for row in unfinished:
            connection.execute(update(erasures).where(erasures.c.id == row.id).values(finished_at=at))


def _remove_blobs(connection: Connection, database: Database) -> None:
    store = blobs_of(database)
    for sha256 in connection.execute(select(blobs.c.sha256).where(blobs.c.erased_at.is_not(None))).scalars():
        if sha256 in store:
            store.path(sha256).unlink()


def _remove_evidence(connection: Connection, folder: Path, unfinished: Mapping[str, datetime]) -> None:
    """What is noted as erased; and what a run that was stopped has not noted, where it is older than the erasure."""
    noted = connection.execute(select(evidence.c.path, evidence.c.erased_at)).all()
    kept = {folder / path for path, erased_at in noted if erased_at is None}
    for path, erased_at in noted:
        if erased_at is not None and is_plain(path) and folder / path not in kept:
            (folder / path).unlink(missing_ok=True)
    for account, at in unfinished.items():
        if not (is_plain(account) and Path(account).name == account):
            continue
        mine = folder / "evidence" / account
        for path in mine.rglob("*"):
            if not path.is_dir() and path not in kept and path.lstat().st_mtime <= at.timestamp():
                path.unlink()
        remove_empty(mine)
