"""Erases what a person decided to erase: in one transaction out of every table and index, then out of the files.

What is left is a stub (ids, times, hashes, who and why), which keeps the next backup from bringing it back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import insert

from storage.copying.known import KnownCopy
from storage.copying.known import known_copies
from storage.database import Database
from storage.database import overwrite_freed
from storage.erasure.blank import blank_contents
from storage.erasure.blank import blank_entries
from storage.erasure.blank import blank_evidence
from storage.erasure.blank import mark_blobs
from storage.erasure.finish import finish
from storage.erasure.journal import blank_journal
from storage.erasure.preview import Preview
from storage.erasure.preview import only_here
from storage.erasure.preview import preview_in
from storage.erasure.scope import Scope
from storage.erasure.scope import entries_in
from storage.erasure.shown import evidence_in
from storage.errors import ArchiveError
from storage.errors import EntriesOpen
from storage.errors import StaleApproval
from storage.journal.audit import write_audit
from storage.journal.locks import refuse_held
from storage.process import Holder
from storage.search.index import rebuild
from storage.tables import erasures


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureDone:
    """`trouble`: why the files may still hold bytes of what was erased; `finish` goes on when it is out of the way.

    `copies` are out of reach: they hold it still.
    """

    preview: Preview
    trouble: ArchiveError | None
    copies: tuple[KnownCopy, ...]


def erase(
    database: Database,
    scope: Scope,
    digest: str,
    *,
    actor: str,
    reason: str,
    at: datetime,
    is_dead: Callable[[Holder], bool],
) -> ErasureDone:
    """Erase what `preview` showed with this digest; raises StaleApproval when it is something else by now.

    Raises EntriesOpen while a reply of it is not settled, and AccountBusy while a living process works on an account:
    what that has in its hands would come back.
    """
    with database.write(durable=True) as connection:
        overwrite_freed(connection)
        refuse_held(connection, is_dead)
        found = preview_in(connection, database.folder, scope)
        if found.digest != digest.strip().lower():
            raise StaleApproval(None, expected=digest, actual=found.digest)
        if found.open_entries:
            raise EntriesOpen(found.open_entries)
        _erase_rows(connection, database.folder, scope, at)
        connection.execute(
            insert(erasures).values(
                at=at,
                actor=actor,
                reason=reason,
                account=scope.account,
                case_id=scope.case_id,
                message_id=scope.message_id,
                numbers=found.numbers,
            )
        )
        write_audit(connection, actor=actor, action="erased", subject=scope.name, reason=reason, at=at)
    trouble = None
    try:
        finish(database, at, is_dead=is_dead)
    except ArchiveError as error:
        # It is decided, and the stub is on the disk: that must be told, whatever came after.
        trouble = error
    return ErasureDone(preview=found, trouble=trouble, copies=known_copies(database))


def _erase_rows(connection: Connection, folder: Path, scope: Scope, at: datetime) -> None:
    entries = entries_in(connection, scope)
    orphans = only_here(connection, scope, entries)
    shown = evidence_in(connection, folder, scope)
    blank_journal(connection, scope)
    blank_contents(connection, scope, at)
    blank_entries(connection, entries, at)
    blank_evidence(connection, shown, at)
    mark_blobs(connection, orphans, at)
    rebuild(connection)
