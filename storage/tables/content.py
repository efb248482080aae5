"""Cases, messages, their revisions, attachments, tabs and absences.

`cases` and `messages` hold the current state for listing; every content that was ever seen lies in the revisions.
In a revision, content columns are empty only after a person's erasure (`erased_at`); its hash stays.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy import UniqueConstraint
from sqlalchemy import text
from sqlmodel import Field

from storage.tables.columns import Base
from storage.tables.columns import CompressedText
from storage.tables.columns import UtcDateTime
from storage.tables.columns import table_of


class CaseRow(Base, table=True):
    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("account", "case_id"),
        Index(None, "account", "status"),
        Index(None, "account", "last_activity_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account: str
    case_id: str
    revision: int
    subject: str
    status: str
    status_raw: str
    created_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at_raw: str | None = None
    updated_at_raw: str | None = None
    url: str
    can_reply: bool | None = None
    complete: bool
    fingerprint: str | None = None
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_read_at: datetime = Field(sa_type=UtcDateTime)
    last_run_id: str = Field(foreign_key="runs.id")
    last_activity_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    absent_since: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CaseRevisionRow(Base, table=True):
    __tablename__ = "case_revisions"
    __table_args__ = (UniqueConstraint("case_key", "number"), Index(None, "run_id"))

    id: int | None = Field(default=None, primary_key=True)
    case_key: int = Field(foreign_key="cases.id")
    number: int
    subject: str | None = None
    status: str
    status_raw: str
    created_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at_raw: str | None = None
    updated_at_raw: str | None = None
    content_hash: str
    seen_at: datetime = Field(sa_type=UtcDateTime)
    run_id: str = Field(foreign_key="runs.id")
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MessageRow(Base, table=True):
    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("case_key", "message_id"),)

    id: int | None = Field(default=None, primary_key=True)
    case_key: int = Field(foreign_key="cases.id")
    message_id: str
    native_id: bool
    position: int
    revision: int
    sent_at: datetime = Field(sa_type=UtcDateTime)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    first_run_id: str = Field(foreign_key="runs.id")
    vanished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MessageRevisionRow(Base, table=True):
    __tablename__ = "message_revisions"
    __table_args__ = (UniqueConstraint("message_key", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    message_key: int = Field(foreign_key="messages.id")
    number: int
    direction: str
    author: str
    sent_at: datetime = Field(sa_type=UtcDateTime)
    sent_at_raw: str
    body: str | None = None
    body_html: str | None = Field(default=None, sa_type=CompressedText)
    content_hash: str
    seen_at: datetime = Field(sa_type=UtcDateTime)
    run_id: str = Field(foreign_key="runs.id")
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BlobRow(Base, table=True):
    __tablename__ = "blobs"

    sha256: str = Field(primary_key=True)
    size: int
    stored_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AttachmentRow(Base, table=True):
    """Of a message, or of the case itself (`message_key` empty). Identity: owner, name, ordinal among equal names.

    `listed_size` is what the portal shows, often rounded; the content's size is the blob's.
    """

    __tablename__ = "attachments"
    __table_args__ = (Index(None, "case_key"), Index(None, "sha256"))

    id: int | None = Field(default=None, primary_key=True)
    case_key: int = Field(foreign_key="cases.id")
    message_key: int | None = Field(default=None, foreign_key="messages.id")
    position: int
    name: str
    mime: str | None = None
    listed_size: int | None = None
    sha256: str | None = Field(default=None, foreign_key="blobs.sha256")
    url: str | None = None
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    first_run_id: str = Field(foreign_key="runs.id")
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ChangeRow(Base, table=True):
    """What a run found different; append-only. The first sight of a case is one row, not one for each message."""

    __tablename__ = "changes"
    __table_args__ = (Index(None, "case_key"), Index(None, "run_id"))

    id: int | None = Field(default=None, primary_key=True)
    case_key: int = Field(foreign_key="cases.id")
    message_key: int | None = Field(default=None, foreign_key="messages.id")
    run_id: str = Field(foreign_key="runs.id")
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    detail: str


class TabSightingRow(Base, table=True):
    """A stay of a case in a tab. No foreign key: a case is listed before it is read."""

    __tablename__ = "tab_sightings"
    __table_args__ = (
        # A case is in a tab once at a time; a return opens a new row.
        Index(
            "uq_tab_sightings_open",
            "account",
            "tab",
            "case_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
        Index(None, "account", "case_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account: str
    case_id: str
    tab: str
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    run_id: str = Field(foreign_key="runs.id")


class AbsenceRow(Base, table=True):
    __tablename__ = "absences"
    __table_args__ = (
        Index(
            "uq_absences_open",
            "case_key",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_key: int = Field(foreign_key="cases.id")
    kind: str
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    run_id: str = Field(foreign_key="runs.id")
    evidence: str


cases = table_of(CaseRow)
case_revisions = table_of(CaseRevisionRow)
messages = table_of(MessageRow)
message_revisions = table_of(MessageRevisionRow)
blobs = table_of(BlobRow)
attachments = table_of(AttachmentRow)
changes = table_of(ChangeRow)
tab_sightings = table_of(TabSightingRow)
absences = table_of(AbsenceRow)
