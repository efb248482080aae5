"""The outbox's words, and which move is legal from where. Pure.

```
DRAFT -> QUEUED (approved) | CANCELLED
QUEUED -> SENDING | DRAFT (edited) | CANCELLED | HELD (in a restored copy)
SENDING -> QUEUED | HELD                    while nothing was submitted
SENDING -> SENT | REJECTED | UNCONFIRMED    after submit_started
UNCONFIRMED -> SENT | HELD                  by reading only
HELD -> SENT | QUEUED | DRAFT | CANCELLED   a person, with a reason
REJECTED -> DRAFT | CANCELLED
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from storage.process import Holder


class Kind(StrEnum):
    """What an entry does at the portal."""

    REPLY = "reply"  #: a message in a case
    NEW_CASE = "new_case"  #: opens a case; its conversation is the account's new cases
    CLOSE_CASE = "close_case"  #: closes a case, with a message where the portal wants one


class OutboxStatus(StrEnum):
    """Where an entry stands."""

    DRAFT = "draft"  #: written, not approved
    QUEUED = "queued"  #: approved, waiting for its turn
    SENDING = "sending"  #: claimed; whether it was submitted, `submit_started_at` says
    SENT = "sent"  #: proved by the portal's own thread; final
    REJECTED = "rejected"  #: the portal refused it, and it is not in the thread
    UNCONFIRMED = "unconfirmed"  #: submitted; nobody could tell yet whether it arrived
    HELD = "held"  #: waits for a person
    CANCELLED = "cancelled"  #: final


class When(StrEnum):
    """Under which condition a move is legal."""

    ALWAYS = "always"
    BEFORE_SUBMIT = "before_submit"
    AFTER_SUBMIT = "after_submit"
    BY_PERSON = "by_person"  #: only a person, who gives a reason
    BY_RESTORE = "by_restore"  #: only in a copy of an archive: the original may have sent it


_S = OutboxStatus

#: Every legal move and its condition.
TRANSITIONS: Mapping[OutboxStatus, Mapping[OutboxStatus, When]] = MappingProxyType(
    {
        _S.DRAFT: {_S.QUEUED: When.ALWAYS, _S.CANCELLED: When.ALWAYS},
        _S.QUEUED: {
            _S.SENDING: When.ALWAYS,
            _S.DRAFT: When.ALWAYS,
            _S.CANCELLED: When.ALWAYS,
            _S.HELD: When.BY_RESTORE,
        },
        _S.SENDING: {
            _S.QUEUED: When.BEFORE_SUBMIT,
            _S.HELD: When.BEFORE_SUBMIT,
            _S.SENT: When.AFTER_SUBMIT,
            _S.REJECTED: When.AFTER_SUBMIT,
            _S.UNCONFIRMED: When.AFTER_SUBMIT,
        },
        _S.UNCONFIRMED: {_S.SENT: When.ALWAYS, _S.HELD: When.ALWAYS},
        _S.HELD: {
            _S.SENT: When.BY_PERSON,
            _S.QUEUED: When.BY_PERSON,
            _S.DRAFT: When.BY_PERSON,
            _S.CANCELLED: When.BY_PERSON,
        },
        _S.REJECTED: {_S.DRAFT: When.ALWAYS, _S.CANCELLED: When.ALWAYS},
        _S.SENT: {},
        _S.CANCELLED: {},
    }
)


def is_legal(
    source: OutboxStatus, target: OutboxStatus, *, submitted: bool, person: bool = False, restored: bool = False
) -> bool:
    """May an entry in `source` go to `target`?"""
    match TRANSITIONS[source].get(target):
        case None:
            return False
        case When.ALWAYS:
            return True
        case When.BEFORE_SUBMIT:
            return not submitted
        case When.AFTER_SUBMIT:
            return submitted
        case When.BY_PERSON:
            return person
        case When.BY_RESTORE:
            return restored


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxFile:
    """A file to send; its content lies in the blob store."""

    name: str
    mime: str | None
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What to add. `case_id` is `None` for a new case only; `subject` is a new case's."""

    account: str
    case_id: str | None
    text: str
    kind: Kind = Kind.REPLY
    subject: str | None = None
    files: tuple[OutboxFile, ...] = ()
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who approved what: the hash binds text and files, the ids are the thread that was seen.

    `seen_texts`: how those messages read (`content.seen_text`), as far as it was noted.
    """

    approver: str
    at: datetime
    content_hash: str
    seen_message_ids: tuple[str, ...]
    seen_texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The thread before an attempt. `occurrences`: messages of ours in it that already equal this entry's text.

    `files`: names of files in it that hang on no text, the case's own for example.
    """

    message_ids: tuple[str, ...]
    occurrences: int
    taken_at: datetime
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The portal's own message that is this entry; `matches` above one means that it was posted more than once.

    `others` are the further messages of such a one.
    """

    message_id: str
    matches: int = 1
    detail: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who is at work on an entry. The token is what every later move of this attempt must show."""

    token: str
    holder: Holder
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One entry as it stands."""

    entry_id: int
    draft: Draft
    status: OutboxStatus
    content_hash: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    approval: Approval | None
    claim: Claim | None
    attempts: int
    first_baseline: Baseline | None
    baseline: Baseline | None
    submit_started_at: datetime | None
    proof: Proof | None
    reason: str | None
    #: Stays when a person makes a draft of it or queues it again: since then it may be at the portal.
    first_submit_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEvent:
    """One line of an entry's history; `source` is `None` where it was added."""

    at: datetime
    event: str
    source: OutboxStatus | None
    target: OutboxStatus
    actor: str
    reason: str
    detail: Mapping[str, Any]
