"""Does the archive keep its promises? Reads everything, part by part, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import Table
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from storage.blobs import blobs_of
from storage.database import Database
from storage.errors import ArchiveBusy
from storage.errors import ArchiveUnusable
from storage.tables import attachments
from storage.tables import blobs
from storage.tables import cases
from storage.tables import evidence
from storage.tables import messages
from storage.tables import outbox_entries
from storage.tables import runs
from storage.verify.contents import check_attachments
from storage.verify.contents import check_cases
from storage.verify.contents import check_messages
from storage.verify.files import check_blobs
from storage.verify.files import check_evidence
from storage.verify.journal import check_journal
from storage.verify.model import Checked
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Part
from storage.verify.model import Remedy
from storage.verify.outbox import check_outbox
from storage.verify.search import check_index
from storage.verify.search import check_search
from storage.verify.sqlite import check_database

Check = Callable[[Connection], Iterable[Finding]]


def verify(database: Database) -> Iterator[Finding]:
    """Everything that is not as promised, as it is found; nothing for a sound archive."""
    for checked in examine(database):
        yield from checked.findings


def examine(database: Database) -> Iterator[Checked]:
    """Every part with what was found in it. What keeps one part from being read does not hide the others."""
    store, folder = blobs_of(database), database.folder
    contents = (
        _part(database, Part.DATABASE, None, check_database),
        _part(database, Part.CASES, cases, check_cases),
        _part(database, Part.MESSAGES, messages, check_messages),
    )
    yield from contents
    yield _part(database, Part.ATTACHMENTS, attachments, check_attachments)
    yield _part(database, Part.FILES, blobs, lambda connection: check_blobs(connection, store))
    yield _part(database, Part.EVIDENCE, evidence, lambda connection: check_evidence(connection, folder))
    yield _search(database, contents_are_whole=all(part.whole for part in contents))
    yield _part(database, Part.JOURNAL, runs, check_journal)
    yield _part(database, Part.OUTBOX, outbox_entries, check_outbox)


def _search(database: Database, *, contents_are_whole: bool) -> Checked:
    """Nobody waits while everything is compared: only the index's own check, a short one, takes the writer's place."""
    compare = partial(check_search, contents_are_whole=contents_are_whole)
    compared = _part(database, Part.SEARCH, None, compare)
    if compared.findings or not _writable(database.path):
        return compared
    return _part(database, Part.SEARCH, None, check_index, writing=True)


def _part(database: Database, part: Part, table: Table | None, check: Check, *, writing: bool = False) -> Checked:
    count: int | None = None
    findings: list[Finding] = []
    try:
        with database.write() if writing else database.read() as connection:
            if table is not None:
                count = connection.execute(select(func.count()).select_from(table)).scalar_one()
            findings.extend(check(connection))
    except ArchiveBusy:
        raise
    except (ArchiveUnusable, DatabaseError, ValueError, TypeError, LookupError) as error:
        # The last three: a value that no reader of ours can understand. `check_database` names its place.
        remedy = Remedy.REBUILD_SEARCH if part is Part.SEARCH else Remedy.RESTORE
        fault = Fault.SEARCH if part is Part.SEARCH else Fault.DATABASE
        detail = f"it cannot be read to its end: {_why(error)}"
        findings.append(Finding(fault=fault, where=part.value, detail=detail, remedy=remedy))
    return Checked(part=part, count=count, findings=tuple(findings))


def _why(error: Exception) -> str:
    if isinstance(error, ArchiveUnusable):
        return error.reason
    return str(error.orig) if isinstance(error, DatabaseError) else str(error)


def _writable(path: Path) -> bool:
    try:
        with path.open("r+b"):
            return True
    except OSError:
        return False
