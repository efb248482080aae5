"""What the archive answers: changes, listings, states for planning, and cases with their history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseRef
from storage.records import CaseStatus
from storage.records import MessageRecord
from storage.records import Tab


class ChangeKind(StrEnum):
    """What one reading of a case meant for the archive."""

    NEW = "new"  #: not archived before
    CHANGED = "changed"  #: something in it differs from what is archived
    UNCHANGED = "unchanged"  #: read again, everything the same
    ERASED = "erased"  #: a person erased it: nothing of it was stored


class ChangeEvent(StrEnum):
    """One row of the change log."""

    CASE_NEW = "case_new"
    CASE_CHANGED = "case_changed"  #: subject, status or a time of the case
    CASE_UNLISTED = "case_unlisted"  #: in no list any more, but its own link opens
    CASE_GONE = "case_gone"  #: in no list any more, and its own link does not open
    CASE_RETURNED = "case_returned"  #: it was absent
    ABSENCE_TAKEN_BACK = "absence_taken_back"  #: it had been marked while the portal lost cases of several accounts
    MESSAGE_NEW = "message_new"
    MESSAGE_EDITED = "message_edited"  #: the same message with another content: a new revision
    MESSAGE_VANISHED = "message_vanished"  #: no longer in a complete thread; kept, and marked
    MESSAGE_RETURNED = "message_returned"
    ATTACHMENT_NEW = "attachment_new"
    ATTACHMENT_GONE = "attachment_gone"  #: no longer shown; kept, and marked


class AbsenceKind(StrEnum):
    """Why a case counts as absent."""

    UNLISTED = "unlisted"  #: its own link opens
    GONE = "gone"  #: its own link does not open


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The result of one ingest. Message ids and attachment names, in the order of the thread."""

    ref: CaseRef
    kind: ChangeKind
    fields: tuple[str, ...] = ()
    returned: bool = False
    new_messages: tuple[str, ...] = ()
    edited_messages: tuple[str, ...] = ()
    vanished_messages: tuple[str, ...] = ()
    returned_messages: tuple[str, ...] = ()
    new_attachments: tuple[str, ...] = ()
    gone_attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """What `plan` needs to know of an archived case."""

    case_id: str
    fingerprint: str | None
    status: CaseStatus
    complete: bool
    last_read_at: datetime
    last_activity_at: datetime | None
    absent_since: datetime | None
    url: str
    files_missing: int  #: to be fetched: not yet, or not any more, on the disk
    absence: AbsenceKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseListing:
    """One line of a case list."""

    ref: CaseRef
    subject: str
    status: CaseStatus
    status_raw: str
    created_at: datetime | None
    updated_at: datetime | None
    last_activity_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    absent_since: datetime | None
    complete: bool
    url: str
    tabs: tuple[Tab, ...]
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases to list; conditions are joined by "and", `None` and empty mean "any"."""

    account: str | None = None
    statuses: tuple[CaseStatus, ...] = ()
    tab: Tab | None = None
    absent: bool | None = None
    active_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VanishedMessage:
    """A message that the portal no longer shows in a complete thread, with the files that went with it."""

    message: MessageRecord
    vanished_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneFile:
    """A file that the portal no longer shows, though its message is there; without one it was the case's own."""

    message_id: str | None
    file: AttachmentRef
    gone_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedCase:
    """A case as the portal shows it (`record`), with what only the archive knows."""

    record: CaseRecord
    first_seen_at: datetime
    last_seen_at: datetime
    last_read_at: datetime
    absent_since: datetime | None
    tabs: tuple[Tab, ...]
    vanished: tuple[VanishedMessage, ...] = ()
    gone: tuple[GoneFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageVersion:
    """One content that a message had. `number` counts from 1; the highest is the current one."""

    message_id: str
    number: int
    author: str
    body: str
    seen_at: datetime
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVersion:
    """One state that a case had."""

    number: int
    subject: str
    status: CaseStatus
    status_raw: str
    updated_at: datetime | None
    seen_at: datetime
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedChange:
    """One row of the change log, with the names that a reader needs."""

    at: datetime
    run_id: str
    ref: CaseRef
    subject: str
    event: ChangeEvent
    message_id: str | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingFile:
    """An attachment whose content is to be fetched; `lost` is its hash if it was there once."""

    attachment_id: int
    ref: CaseRef
    message_id: str | None
    name: str
    url: str | None
    lost: str | None = None
