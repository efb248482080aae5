"""Attachments of cases and messages: what is listed, what is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from storage.archive.compare import KnownAttachment
from storage.archive.compare import Reading
from storage.archive.compare import listed_size
from storage.database import Database
from storage.errors import BlobDamaged
from storage.errors import NotFound
from storage.records import AttachmentRef
from storage.tables import attachments
from storage.tables import blobs


def write_attachments(
    connection: Connection,
    placed: Sequence[tuple[int, Reading]],
    message_keys: Mapping[tuple[int, str], int],
    *,
    run_id: str,
    seen_at: datetime,
) -> None:
    """Insert new attachments, complete known ones, mark those that are no longer shown."""
    rows: list[dict[str, Any]] = []
    gone: list[int] = []
    for case_key, reading in placed:
        for item in reading.difference.new_attachments:
            _register(connection, item.ref, seen_at)
            rows.append(
                {
                    "case_key": case_key,
                    "message_key": None if item.message_id is None else message_keys[case_key, item.message_id],
                    "position": item.position,
                    "name": item.ref.name,
                    "mime": item.ref.mime,
                    "listed_size": listed_size(item.ref),
                    "sha256": _hash_of(item.ref),
                    "url": item.ref.url,
                    "first_seen_at": seen_at,
                    "first_run_id": run_id,
                }
            )
        for known, ref in reading.difference.completed_attachments:
            _complete(connection, known, ref, seen_at)
        gone += [item.key for item in reading.difference.gone_attachments]
    if rows:
        connection.execute(insert(attachments), rows)
    if gone:
        connection.execute(update(attachments).where(attachments.c.id.in_(gone)).values(gone_at=seen_at))


def register_blob(connection: Connection, sha256: str, size: int, at: datetime) -> None:
    """Note that the blob store holds this content. A second size under one hash is a damaged report."""
    known = connection.execute(select(blobs).where(blobs.c.sha256 == sha256)).one_or_none()
    if known is None:
        connection.execute(insert(blobs).values(sha256=sha256, size=size, stored_at=at))
    elif known.size != size:
        raise BlobDamaged(f"{sha256} of {known.size} bytes", f"{sha256} of {size} bytes")
    elif known.erased_at is not None:
        # Erased with what it hung on; now something else has the same content.
        connection.execute(update(blobs).where(blobs.c.sha256 == sha256).values(stored_at=at, erased_at=None))


def attach(
    database: Database, attachment_id: int, *, sha256: str, size: int, at: datetime, mime: str | None = None
) -> None:
    """The content of a pending file lies in the blob store now. A content once attached is not replaced.

    Raises NotFound for a file that is no longer shown, or was erased meanwhile: then its content stays unknown.
    """
    with database.write() as connection:
        mine = attachments.c.id == attachment_id
        row = connection.execute(
            select(attachments.c.sha256).where(mine, attachments.c.gone_at.is_(None))
        ).one_or_none()
        if row is None:
            raise NotFound("attachment", str(attachment_id))
        if row.sha256 not in {None, sha256}:
            raise BlobDamaged(expected=row.sha256, actual=sha256)
        register_blob(connection, sha256, size, at)
        if row.sha256 is None:
            values = {"sha256": sha256} | ({} if mime is None else {"mime": mime})
            connection.execute(update(attachments).where(mine).values(values))


def _register(connection: Connection, ref: AttachmentRef, at: datetime) -> None:
    if isinstance(ref.sha256, str) and isinstance(ref.size, int):
        register_blob(connection, ref.sha256, ref.size, at)


def _hash_of(ref: AttachmentRef) -> str | None:
    return ref.sha256 if isinstance(ref.sha256, str) and isinstance(ref.size, int) else None


def _complete(connection: Connection, known: KnownAttachment, ref: AttachmentRef, at: datetime) -> None:
    _register(connection, ref, at)
    values: dict[str, Any] = {"url": ref.url or known.url}
    if known.sha256 is None:
        values["sha256"] = _hash_of(ref)
    if known.listed_size is None:
        values["listed_size"] = listed_size(ref)
    if ref.mime is not None:
        values["mime"] = ref.mime
    connection.execute(update(attachments).where(attachments.c.id == known.key).values(values))
