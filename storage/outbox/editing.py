"""Changing what an entry says. What was approved, submitted or measured for the old text says nothing of the new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import delete
from sqlalchemy import update

from storage import identity
from storage.database import Database
from storage.errors import SettleFirst
from storage.outbox.content import idempotency_key
from storage.outbox.endings import resolve_in
from storage.outbox.model import Draft
from storage.outbox.model import OutboxFile
from storage.outbox.model import OutboxStatus
from storage.outbox.moves import NO_APPROVAL
from storage.outbox.moves import load
from storage.outbox.moves import move
from storage.outbox.moves import write_event
from storage.outbox.queue import content_values
from storage.outbox.queue import free_key
from storage.outbox.queue import write_files
from storage.outbox.read import read_draft
from storage.tables import outbox_attachments
from storage.tables import outbox_entries

DRAFT = OutboxStatus.DRAFT


def edit(
    database: Database,
    entry_id: int,
    *,
    author: str,
    at: datetime,
    text: str | None = None,
    files: Sequence[OutboxFile] | None = None,
    reason: str = "",
    again: bool = False,
) -> None:
    """Change a draft, or take a queued, rejected or held entry back to being one. Any approval is undone.

    A held one needs a reason, as each decision on one does; one that was submitted has to be resolved first. `again`:
    though another entry says the same already. Raises `IllegalMove`, `ReasonNeeded`, `SettleFirst`, `AlreadyQueued`.
    """
    with database.write(durable=True) as connection:
        row = load(connection, entry_id)
        if row.status == OutboxStatus.HELD:
            if row.submit_started_at is not None:
                raise SettleFirst(entry_id)
            resolve_in(connection, entry_id, DRAFT, person=author, reason=reason, at=at)
            row = load(connection, entry_id)
        old = read_draft(connection, row)
        new = replace(
            old,
            text=old.text if text is None else text,
            files=old.files if files is None else tuple(files),
        )
        values = content_values(new, _key(connection, row, old, new, again=again))
        values |= {**NO_APPROVAL, "submit_started_at": None, "first_baseline": _first_baseline(row, new)}
        _write(connection, row, values, author=author, at=at, reason=reason)
        if files is not None:
            connection.execute(delete(outbox_attachments).where(outbox_attachments.c.entry_id == entry_id))
            write_files(connection, entry_id, new.files, at)
    identity.note_submits(database)


def _write(
    connection: Connection, row: Row[Any], values: dict[str, Any], *, author: str, at: datetime, reason: str
) -> None:
    detail = {"before": row.content_hash, "after": values["content_hash"]}
    if row.status != DRAFT:
        move(
            connection, row.id, DRAFT, event="edited", actor=author, at=at, reason=reason, values=values, detail=detail
        )
        return
    connection.execute(update(outbox_entries).where(outbox_entries.c.id == row.id).values(updated_at=at, **values))
    write_event(
        connection, row.id, "edited", source=DRAFT, target=DRAFT, actor=author, at=at, reason=reason, detail=detail
    )


def _key(connection: Connection, row: Row[Any], old: Draft, new: Draft, *, again: bool) -> str:
    """The entry's own key says the same as before where only a file's name changed, whichever repetition it is."""
    if idempotency_key(old) == idempotency_key(new):
        return str(row.idempotency_key)
    return free_key(connection, new, again=again, own=row.id)


def _first_baseline(row: Row[Any], new: Draft) -> Any:
    """What the next attempt is measured from.

    Nothing of an entry that was never submitted can be in the thread: its next attempt is the first. After a submit the
    messages of that time stay the measure, and none of them counts as the new text, since nobody has looked for it
    then: where it reads like one, even the old text put back, the entry is held and a person looks.
    """
    if new.text == row.text or row.first_baseline is None:
        return row.first_baseline
    return None if row.first_submit_at is None else {**row.first_baseline, "occurrences": 0}
