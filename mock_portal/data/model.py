"""What a case, a message and an attachment are inside the mock portal, before any skin draws them.

Statuses carry the two vocabularies that are known from the original: the word of its JSON and the key under which a
locale finds the word that people see.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from functools import cached_property


class Role(StrEnum):
    """Who speaks."""

    USER = "user"  #: the seller's side
    PORTAL = "portal"  #: the support desk
    SYSTEM = "system"  #: an event, written by nobody


class Status(StrEnum):
    """Where a case stands; the value is the key of its word in a locale."""

    OPEN = "open"  #: nobody at the desk has looked yet
    WORK_IN_PROGRESS = "work_in_progress"  #: the desk has it
    NEEDS_ATTENTION = "needs_attention"  #: the desk asked the seller for something
    NOT_POSSIBLE = "not_possible"  #: the desk cannot do what was asked; it is the seller's turn
    ANSWERED = "answered"  #: the desk replied and asks for nothing
    REOPENED = "reopened"  #: the seller wrote again after an answer
    CLOSED = "closed"  #: no reply is possible any more
    CANCELLED = "cancelled"  #: likewise; whoever opened it took it back before it was answered

    @property
    def api_name(self) -> str:
        """The word of the portal's own JSON, which knows fewer shades."""
        return _API_NAMES[self]

    @property
    def is_final(self) -> bool:
        return self in (Status.CLOSED, Status.CANCELLED)

    @property
    def awaits_seller(self) -> bool:
        """What the third tab shows."""
        return self in (Status.NEEDS_ATTENTION, Status.NOT_POSSIBLE)


_API_NAMES = {
    Status.OPEN: "PendingAmazonAction",
    Status.WORK_IN_PROGRESS: "PendingAmazonAction",
    Status.REOPENED: "PendingAmazonAction",
    Status.NEEDS_ATTENTION: "PendingSellerAction",
    Status.NOT_POSSIBLE: "PendingSellerAction",
    Status.ANSWERED: "Resolved",
    Status.CLOSED: "Closed",
    Status.CANCELLED: "Cancelled",
}


@dataclass(frozen=True)
class Attachment:
    """A file of a message; its bytes are made or read when they are first wanted."""

    id: str
    name: str
    mime: str
    make: Callable[[], bytes] = field(repr=False, compare=False)

    @cached_property
    def content(self) -> bytes:
        return self.make()

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Body:
    """A message's text: the source as it was written, and what a reader sees of it."""

    source: str
    shown: str
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a thread."""

    id: str
    role: Role
    author: str
    time: datetime
    body: Body
    attachments: tuple[Attachment, ...] = ()


@dataclass
class Case:
    """One case with its thread, oldest message first.

    The thread is written when it is first read: a list of thousands of cases costs no texts.
    """

    id: str
    subject: str
    category: str
    owner: str
    #: of its topics' texts
    language: str
    status: Status
    created: datetime
    updated: datetime
    closed: datetime | None
    write_thread: Callable[[], list[Message]] = field(repr=False, compare=False)
    #: listed nowhere, though its own link may open
    unlisted: bool = False
    #: not even its own link opens
    gone: bool = False

    @cached_property
    def thread(self) -> list[Message]:
        return self.write_thread()
