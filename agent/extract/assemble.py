"""All pages of one case become one record: messages oldest first, each with an id, and complete or not."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import datetime

from agent.extract.reading import CasePage
from agent.extract.reading import Reading
from agent.extract.reading import ShownMessage
from agent.extract.snapshot import Verdict
from agent.extract.text import fold
from agent.profile.account import AccountFacts
from agent.profile.model.cases import Order
from agent.profile.model.profile import PortalProfile
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import CaseSummary
from storage.records import MessageRecord


def assemble(readings: Sequence[Reading], profile: PortalProfile, account: AccountFacts) -> CaseRecord:
    """One case from the readings of its pages, in the order in which they follow each other, part by part.

    The first reading is of the case's own page. A page that was not understood, a page that is missing, a count that
    does not fit, a cut message or an id of two messages make the record incomplete.
    """
    pages = [page for page in map(_case_page, readings) if page is not None]
    if not pages:
        msg = "a case is assembled from at least one page that could be read"
        raise ValueError(msg)
    first, row = pages[0], readings[0].snapshot.request.row
    shown, distinct = _thread(pages, profile.case.order)
    subject = first.subject if first.subject is not None or row is None else row.subject
    by = first if first.status is not None or row is None else row
    created, updated = _times(first, row)
    return CaseRecord(
        account=account.name,
        case_id=first.case_id,
        subject=subject or "",
        status=by.status or CaseStatus.UNKNOWN,
        status_raw=by.status_raw or "",
        created_at=created[0],
        created_at_raw=created[1],
        updated_at=updated[0],
        updated_at_raw=updated[1],
        url=readings[0].snapshot.request.url,
        complete=distinct and _is_complete(readings, profile, shown),
        can_reply=first.can_reply,
        fingerprint=row.fingerprint if row else None,
        messages=tuple(_identified(shown)),
        attachments=_distinct(page.attachments for page in pages),
    )


def content_of(message: ShownMessage) -> tuple[object, ...]:
    """What a message says, however a page words it: markup, links and relative times are other ones each time."""
    files = tuple(file.name for file in message.attachments)
    return message.native_id, message.direction, fold(message.author), _moment(message), message.body, files


def _thread(pages: Sequence[CasePage], order: Order) -> tuple[list[ShownMessage], bool]:
    """Every message once, in the order in which they were written; of the same time, in the order of the thread.

    False where one id stands for two contents: it was edited meanwhile, or two sources number separately. Which of them
    is missing then cannot be told.
    """
    told = reversed(pages) if order is Order.NEWEST_FIRST else iter(pages)
    known: dict[str, tuple[object, ...]] = {}
    messages, distinct = [], True
    for message in (message for page in told for message in page.messages):
        if message.native_id in known:  # the thread moved between two pages
            distinct = distinct and known[message.native_id] == content_of(message)
            continue
        if message.native_id is not None:
            known[message.native_id] = content_of(message)
        messages.append(message)
    return sorted(messages, key=lambda message: message.sent_at), distinct


def _moment(message: ShownMessage) -> int:
    """When it was written, as fine as the portal tells it."""
    return int(message.sent_at.timestamp()) // message.granularity * message.granularity


def _identified(messages: Sequence[ShownMessage]) -> Iterator[MessageRecord]:
    """A derived id never rests on the body: a text that was edited is a revision of the same message."""
    equals: Counter[str] = Counter()
    for message in messages:
        message_id = message.native_id
        if message_id is None:
            key = f"{message.direction}\n{fold(message.author)}\n{_moment(message)}"
            equals[key] += 1
            message_id = "d-" + hashlib.sha256(f"{key}\n{equals[key]}".encode()).hexdigest()[:32]
        yield MessageRecord(
            message_id=message_id,
            native_id=message.native_id is not None,
            direction=message.direction,
            author=message.author,
            sent_at=message.sent_at,
            sent_at_raw=message.sent_at_raw,
            body=message.body,
            body_html=message.body_html,
            attachments=message.attachments,
        )


def _is_complete(readings: Sequence[Reading], profile: PortalProfile, shown: Sequence[ShownMessage]) -> bool:
    ends = {reading.snapshot.request.part: reading.next is None for reading in readings}
    totals = {page.total_messages for page in map(_case_page, readings) if page and page.total_messages is not None}
    return (
        all(reading.verdict is Verdict.OK for reading in readings)
        and set(ends) == {"", *profile.case.parts}
        and all(ends.values())
        and totals <= {sum(message.counted for message in shown)}
        and not any(message.truncated for message in shown)
    )


def _case_page(reading: Reading) -> CasePage | None:
    return reading.page if isinstance(reading.page, CasePage) else None


def _times(first: CasePage, row: CaseSummary | None) -> tuple[tuple[datetime | None, str | None], ...]:
    created = (first.created_at, first.created_at_raw)
    updated = (first.updated_at, first.updated_at_raw)
    if row is not None and first.created_at is None:
        created = (row.created_at, row.created_at_raw)
    if row is not None and first.updated_at is None:
        updated = (row.updated_at, row.updated_at_raw)
    return created, updated


def _distinct(groups: Iterable[tuple[AttachmentRef, ...]]) -> tuple[AttachmentRef, ...]:
    return tuple(dict.fromkeys(attachment for group in groups for attachment in group))
