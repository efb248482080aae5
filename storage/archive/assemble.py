"""Builds records back from rows, many cases at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import and_
from sqlalchemy import select

from storage.archive.model import ArchivedCase
from storage.archive.model import GoneFile
from storage.archive.model import VanishedMessage
from storage.records import NOT_FETCHED
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord
from storage.records import Tab
from storage.tables import attachments
from storage.tables import blobs
from storage.tables import message_revisions
from storage.tables import messages
from storage.tables import tab_sightings

#: Attachments by case and message (`None`: of the case itself); those of a vanished message are those it went with.
Files = dict[tuple[int, int | None], tuple[AttachmentRef, ...]]


def assemble(connection: Connection, rows: Sequence[Row[Any]]) -> list[ArchivedCase]:
    """The whole cases behind rows of `cases`, in their order."""
    keys = [row.id for row in rows]
    files, gone = _files(connection, keys)
    present, vanished = _messages(connection, keys, files)
    tabs = open_tabs(connection, rows)
    return [
        ArchivedCase(
            record=_record(row, tuple(present[row.id]), files.get((row.id, None), ())),
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            last_read_at=row.last_read_at,
            absent_since=row.absent_since,
            tabs=tabs.get((row.account, row.case_id), ()),
            vanished=tuple(vanished[row.id]),
            gone=tuple(gone[row.id]),
        )
        for row in rows
    ]


def open_tabs(connection: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[str, str], tuple[Tab, ...]]:
    """The tabs that each case is in, in the order of `Tab`."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    query = select(tab_sightings.c.account, tab_sightings.c.case_id, tab_sightings.c.tab).where(
        tab_sightings.c.account.in_({row.account for row in rows}),
        tab_sightings.c.case_id.in_([row.case_id for row in rows]),
        tab_sightings.c.left_at.is_(None),
    )
    for account, case_id, tab in connection.execute(query):
        found[account, case_id].add(tab)
    return {key: tuple(tab for tab in Tab if tab in names) for key, names in found.items()}


def _record(row: Row[Any], thread: tuple[MessageRecord, ...], files: tuple[AttachmentRef, ...]) -> CaseRecord:
    return CaseRecord(
        account=row.account,
        case_id=row.case_id,
        subject=row.subject,
        status=CaseStatus(row.status),
        status_raw=row.status_raw,
        created_at=row.created_at,
        created_at_raw=row.created_at_raw,
        updated_at=row.updated_at,
        updated_at_raw=row.updated_at_raw,
        url=row.url,
        complete=row.complete,
        can_reply=row.can_reply,
        fingerprint=row.fingerprint,
        messages=thread,
        attachments=files,
    )


def _messages(
    connection: Connection, case_keys: Sequence[int], files: Files
) -> tuple[dict[int, list[MessageRecord]], dict[int, list[VanishedMessage]]]:
    present: dict[int, list[MessageRecord]] = defaultdict(list)
    vanished: dict[int, list[VanishedMessage]] = defaultdict(list)
    revisions = message_revisions.c
    query = (
        select(
            messages.c.id,
            messages.c.case_key,
            messages.c.message_id,
            messages.c.native_id,
            messages.c.vanished_at,
            revisions.direction,
            revisions.author,
            revisions.sent_at,
            revisions.sent_at_raw,
            revisions.body,
            revisions.body_html,
        )
        .join(
            message_revisions,
            and_(revisions.message_key == messages.c.id, revisions.number == messages.c.revision),
        )
        .where(messages.c.case_key.in_(case_keys))
        # The place in the thread orders messages of one time; a thread read in part has places of its own.
        .order_by(messages.c.case_key, messages.c.sent_at, messages.c.position, messages.c.id)
    )
    for row in connection.execute(query):
        record = MessageRecord(
            message_id=row.message_id,
            native_id=row.native_id,
            direction=Direction(row.direction),
            author=row.author,
            sent_at=row.sent_at,
            sent_at_raw=row.sent_at_raw,
            body=row.body or "",
            body_html=row.body_html,
            attachments=files.get((row.case_key, row.id), ()),
        )
        if row.vanished_at is None:
            present[row.case_key].append(record)
        else:
            vanished[row.case_key].append(VanishedMessage(message=record, vanished_at=row.vanished_at))
    return present, vanished


def _files(connection: Connection, case_keys: Sequence[int]) -> tuple[Files, dict[int, list[GoneFile]]]:
    """The files that belong to a case or message, and those of each case that are gone from what is there."""
    found: dict[tuple[int, int | None], list[AttachmentRef]] = defaultdict(list)
    gone: dict[int, list[GoneFile]] = defaultdict(list)
    # An erased file has no name.
    is_erased = attachments.c.gone_at.is_not(None) & (attachments.c.name == "")
    query = (
        select(attachments, blobs.c.size, messages.c.message_id, messages.c.vanished_at)
        .outerjoin(blobs, blobs.c.sha256 == attachments.c.sha256)
        .outerjoin(messages, messages.c.id == attachments.c.message_key)
        .where(attachments.c.case_key.in_(case_keys), ~is_erased)
        .order_by(attachments.c.case_key, attachments.c.position, attachments.c.id)
    )
    for row in connection.execute(query):
        went_with_message = row.vanished_at is not None and row.gone_at is not None and row.gone_at >= row.vanished_at
        if row.gone_at is None or went_with_message:
            found[row.case_key, row.message_key].append(_file(row))
        else:
            gone[row.case_key].append(GoneFile(message_id=row.message_id, file=_file(row), gone_at=row.gone_at))
    return {key: tuple(items) for key, items in found.items()}, gone


def _file(row: Row[Any]) -> AttachmentRef:
    size = row.listed_size if row.size is None else row.size
    return AttachmentRef(
        name=row.name,
        url=row.url,
        mime=row.mime,
        size=NOT_FETCHED if size is None else size,
        sha256=NOT_FETCHED if row.sha256 is None else row.sha256,
    )
