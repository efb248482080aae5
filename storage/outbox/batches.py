"""Many entries, one decision: what a batch would send, and a digest that binds the approval to exactly that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import select

from storage.database import Database
from storage.errors import NotFound
from storage.errors import StaleApproval
from storage.errors import ThreadNotArchived
from storage.outbox.model import OutboxEntry
from storage.outbox.model import OutboxStatus
from storage.outbox.queue import approve_in
from storage.outbox.read import read_entries
from storage.outbox.seen import thread_texts
from storage.tables import outbox_entries

#: Long enough that no two batches share one by chance, short enough to be typed.
DIGEST_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPreview:
    """What approving the batch would queue.

    `seen` is each entry's thread as archived now, the ids and how they read. `unread` are the entries whose thread
    is not archived: the batch cannot be approved before somebody has read it.
    """

    batch: str
    digest: str
    entries: tuple[OutboxEntry, ...]
    texts: Mapping[str, int]
    seen: Mapping[int, Mapping[str, str]]
    unread: tuple[int, ...]


def batch_digest(database: Database, batch: str) -> BatchPreview:
    """The drafts of a batch, with the digest that `approve_batch` wants."""
    with database.read() as connection:
        return _preview(connection, batch)


def approve_batch(database: Database, batch: str, digest: str, *, approver: str, at: datetime) -> tuple[int, ...]:
    """Queue every draft of the batch, if text, files and threads are still what the digest was printed for."""
    with database.write() as connection:
        preview = _preview(connection, batch)
        if preview.digest != digest.strip().lower():
            raise StaleApproval(None, expected=digest, actual=preview.digest)
        if preview.unread:
            raise ThreadNotArchived(preview.unread)
        for entry in preview.entries:
            approve_in(
                connection,
                entry.entry_id,
                seen_hash=entry.content_hash,
                seen_message_ids=tuple(preview.seen[entry.entry_id]),
                seen_texts=preview.seen[entry.entry_id],
                approver=approver,
                at=at,
            )
    return tuple(entry.entry_id for entry in preview.entries)


def _preview(connection: Connection, batch: str) -> BatchPreview:
    query = (
        select(outbox_entries)
        .where(outbox_entries.c.batch == batch, outbox_entries.c.status == OutboxStatus.DRAFT)
        .order_by(outbox_entries.c.id)
    )
    entries = read_entries(connection, query)
    if not batch or not entries:
        raise NotFound("batch with drafts", batch)
    threads = {entry.entry_id: _thread(connection, entry) for entry in entries}
    texts: dict[str, int] = {}
    for entry in entries:
        texts[entry.draft.text] = texts.get(entry.draft.text, 0) + 1
    return BatchPreview(
        batch=batch,
        digest=_digest(entries, threads),
        entries=entries,
        texts=texts,
        seen={key: thread for key, thread in threads.items() if thread is not None},
        unread=tuple(key for key, thread in threads.items() if thread is None),
    )


def _thread(connection: Connection, entry: OutboxEntry) -> dict[str, str] | None:
    if entry.draft.case_id is None:
        return {}
    return thread_texts(connection, entry.draft.account, entry.draft.case_id)


def _digest(entries: tuple[OutboxEntry, ...], threads: Mapping[int, Mapping[str, str] | None]) -> str:
    content = [
        (entry.entry_id, entry.draft.account, entry.draft.case_id, entry.content_hash, threads[entry.entry_id])
        for entry in entries
    ]
    return hashlib.sha256(json.dumps(content).encode("ascii")).hexdigest()[:DIGEST_LENGTH]
