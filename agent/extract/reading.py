"""What extraction makes of a snapshot: a verdict, and a page when the verdict allows to believe one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from storage.records import AttachmentRef
from storage.records import CaseStatus
from storage.records import CaseSummary
from storage.records import Direction


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose pages these are, as the header says."""

    account_name: str | None
    marketplace: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """A message as one page shows it; it gets its id when the whole thread is there.

    `native_id` is `None` where the portal shows none. `granularity` is the step of `sent_at` in seconds. `counted`
    tells whether the portal's own count of messages includes it.
    """

    native_id: str | None
    direction: Direction
    author: str
    sent_at: datetime
    sent_at_raw: str
    granularity: int
    body: str
    body_html: str | None
    attachments: tuple[AttachmentRef, ...] = ()
    truncated: bool = False
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of a case list. `total` is the portal's own count, `None` where it shows none.

    `capped`: more cases match than the portal lists, so that no page of it can prove that it is complete.
    """

    rows: tuple[CaseSummary, ...]
    total: int | None
    capped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One page of one case, its oldest message first; `None` where this page does not show the field."""

    case_id: str
    subject: str | None
    status: CaseStatus | None
    status_raw: str | None
    created_at: datetime | None
    created_at_raw: str | None
    updated_at: datetime | None
    updated_at_raw: str | None
    can_reply: bool | None
    messages: tuple[ShownMessage, ...]
    total_messages: int | None
    requester: str | None = None
    attachments: tuple[AttachmentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldFailure:
    """A field that could not be read: its name in the profile, the selector that failed, and why."""

    field: str
    selector: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A classified snapshot.

    `page` is there only for OK, EMPTY (a `ListPage` without rows) and DRIFTED (what could be read). `next` is the
    request for the page that follows, `None` at the end of the list or thread. `retry_after` is in seconds.
    """

    snapshot: Snapshot
    verdict: Verdict
    reason: str
    identity: Identity | None = None
    page: ListPage | CasePage | None = None
    next: PageRequest | None = None
    failures: tuple[FieldFailure, ...] = ()
