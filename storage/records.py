"""Frozen value objects that cross the archive's border, and the enums that they speak in.

No clock, no I/O. Every time is an aware UTC `datetime` beside the raw text that it was read from.
`None` means that the portal shows no such thing; `NotFetched` that nobody has looked yet. A value that
could not be read is never stored: extraction reports it and the page counts as drifted.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import Enum
from enum import StrEnum


class Tab(StrEnum):
    """The four case tabs of a portal."""

    ALL = "all"  #: every case
    MINE = "mine"  #: the signed-in user's own
    ATTENTION = "attention"  #: waiting for our side
    FILTERED = "filtered"  #: the portal's filter tab, by default with the widest date range


class CaseStatus(StrEnum):
    """What a portal's status means for our side; the portal's own word is kept beside it."""

    NEEDS_USER = "needs_user"  #: our side has to act
    WITH_PORTAL = "with_portal"  #: the other side has to act
    ANSWERED = "answered"  #: the other side replied; says nothing about who acts next
    CLOSED = "closed"  #: no reply is possible
    UNKNOWN = "unknown"  #: a word that the profile does not map


class Direction(StrEnum):
    """Who speaks in a message."""

    PORTAL = "portal"  #: the other side
    USER = "user"  #: our side: the account and its colleagues
    SYSTEM = "system"  #: an event


class NotFetched(Enum):
    """The one value that says "nobody has looked yet"; told apart from `None` by the type."""

    NOT_FETCHED = "not_fetched"


NOT_FETCHED = NotFetched.NOT_FETCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRef:
    """Names one case of one account."""

    account: str
    case_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRef:
    """A file of a message or of a case.

    `sha256` and `size` (bytes) are `NOT_FETCHED` until the content lies in the blob store.
    `url` is absolute; it is how the content is fetched and is not part of the attachment's identity.
    """

    name: str
    url: str | None = None
    mime: str | None = None
    size: int | NotFetched = NOT_FETCHED
    sha256: str | NotFetched = NOT_FETCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """One message of a thread.

    `message_id` is the portal's own id where it shows one, else derived by the extractor from direction, author,
    time and the ordinal among equals; the body is never part of it, so that a changed body is a revision.
    `body` is the visible text, `body_html` the markup that it was read from (raw, untrusted).
    """

    message_id: str
    native_id: bool
    direction: Direction
    author: str
    sent_at: datetime
    sent_at_raw: str
    body: str
    body_html: str | None = None
    attachments: tuple[AttachmentRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """One row of a case list, as listed.

    `updated_granularity` is the step of `updated_at` in seconds. `fingerprint` is a hash of the row's stable columns
    (relative times excluded); `url` the case's own link if the row has one; `row` the raw text of every column that the
    profile names, for reading a field from the list row.
    """

    case_id: str
    subject: str | None
    status: CaseStatus
    status_raw: str | None
    created_at: datetime | None = None
    created_at_raw: str | None = None
    updated_at: datetime | None = None
    updated_at_raw: str | None = None
    updated_granularity: int | None = None
    url: str | None = None
    fingerprint: str = ""
    row: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case with its whole thread, oldest message first.

    `complete` is true only when nothing of the thread is known to be missing: every page read, nothing cut.
    `can_reply` is false where the portal offers no reply (closed, view-only); `None` where it does not say.
    `fingerprint` is the list row's, read *before* the thread; `None` when the case was not reached from a list.
    """

    account: str
    case_id: str
    subject: str
    status: CaseStatus
    status_raw: str
    created_at: datetime | None
    created_at_raw: str | None
    updated_at: datetime | None
    updated_at_raw: str | None
    url: str
    complete: bool
    can_reply: bool | None = None
    fingerprint: str | None = None
    messages: tuple[MessageRecord, ...] = field(default=())
    attachments: tuple[AttachmentRef, ...] = field(default=())
