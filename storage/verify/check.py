"""Does the archive keep its promises? Reads everything, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select

from storage.blobs import blobs_of
from storage.database import Database
from storage.database import complaints
from storage.search.index import count_lines
from storage.tables import case_revisions
from storage.tables import message_revisions
from storage.verify.contents import check_contents
from storage.verify.contents import check_revisions
from storage.verify.files import check_blobs
from storage.verify.files import check_evidence
from storage.verify.invariants import check_journal
from storage.verify.invariants import check_outbox
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy


def verify(database: Database) -> Iterator[Finding]:
    """Everything that is not as promised, as it is found; nothing for a sound archive."""
    with database.read() as connection:
        yield from check_database(connection)
        yield from check_contents(connection)
        yield from check_revisions(connection)
        yield from check_search(connection)
        yield from check_journal(connection)
        yield from check_outbox(connection)
        yield from check_blobs(connection, blobs_of(database))
        yield from check_evidence(connection, database.folder)


def check_database(connection: Connection) -> Iterator[Finding]:
    """The database's own check: pages, indexes, constraints, references between tables."""
    for where, detail in complaints(connection):
        yield Finding(fault=Fault.DATABASE, where=where, detail=detail, remedy=Remedy.RESTORE)


def check_search(connection: Connection) -> Iterator[Finding]:
    """The index has one row for each content that was not erased."""
    expected = 0
    for revisions in (case_revisions, message_revisions):
        expected += connection.execute(
            select(func.count()).select_from(revisions).where(revisions.c.erased_at.is_(None))
        ).scalar_one()
    found = count_lines(connection)
    if found != expected:
        detail = f"{expected} contents are archived, {found} are indexed"
        yield Finding(fault=Fault.SEARCH, where="search index", detail=detail, remedy=Remedy.REBUILD_SEARCH)
