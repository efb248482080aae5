"""The outbox: entries, their append-only events and their attachments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import Index
from sqlalchemy import text
from sqlmodel import Field

from storage.tables.columns import Base
from storage.tables.columns import Json
from storage.tables.columns import UtcDateTime
from storage.tables.columns import table_of

#: In flight, or nobody knows: a second message now could be the same message twice.
BLOCKING = "status IN ('sending', 'unconfirmed') OR (status = 'held' AND submit_started_at IS NOT NULL)"

#: A cancelled draft may be written again; one that may have been posted may not, unless told so.
KEEPS_KEY = "status <> 'cancelled' OR first_submit_at IS NOT NULL"


class OutboxEntryRow(Base, table=True):
    __tablename__ = "outbox_entries"
    __table_args__ = (
        CheckConstraint(
            "status IN ('draft', 'queued', 'sending', 'sent', 'rejected', 'unconfirmed', 'held', 'cancelled')",
            name="status",
        ),
        CheckConstraint("kind IN ('reply', 'new_case', 'close_case')", name="kind"),
        CheckConstraint("(kind = 'new_case') = (case_id IS NULL)", name="case"),
        Index(
            "uq_outbox_entries_conversation",
            "account",
            "conversation",
            unique=True,
            sqlite_where=text(BLOCKING),
            postgresql_where=text(BLOCKING),
        ),
        Index(
            "uq_outbox_entries_key",
            "idempotency_key",
            unique=True,
            sqlite_where=text(KEEPS_KEY),
            postgresql_where=text(KEEPS_KEY),
        ),
        Index(None, "account", "status"),
        Index(None, "batch"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account: str
    case_id: str | None = None
    conversation: str
    kind: str
    status: str
    subject: str | None = None
    text: str
    content_hash: str
    batch: str
    idempotency_key: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str
    updated_at: datetime = Field(sa_type=UtcDateTime)
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    approved_by: str | None = None
    approved_hash: str | None = None
    #: The thread that the approver saw: ids, or ids with how each read (`outbox.stored.seen_json`).
    seen_message_ids: list[str] | dict[str, str | None] | None = Field(default=None, sa_type=Json)
    claim_token: str | None = None
    claim_host: str | None = None
    claim_pid: int | None = None
    claim_process_started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    first_baseline: dict[str, Any] | None = Field(default=None, sa_type=Json)
    baseline: dict[str, Any] | None = Field(default=None, sa_type=Json)
    submit_started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_submit_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proof: dict[str, Any] | None = Field(default=None, sa_type=Json)
    reason: str | None = None
    #: Erased by a person: texts and names are empty, the hashes are those of what was there.
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OutboxEventRow(Base, table=True):
    """One row per move or note, written in the same transaction; append-only."""

    __tablename__ = "outbox_events"
    __table_args__ = (Index(None, "entry_id"),)

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="outbox_entries.id")
    at: datetime = Field(sa_type=UtcDateTime)
    event: str
    source: str | None = None
    target: str
    actor: str
    reason: str
    detail: dict[str, Any] = Field(sa_type=Json)


class OutboxAttachmentRow(Base, table=True):
    __tablename__ = "outbox_attachments"

    entry_id: int = Field(primary_key=True, foreign_key="outbox_entries.id")
    position: int = Field(primary_key=True)
    name: str
    mime: str | None = None
    size: int
    sha256: str = Field(foreign_key="blobs.sha256")


outbox_entries = table_of(OutboxEntryRow)
outbox_events = table_of(OutboxEventRow)
outbox_attachments = table_of(OutboxAttachmentRow)
