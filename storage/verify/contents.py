"""Contents against their hashes, and the current state of cases and messages against their revisions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import func
from sqlalchemy import select

from storage.archive.hashing import case_hash
from storage.archive.hashing import message_hash
from storage.tables import attachments
from storage.tables import case_revisions
from storage.tables import cases
from storage.tables import message_revisions
from storage.tables import messages
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy


def check_cases(connection: Connection) -> Iterator[Finding]:
    """Every content that was not erased still has the hash that was stored with it, and the current one is shown."""
    query = select(case_revisions, cases.c.account, cases.c.case_id).join(
        cases, cases.c.id == case_revisions.c.case_key
    )
    for row in connection.execute(query):
        where = f"case {row.account}/{row.case_id} revision {row.number}"
        if row.erased_at is not None:
            if row.subject is not None:
                yield _still_there(where)
            continue
        digest = case_hash(
            subject=row.subject or "",
            status=row.status,
            status_raw=row.status_raw,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        if digest != row.content_hash:
            yield _altered(where)
    yield from _check_numbers(connection, cases, case_revisions, case_revisions.c.case_key, cases.c.case_id)
    yield from _current_cases(connection)


def check_messages(connection: Connection) -> Iterator[Finding]:
    """The same for messages."""
    markup = message_revisions.c.body_html
    others = [column for column in message_revisions.c if column is not markup]
    query = (
        select(
            *others, markup.is_not(None).label("has_markup"), messages.c.message_id, cases.c.account, cases.c.case_id
        )
        .join(messages, messages.c.id == message_revisions.c.message_key)
        .join(cases, cases.c.id == messages.c.case_key)
    )
    for row in connection.execute(query):
        where = f"message {row.account}/{row.case_id}/{row.message_id} revision {row.number}"
        if row.erased_at is not None:
            if row.body is not None or row.has_markup:
                yield _still_there(where)
            continue
        digest = message_hash(direction=row.direction, author=row.author, sent_at=row.sent_at, body=row.body or "")
        if digest != row.content_hash:
            yield _altered(where)
    owner = message_revisions.c.message_key
    yield from _check_numbers(connection, messages, message_revisions, owner, messages.c.message_id)
    yield from _current_messages(connection)


def check_attachments(connection: Connection) -> Iterator[Finding]:
    """An attachment of a message belongs to the message's case. Its content is the files' matter."""
    query = (
        select(attachments.c.id, attachments.c.name, messages.c.message_id)
        .join(messages, messages.c.id == attachments.c.message_key)
        .where(attachments.c.case_key != messages.c.case_key)
    )
    for key, name, message_id in connection.execute(query):
        yield _unfit(f"attachment {key} {name!r}", f"it is of another case than its message {message_id}")


def _altered(where: str) -> Finding:
    return Finding(
        fault=Fault.CONTENT, where=where, detail="the content is not the one that was stored", remedy=Remedy.RESTORE
    )


def _still_there(where: str) -> Finding:
    return Finding(fault=Fault.ERASED, where=where, detail="it was erased, its content is there", remedy=Remedy.ERASE)


def _check_numbers(
    connection: Connection, table: Table, revisions: Table, owner: Column[int], name: Column[str]
) -> Iterator[Finding]:
    """A case or message has revisions 1 to its current one without a gap."""
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


def _current_cases(connection: Connection) -> Iterator[Finding]:
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


def _current_messages(connection: Connection) -> Iterator[Finding]:
    revisions = message_revisions.c
    query = (
        select(cases.c.account, cases.c.case_id, messages.c.message_id)
        .join(messages, messages.c.case_key == cases.c.id)
        .join(message_revisions, and_(revisions.message_key == messages.c.id, revisions.number == messages.c.revision))
        .where(revisions.erased_at.is_(None), messages.c.sent_at != revisions.sent_at)
    )
    for account, case_id, message_id in connection.execute(query):
        where = f"message {account}/{case_id}/{message_id}"
        yield _unfit(where, "its time is not the one that its current revision says")


def _unfit(where: str, detail: str) -> Finding:
    return Finding(fault=Fault.REVISION, where=where, detail=detail, remedy=Remedy.RESTORE)
