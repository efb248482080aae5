"""Contents against their hashes, and the current state of cases and messages against their revisions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import func
from sqlalchemy import select

from storage.archive.hashing import case_hash
from storage.archive.hashing import message_hash
from storage.tables import case_revisions
from storage.tables import cases
from storage.tables import message_revisions
from storage.tables import messages
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy


def check_contents(connection: Connection) -> Iterator[Finding]:
    """Every content that was not erased still has the hash that was stored with it."""
    yield from _case_contents(connection)
    yield from _message_contents(connection)


def _case_contents(connection: Connection) -> Iterator[Finding]:
    query = (
        select(case_revisions, cases.c.account, cases.c.case_id)
        .join(cases, cases.c.id == case_revisions.c.case_key)
        .where(case_revisions.c.erased_at.is_(None))
    )
    for row in connection.execute(query):
        digest = case_hash(
            subject=row.subject or "",
            status=row.status,
            status_raw=row.status_raw,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        if digest != row.content_hash:
            yield _altered(f"case {row.account}/{row.case_id} revision {row.number}")


def _message_contents(connection: Connection) -> Iterator[Finding]:
    query = (
        select(message_revisions, messages.c.message_id, cases.c.account, cases.c.case_id)
        .join(messages, messages.c.id == message_revisions.c.message_key)
        .join(cases, cases.c.id == messages.c.case_key)
        .where(message_revisions.c.erased_at.is_(None))
    )
    for row in connection.execute(query):
        digest = message_hash(direction=row.direction, author=row.author, sent_at=row.sent_at, body=row.body or "")
        if digest != row.content_hash:
            yield _altered(f"message {row.account}/{row.case_id}/{row.message_id} revision {row.number}")


def _altered(where: str) -> Finding:
    return Finding(
        fault=Fault.CONTENT, where=where, detail="the text is not the one that was stored", remedy=Remedy.RESTORE
    )


def check_revisions(connection: Connection) -> Iterator[Finding]:
    """A case or message has revisions 1 to its current one without a gap, and shows the current one's fields."""
    for table, revisions, owner, name in (
        (cases, case_revisions, case_revisions.c.case_key, cases.c.case_id),
        (messages, message_revisions, message_revisions.c.message_key, messages.c.message_id),
    ):
        count, highest = func.count(revisions.c.id), func.coalesce(func.max(revisions.c.number), 0)
        query = (
            select(name, table.c.revision, count.label("count"), highest.label("highest"))
            .outerjoin(revisions, owner == table.c.id)
            .group_by(table.c.id)
            .having((count != table.c.revision) | (highest != table.c.revision))
        )
        for key, revision, found, last in connection.execute(query):
            detail = f"revision {revision} is current, {found} are there, the last is {last}"
            yield _unfit(f"{table.name} {key}", detail)
    yield from _current_states(connection)


def _current_states(connection: Connection) -> Iterator[Finding]:
    revisions = case_revisions.c
    query = (
        select(cases.c.account, cases.c.case_id)
        .join(case_revisions, and_(revisions.case_key == cases.c.id, revisions.number == cases.c.revision))
        .where(
            revisions.erased_at.is_(None),
            (cases.c.subject != revisions.subject)
            | (cases.c.status != revisions.status)
            | (cases.c.status_raw != revisions.status_raw)
            | cases.c.created_at.is_distinct_from(revisions.created_at)
            | cases.c.updated_at.is_distinct_from(revisions.updated_at),
        )
    )
    for account, case_id in connection.execute(query):
        yield _unfit(f"case {account}/{case_id}", "it does not show what its current revision says")


def _unfit(where: str, detail: str) -> Finding:
    return Finding(fault=Fault.REVISION, where=where, detail=detail, remedy=Remedy.RESTORE)
