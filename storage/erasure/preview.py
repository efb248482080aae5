"""What an erasure would take, and a digest that binds the decision to exactly that."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import Table
from sqlalchemy import func
from sqlalchemy import select

from storage.database import Database
from storage.erasure.scope import SETTLED
from storage.erasure.scope import Scope
from storage.erasure.scope import blobs_in
from storage.erasure.scope import entries_in
from storage.erasure.shown import evidence_in
from storage.errors import NotFound
from storage.tables import attachments
from storage.tables import blobs
from storage.tables import case_revisions
from storage.tables import erasures
from storage.tables import message_revisions
from storage.tables import outbox_attachments
from storage.tables import outbox_entries

#: As for batches: no two by chance, and short enough to be typed.
DIGEST_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`revisions` counts every content; `files` and `bytes` are those that nothing else in the archive has.

    `open_entries` have to be settled first.
    """

    scope: Scope
    digest: str
    cases: int
    messages: int
    revisions: int
    attachments: int
    files: int
    bytes: int
    entries: int
    evidence: int
    open_entries: tuple[int, ...]

    @property
    def numbers(self) -> dict[str, int]:
        names = ("cases", "messages", "revisions", "attachments", "files", "bytes", "entries", "evidence")
        return {name: getattr(self, name) for name in names}


def preview(database: Database, scope: Scope) -> Preview:
    """Raises NotFound when the archive holds no such account, case or message, and never has."""
    with database.read() as connection:
        return preview_in(connection, database.folder, scope)


def preview_in(connection: Connection, folder: Path, scope: Scope) -> Preview:
    entries = entries_in(connection, scope)
    orphans = only_here(connection, scope, entries)
    sizes = [connection.execute(select(blobs.c.size).where(blobs.c.sha256 == each)).scalar_one() for each in orphans]
    texts = _count(connection, case_revisions.c.id, case_revisions, scope.case_contents)
    found = Preview(
        scope=scope,
        digest=_digest(connection, scope, entries, orphans),
        cases=_count(connection, case_revisions.c.case_key.distinct(), case_revisions, scope.case_contents),
        messages=_count(
            connection, message_revisions.c.message_key.distinct(), message_revisions, scope.message_contents
        ),
        revisions=texts + _count(connection, message_revisions.c.id, message_revisions, scope.message_contents),
        attachments=_count(connection, attachments.c.id, attachments, scope.files & (attachments.c.name != "")),
        files=len(orphans),
        bytes=sum(sizes),
        entries=len(entries),
        evidence=len(evidence_in(connection, folder, scope)),
        open_entries=tuple(row.id for row in entries if row.status not in SETTLED),
    )
    if not (found.revisions or found.entries or _was_erased(connection, scope)):
        what = "account" if scope.case_id is None else "case" if scope.message_id is None else "message"
        raise NotFound(what, scope.name)
    return found


def only_here(connection: Connection, scope: Scope, entries: list[Row[Any]]) -> list[str]:
    """Contents that nothing outside of the scope refers to."""
    mine = [row.id for row in entries]
    return sorted(
        sha256
        for sha256 in blobs_in(connection, scope, entries)
        if not _used_elsewhere(connection, scope, sha256, mine)
    )


def _used_elsewhere(connection: Connection, scope: Scope, sha256: str, mine: list[int]) -> bool:
    others = select(attachments.c.id).where(attachments.c.sha256 == sha256, ~func.coalesce(scope.files, False))
    if connection.execute(others.limit(1)).first() is not None:
        return True
    entries = (
        select(outbox_attachments.c.entry_id)
        .join(outbox_entries, outbox_entries.c.id == outbox_attachments.c.entry_id)
        .where(outbox_attachments.c.sha256 == sha256, outbox_entries.c.erased_at.is_(None))
    )
    return any(entry_id not in mine for entry_id in connection.execute(entries).scalars())


def _count(connection: Connection, what: Any, table: Table, condition: Any) -> int:
    return connection.execute(select(func.count(what)).select_from(table).where(condition)).scalar_one()


def _was_erased(connection: Connection, scope: Scope) -> bool:
    query = select(erasures.c.id).where(
        erasures.c.account == scope.account,
        erasures.c.case_id.is_not_distinct_from(scope.case_id),
        erasures.c.message_id.is_not_distinct_from(scope.message_id),
    )
    return connection.execute(query.limit(1)).first() is not None


def _digest(connection: Connection, scope: Scope, entries: list[Row[Any]], orphans: list[str]) -> str:
    digest = hashlib.sha256(json.dumps([scope.account, scope.case_id, scope.message_id]).encode("ascii"))
    for table, condition in ((case_revisions, scope.case_contents), (message_revisions, scope.message_contents)):
        for key, content in connection.execute(
            select(table.c.id, table.c.content_hash).where(condition).order_by("id")
        ):
            digest.update(f"{table.name} {key} {content}\n".encode())
    for row in entries:
        digest.update(f"entry {row.id} {row.status} {row.content_hash}\n".encode())
    for sha256 in orphans:
        digest.update(f"file {sha256}\n".encode())
    return digest.hexdigest()[:DIGEST_LENGTH]
