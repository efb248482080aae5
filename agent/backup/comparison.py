"""Compares an archived case with the same case as the portal shows it now. Pure.

What came since is no damage. A content that differs is either an edit at the portal, or the archive no longer holds
what it once read: the hash that was stored with each content tells the two apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from storage.archive.hashing import case_hash
from storage.archive.hashing import message_hash
from storage.archive.model import ArchivedCase
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import MessageRecord
from storage.verify.hashes import StoredHash

Hashes = Mapping[str | None, StoredHash]


class Result(StrEnum):
    """What became of comparing one case."""

    EQUAL = "equal"  #: the portal shows what the archive holds
    NEWER = "newer"  #: the portal shows more, or a later state: the next backup will store it
    DIFFERENT = "different"  #: what is archived is not what the portal shows
    NOT_READ = "not_read"  #: the portal did not show the case


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One content that differs, and in what.

    `revision`: which of the archive's was compared; `None` for a message that the archive lacks. `damaged`: what the
    archive holds is not what it once stored; otherwise the portal's content was changed after it was read.
    """

    what: str
    fields: tuple[str, ...]
    revision: int | None
    damaged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One case. `news` names what came since."""

    case_id: str
    result: Result
    differences: tuple[Difference, ...] = ()
    news: tuple[str, ...] = ()
    reason: str = ""


def compare(archived: ArchivedCase, hashes: Hashes, shown: CaseRecord) -> Compared:
    """`hashes` are those that were stored with the archived case's current contents."""
    late = _late(archived, shown)
    differences = (
        *_case(archived.record, hashes, shown),
        *_messages(archived.record, hashes, shown),
        *(_lost(message.message_id) for message in late),
    )
    news = tuple(_news(archived, shown, {message.message_id for message in late}))
    result = Result.DIFFERENT if differences else Result.NEWER if news else Result.EQUAL
    return Compared(case_id=shown.case_id, result=result, differences=differences, news=news)


def _case(held: CaseRecord, hashes: Hashes, shown: CaseRecord) -> Iterator[Difference]:
    """Subject, beginning and files of a case stay; its state and its last time do not."""
    fields = [name for name in ("subject", "created_at") if getattr(held, name) != getattr(shown, name)]
    fields += ["attachments"] if _lacks(shown.attachments, held.attachments) else []
    digest = case_hash(
        subject=held.subject,
        status=held.status,
        status_raw=held.status_raw,
        created_at=held.created_at,
        updated_at=held.updated_at,
    )
    if fields:
        yield from _difference("case", fields, hashes.get(None), digest)


def _messages(held: CaseRecord, hashes: Hashes, shown: CaseRecord) -> Iterator[Difference]:
    there = {message.message_id: message for message in shown.messages}
    for message in held.messages:
        key = message.message_id
        fields = list(_unlike(message, there[key])) if key in there else ["gone"] if shown.complete else []
        if fields:
            digest = message_hash(
                direction=message.direction, author=message.author, sent_at=message.sent_at, body=message.body
            )
            yield from _difference(f"message {key}", fields, hashes.get(key), digest)


def _difference(what: str, fields: list[str], stored: StoredHash | None, digest: str) -> Iterator[Difference]:
    if stored is not None and stored.erased:
        return  # nothing is left that could be compared
    damaged = stored is None or stored.content_hash != digest
    revision = stored.revision if stored else None
    yield Difference(what=what, fields=tuple(fields), revision=revision, damaged=damaged)


def _lost(message_id: str) -> Difference:
    return Difference(what=f"message {message_id}", fields=("not archived",), revision=None, damaged=True)


def _unlike(held: MessageRecord, shown: MessageRecord) -> Iterator[str]:
    for name in ("direction", "author", "sent_at", "body"):
        if getattr(held, name) != getattr(shown, name):
            yield name
    if _lacks(shown.attachments, held.attachments):
        yield "attachments"


def _late(archived: ArchivedCase, shown: CaseRecord) -> list[MessageRecord]:
    """Messages that the archive lacks and should hold: it has read the thread whole, and has later ones."""
    if not archived.record.complete:
        return []
    newest = max((message.sent_at for message in archived.record.messages), default=None)
    return [message for message in _unknown(archived, shown) if newest is not None and message.sent_at < newest]


def _unknown(archived: ArchivedCase, shown: CaseRecord) -> list[MessageRecord]:
    held = {message.message_id for message in archived.record.messages}
    held |= {each.message.message_id for each in archived.vanished}
    return [message for message in shown.messages if message.message_id not in held]


def _news(archived: ArchivedCase, shown: CaseRecord, late: set[str]) -> Iterator[str]:
    held = archived.record
    for name in ("status", "status_raw", "updated_at"):
        if getattr(held, name) != getattr(shown, name):
            yield name
    for message in _unknown(archived, shown):
        if message.message_id not in late:
            yield f"message {message.message_id}"
    mine = {message.message_id: message.attachments for message in held.messages}
    for message in shown.messages:
        if _lacks(mine.get(message.message_id, message.attachments), message.attachments):
            yield f"attachments of message {message.message_id}"
    if _lacks(held.attachments, shown.attachments):
        yield "attachments"


def _lacks(these: Iterable[AttachmentRef], those: Iterable[AttachmentRef]) -> bool:
    """Whether a name of `those` is missing among `these`."""
    return bool(Counter(file.name for file in those) - Counter(file.name for file in these))
