"""Empties what is erased, row by row, inside the caller's transaction. Ids, times and hashes stay: the stub."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from storage.erasure.scope import Scope
from storage.tables import absences
from storage.tables import attachments
from storage.tables import blobs
from storage.tables import case_revisions
from storage.tables import cases
from storage.tables import changes
from storage.tables import evidence
from storage.tables import message_revisions
from storage.tables import outbox_attachments
from storage.tables import outbox_entries
from storage.tables import outbox_events

#: What an outbox event may go on saying: hashes, ids, counts, and who was at work.
KEPT_DETAILS = ("content_hash", "before", "after", "seen", "messages", "host", "pid", "message_id", "matches")


def blank_contents(connection: Connection, scope: Scope, at: datetime) -> None:
    """Cases, messages, attachments, the change log, and the journal's notes about absences."""
    no_times = {"created_at_raw": None, "updated_at_raw": None}
    if scope.message_id is None:
        keys = scope.case_keys
        connection.execute(
            update(case_revisions)
            .where(scope.case_contents)
            .values(subject=None, status_raw="", erased_at=at, **no_times)
        )
        connection.execute(update(absences).where(absences.c.case_key.in_(keys)).values(evidence=""))
        connection.execute(update(changes).where(changes.c.case_key.in_(keys)).values(detail=""))
        connection.execute(
            update(cases)
            .where(cases.c.id.in_(keys))
            .values(subject="", status_raw="", url="", fingerprint=None, can_reply=None, **no_times)
        )
    else:
        connection.execute(update(changes).where(changes.c.message_key.in_(scope.message_keys)).values(detail=""))
    connection.execute(
        update(message_revisions)
        .where(scope.message_contents)
        .values(body=None, body_html=None, author="", sent_at_raw="", erased_at=at)
    )
    connection.execute(
        update(attachments)
        .where(scope.files)
        .values(
            name="",
            mime=None,
            url=None,
            listed_size=None,
            sha256=None,
            gone_at=func.coalesce(attachments.c.gone_at, at, type_=attachments.c.gone_at.type),
        )
    )


def blank_entries(connection: Connection, entries: list[Row[Any]], at: datetime) -> None:
    """Outbox entries and their events; what was sent when, and that it was sent once, stays."""
    for row in entries:
        connection.execute(
            update(outbox_entries)
            .where(outbox_entries.c.id == row.id)
            .values(
                subject=None if row.subject is None else "",
                text="",
                reason=None,
                first_baseline=_without(row.first_baseline, "files", []),
                baseline=_without(row.baseline, "files", []),
                proof=_without(row.proof, "detail", ""),
                erased_at=at,
            )
        )
        mine = outbox_attachments.c.entry_id == row.id
        connection.execute(update(outbox_attachments).where(mine).values(name="", mime=None))
        for event in connection.execute(select(outbox_events).where(outbox_events.c.entry_id == row.id)).all():
            detail = {name: value for name, value in event.detail.items() if name in KEPT_DETAILS}
            connection.execute(
                update(outbox_events).where(outbox_events.c.id == event.id).values(reason="", detail=detail)
            )


def _without(value: Mapping[str, Any] | None, name: str, empty: object) -> dict[str, Any] | None:
    return None if value is None else {**value, name: empty}


def blank_evidence(connection: Connection, ids: list[int], at: datetime) -> None:
    for key in ids:
        connection.execute(update(evidence).where(evidence.c.id == key).values(url="", erased_at=at))


def mark_blobs(connection: Connection, hashes: list[str], at: datetime) -> None:
    for sha256 in hashes:
        connection.execute(update(blobs).where(blobs.c.sha256 == sha256).values(erased_at=at))
