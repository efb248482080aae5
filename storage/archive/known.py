"""Loads what is archived about some cases, in three queries however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import and_
from sqlalchemy import select

from storage.archive.compare import CASE_FIELDS
from storage.archive.compare import KnownAttachment
from storage.archive.compare import KnownCase
from storage.archive.compare import KnownMessage
from storage.erasure.stubs import ErasedIds
from storage.records import CaseStatus
from storage.tables import absences
from storage.tables import attachments
from storage.tables import case_revisions
from storage.tables import cases
from storage.tables import message_revisions
from storage.tables import messages


def load_known(
    connection: Connection, account: str, case_ids: Sequence[str], erased: ErasedIds
) -> dict[str, KnownCase]:
    current = and_(case_revisions.c.case_key == cases.c.id, case_revisions.c.number == cases.c.revision)
    rows = connection.execute(
        select(cases, absences.c.kind.label("absence"), case_revisions.c.erased_at)
        .join(case_revisions, current)
        .outerjoin(absences, and_(absences.c.case_key == cases.c.id, absences.c.until.is_(None)))
        .where(cases.c.account == account, cases.c.case_id.in_(case_ids))
    ).all()
    if not rows:
        return {}
    keys = {row.id: row.case_id for row in rows}
    known_messages, names = _messages(connection, keys, erased)
    known_attachments = _attachments(connection, list(keys), names)
    return {
        row.case_id: KnownCase(
            key=row.id,
            revision=row.revision,
            fields=_fields(row),
            last_activity_at=row.last_activity_at,
            absence=row.absence,
            messages=known_messages[row.id],
            attachments=tuple(known_attachments[row.id]),
        )
        for row in rows
    }


def _fields(row: Row[Any]) -> tuple[object, ...]:
    """Of an erased case that may come back nothing is the same: the next reading is a new content."""
    if row.erased_at is not None:
        return (None,) * len(CASE_FIELDS)
    return (row.subject, CaseStatus(row.status), row.status_raw, row.created_at, row.updated_at)


def _messages(
    connection: Connection, case_ids: Mapping[int, str], erased: ErasedIds
) -> tuple[dict[int, dict[str, KnownMessage]], dict[int, str]]:
    found: dict[int, dict[str, KnownMessage]] = defaultdict(dict)
    names: dict[int, str] = {}
    query = (
        select(
            messages.c.case_key,
            messages.c.id,
            messages.c.message_id,
            messages.c.position,
            messages.c.revision,
            message_revisions.c.content_hash,
            messages.c.vanished_at,
            message_revisions.c.erased_at,
        )
        .join(
            message_revisions,
            and_(
                message_revisions.c.message_key == messages.c.id,
                message_revisions.c.number == messages.c.revision,
            ),
        )
        .where(messages.c.case_key.in_(case_ids))
        .order_by(messages.c.position)
    )
    for row in connection.execute(query):
        names[row.id] = row.message_id
        found[row.case_key][row.message_id] = KnownMessage(
            key=row.id,
            message_id=row.message_id,
            position=row.position,
            revision=row.revision,
            content_hash=row.content_hash if row.erased_at is None else "",
            vanished=row.vanished_at is not None,
            erased=(case_ids[row.case_key], row.message_id) in erased.messages,
        )
    return found, names


def _attachments(
    connection: Connection, case_keys: Sequence[int], names: dict[int, str]
) -> dict[int, list[KnownAttachment]]:
    found: dict[int, list[KnownAttachment]] = defaultdict(list)
    query = (
        select(attachments)
        .where(attachments.c.case_key.in_(case_keys), attachments.c.gone_at.is_(None))
        .order_by(attachments.c.position, attachments.c.id)
    )
    for row in connection.execute(query):
        found[row.case_key].append(
            KnownAttachment(
                key=row.id,
                message_id=None if row.message_key is None else names[row.message_key],
                name=row.name,
                listed_size=row.listed_size,
                sha256=row.sha256,
                url=row.url,
            )
        )
    return found
