"""Pure: what is archived, and what was read -> what is new, edited, vanished, back.

Nothing is ever removed. A message vanishes only from a complete thread, and so does an attachment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import TypeVar

from storage.archive.hashing import message_hash
from storage.errors import DuplicateMessage
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import MessageRecord
from storage.records import NotFetched

Item = TypeVar("Item")

#: The fields of a case that make a revision.
CASE_FIELDS = ("subject", "status", "status_raw", "created_at", "updated_at")

#: Message id (`None`: the case itself), name, ordinal among equal names there.
AttachmentIdentity = tuple[str | None, str, int]


@dataclass(frozen=True, slots=True)
class KnownMessage:
    key: int
    message_id: str
    position: int
    revision: int
    content_hash: str
    vanished: bool
    erased: bool = False  #: by a person: whatever the portal shows, its content is not taken again


@dataclass(frozen=True, slots=True)
class KnownAttachment:
    key: int
    message_id: str | None
    name: str
    listed_size: int | None
    sha256: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class KnownCase:
    """The archive's present view of a case; attachments that are marked as gone are left out."""

    key: int
    revision: int
    fields: tuple[object, ...]
    last_activity_at: datetime | None
    absence: str | None
    messages: Mapping[str, KnownMessage]
    attachments: tuple[KnownAttachment, ...]


@dataclass(frozen=True, slots=True)
class PlacedMessage:
    """A message with its place in the thread and the hash of its content."""

    position: int
    record: MessageRecord
    content_hash: str


@dataclass(frozen=True, slots=True)
class PlacedAttachment:
    message_id: str | None
    position: int
    ref: AttachmentRef


@dataclass(slots=True)
class Difference:
    """What to write. For a case that is not archived yet, everything in it is new."""

    fields: tuple[str, ...] = ()
    new: list[PlacedMessage] = field(default_factory=list)
    edited: list[tuple[KnownMessage, PlacedMessage]] = field(default_factory=list)
    moved: list[tuple[KnownMessage, int]] = field(default_factory=list)
    vanished: list[KnownMessage] = field(default_factory=list)
    returned: list[KnownMessage] = field(default_factory=list)
    new_attachments: list[PlacedAttachment] = field(default_factory=list)
    completed_attachments: list[tuple[KnownAttachment, AttachmentRef]] = field(default_factory=list)
    gone_attachments: list[KnownAttachment] = field(default_factory=list)

    def __bool__(self) -> bool:
        """True when the content differs; a new place or a link alone is no change."""
        return bool(
            self.fields
            or self.new
            or self.edited
            or self.vanished
            or self.returned
            or self.new_attachments
            or self.gone_attachments
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One case to write: what was read beside what is known."""

    record: CaseRecord
    known: KnownCase | None
    difference: Difference
    returned: bool


def case_fields(record: CaseRecord) -> tuple[object, ...]:
    return tuple(getattr(record, name) for name in CASE_FIELDS)


def compare(known: KnownCase | None, record: CaseRecord) -> Difference:
    """What the record adds to, or contradicts in, what is known."""
    placed = _placed(record)
    difference = Difference()
    if known is None:
        difference.new = list(placed.values())
        difference.new_attachments = list(_attachments(record).values())
        return difference
    difference.fields = tuple(
        name for name, old, new in zip(CASE_FIELDS, known.fields, case_fields(record), strict=True) if old != new
    )
    _compare_messages(known, placed, difference)
    if record.complete:
        # A part of a thread says nothing about places in the whole.
        difference.moved = [
            (known.messages[message_id], message.position)
            for message_id, message in placed.items()
            if message_id in known.messages and known.messages[message_id].position != message.position
        ]
        difference.vanished = [
            message for message in known.messages.values() if not message.vanished and message.message_id not in placed
        ]
    _compare_attachments(known, record, difference)
    return difference


def _placed(record: CaseRecord) -> dict[str, PlacedMessage]:
    placed: dict[str, PlacedMessage] = {}
    for position, message in enumerate(record.messages):
        if message.message_id in placed:
            raise DuplicateMessage(record.case_id, message.message_id)
        digest = message_hash(
            direction=message.direction, author=message.author, sent_at=message.sent_at, body=message.body
        )
        placed[message.message_id] = PlacedMessage(position, message, digest)
    return placed


def _compare_messages(known: KnownCase, placed: Mapping[str, PlacedMessage], difference: Difference) -> None:
    for message_id, message in placed.items():
        old = known.messages.get(message_id)
        if old is None:
            difference.new.append(message)
            continue
        if old.vanished:
            difference.returned.append(old)
        if old.content_hash != message.content_hash and not old.erased:
            difference.edited.append((old, message))


def _compare_attachments(known: KnownCase, record: CaseRecord, difference: Difference) -> None:
    old_ones = dict(_numbered((item.message_id, item.name, item) for item in known.attachments))
    for identity, placed in _attachments(record).items():
        old = old_ones.pop(identity, None)
        if old is None:
            difference.new_attachments.append(placed)
        elif _replaced(old, placed.ref):
            difference.gone_attachments.append(old)
            difference.new_attachments.append(placed)
        elif _adds(old, placed.ref):
            difference.completed_attachments.append((old, placed.ref))
    if record.complete:
        difference.gone_attachments.extend(old_ones.values())


def _attachments(record: CaseRecord) -> dict[AttachmentIdentity, PlacedAttachment]:
    placed = [PlacedAttachment(None, position, ref) for position, ref in enumerate(record.attachments)]
    for message in record.messages:
        placed += [
            PlacedAttachment(message.message_id, position, ref) for position, ref in enumerate(message.attachments)
        ]
    return dict(_numbered((item.message_id, item.ref.name, item) for item in placed))


def _numbered(items: Iterable[tuple[str | None, str, Item]]) -> Iterable[tuple[AttachmentIdentity, Item]]:
    counts: Counter[tuple[str | None, str]] = Counter()
    for message_id, name, item in items:
        yield (message_id, name, counts[message_id, name]), item
        counts[message_id, name] += 1


def listed_size(ref: AttachmentRef) -> int | None:
    """The size that the portal shows; of a fetched file only the content's is known, and that is the blob's."""
    return ref.size if isinstance(ref.size, int) and isinstance(ref.sha256, NotFetched) else None


def _replaced(old: KnownAttachment, ref: AttachmentRef) -> bool:
    if isinstance(ref.sha256, str) and old.sha256 is not None:
        return ref.sha256 != old.sha256
    size = listed_size(ref)
    return size is not None and old.listed_size is not None and size != old.listed_size


def _adds(old: KnownAttachment, ref: AttachmentRef) -> bool:
    return (
        (isinstance(ref.sha256, str) and old.sha256 is None)
        or (listed_size(ref) is not None and old.listed_size is None)
        # Links expire; a fresh one matters while there is something to fetch, and when the disk loses what was fetched.
        or (ref.url is not None and ref.url != old.url)
    )
