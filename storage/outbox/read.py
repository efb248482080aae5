"""Reads entries and their events, and says which are due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import Select
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import text

from storage.database import Database
from storage.outbox.model import Approval
from storage.outbox.model import Claim
from storage.outbox.model import Draft
from storage.outbox.model import Kind
from storage.outbox.model import OutboxEntry
from storage.outbox.model import OutboxEvent
from storage.outbox.model import OutboxFile
from storage.outbox.model import OutboxStatus
from storage.outbox.moves import load
from storage.outbox.stored import read_baseline
from storage.outbox.stored import read_proof
from storage.outbox.stored import read_seen
from storage.process import Holder
from storage.tables import outbox_attachments
from storage.tables import outbox_entries
from storage.tables import outbox_events
from storage.tables.outbox import BLOCKING


def get_entry(database: Database, entry_id: int) -> OutboxEntry:
    with database.read() as connection:
        row = load(connection, entry_id)
        return _entry(row, read_draft(connection, row).files)


def list_entries(
    database: Database,
    *,
    account: str | None = None,
    statuses: Sequence[OutboxStatus] = (),
    batch: str | None = None,
    case_id: str | None = None,
    limit: int | None = None,
) -> tuple[OutboxEntry, ...]:
    """Entries in the order in which they were added."""
    query = select(outbox_entries).order_by(outbox_entries.c.id).limit(limit)
    if account is not None:
        query = query.where(outbox_entries.c.account == account)
    if statuses:
        query = query.where(outbox_entries.c.status.in_(statuses))
    if batch is not None:
        query = query.where(outbox_entries.c.batch == batch)
    if case_id is not None:
        query = query.where(outbox_entries.c.case_id == case_id)
    return _entries(database, query)


def due(database: Database, account: str | None = None) -> tuple[OutboxEntry, ...]:
    """Queued entries that may be claimed now: the oldest of each conversation in which nothing is in flight."""
    entries = outbox_entries.c
    busy = select(entries.account, entries.conversation).where(text(BLOCKING)).subquery()
    oldest = (
        select(func.min(entries.id))
        .outerjoin(busy, (busy.c.account == entries.account) & (busy.c.conversation == entries.conversation))
        .where(entries.status == OutboxStatus.QUEUED, busy.c.account.is_(None))
        .group_by(entries.account, entries.conversation)
    )
    query = select(outbox_entries).where(entries.id.in_(oldest)).order_by(entries.id)
    if account is not None:
        query = query.where(entries.account == account)
    return _entries(database, query)


def in_flight(database: Database, account: str | None = None) -> tuple[OutboxEntry, ...]:
    """Claimed entries; whether a claim's holder still lives is for the caller to find out."""
    return list_entries(database, account=account, statuses=(OutboxStatus.SENDING,))


def proven_messages(database: Database, account: str, case_id: str) -> frozenset[str]:
    """The messages of a case that are proved to be replies of ours: no approver has to have seen them."""
    query = select(outbox_entries.c.proof).where(
        outbox_entries.c.account == account,
        outbox_entries.c.case_id == case_id,
        outbox_entries.c.status == OutboxStatus.SENT,
    )
    with database.read() as connection:
        proofs = [read_proof(proof) for proof in connection.execute(query).scalars() if proof is not None]
    return frozenset(key for proof in proofs for key in (proof.message_id, *proof.others))


def events_of(database: Database, entry_id: int) -> tuple[OutboxEvent, ...]:
    """An entry's history, oldest first."""
    query = select(outbox_events).where(outbox_events.c.entry_id == entry_id).order_by(outbox_events.c.id)
    with database.read() as connection:
        return tuple(
            OutboxEvent(
                at=row.at,
                event=row.event,
                source=None if row.source is None else OutboxStatus(row.source),
                target=OutboxStatus(row.target),
                actor=row.actor,
                reason=row.reason,
                detail=row.detail,
            )
            for row in connection.execute(query)
        )


def _entries(database: Database, query: Select[Any]) -> tuple[OutboxEntry, ...]:
    with database.read() as connection:
        return read_entries(connection, query)


def read_entries(connection: Connection, query: Select[Any]) -> tuple[OutboxEntry, ...]:
    """The entries that `query` selects from the table, in its order."""
    files = _files(connection, outbox_attachments.c.entry_id.in_(query.with_only_columns(outbox_entries.c.id)))
    return tuple(_entry(row, files.get(row.id, ())) for row in connection.execute(query))


def read_draft(connection: Connection, row: Row[Any]) -> Draft:
    files = _files(connection, outbox_attachments.c.entry_id == row.id)
    return _draft(row, files.get(row.id, ()))


def _files(connection: Connection, condition: ColumnElement[bool]) -> dict[int, tuple[OutboxFile, ...]]:
    found: dict[int, list[OutboxFile]] = defaultdict(list)
    query = select(outbox_attachments).where(condition).order_by(outbox_attachments.c.position)
    for row in connection.execute(query):
        file = OutboxFile(name=row.name, mime=row.mime, size=row.size, sha256=row.sha256)
        found[row.entry_id].append(file)
    return {entry_id: tuple(files) for entry_id, files in found.items()}


def _draft(row: Row[Any], files: tuple[OutboxFile, ...]) -> Draft:
    return Draft(
        account=row.account,
        case_id=row.case_id,
        text=row.text,
        kind=Kind(row.kind),
        subject=row.subject,
        files=files,
        batch=row.batch,
    )


def _entry(row: Row[Any], files: tuple[OutboxFile, ...]) -> OutboxEntry:
    return OutboxEntry(
        entry_id=row.id,
        draft=_draft(row, files),
        status=OutboxStatus(row.status),
        content_hash=row.content_hash,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        approval=_approval(row),
        claim=_claim(row),
        attempts=row.attempts,
        first_baseline=None if row.first_baseline is None else read_baseline(row.first_baseline),
        baseline=None if row.baseline is None else read_baseline(row.baseline),
        submit_started_at=row.submit_started_at,
        first_submit_at=row.first_submit_at,
        proof=None if row.proof is None else read_proof(row.proof),
        reason=row.reason,
    )


def _approval(row: Row[Any]) -> Approval | None:
    if row.approved_at is None:
        return None
    seen_message_ids, seen_texts = read_seen(row.seen_message_ids)
    return Approval(
        approver=row.approved_by,
        at=row.approved_at,
        content_hash=row.approved_hash,
        seen_message_ids=seen_message_ids,
        seen_texts=seen_texts,
    )


def _claim(row: Row[Any]) -> Claim | None:
    if row.claim_token is None:
        return None
    return Claim(
        token=row.claim_token,
        holder=Holder(host=row.claim_host, pid=row.claim_pid, process_started_at=row.claim_process_started_at),
        at=row.claimed_at,
    )
