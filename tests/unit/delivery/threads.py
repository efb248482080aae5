"""Builders of threads; a test names only what it is about."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

from agent.delivery.match import Expected
from agent.profile.model.reply import TextRules
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
TEXT = "Thank you, the parcel has arrived and everything is in it, so please close the case."
EXPECTED = Expected(text=TEXT, rules=TextRules())


def message(
    number: int | str,
    body: str = "Hello",
    *,
    direction: Direction = Direction.USER,
    author: str = "You",
    files: tuple[str, ...] = (),
    native: bool = True,
) -> MessageRecord:
    return MessageRecord(
        message_id=f"m{number}",
        native_id=native,
        direction=direction,
        author=author,
        sent_at=NOON,
        sent_at_raw="noon",
        body=body,
        attachments=tuple(AttachmentRef(name=name) for name in files),
    )


def thread(*messages: MessageRecord, complete: bool = True, files: tuple[str, ...] = ()) -> CaseRecord:
    return CaseRecord(
        account="shop",
        case_id="1",
        subject="Parcel",
        status=CaseStatus.NEEDS_USER,
        status_raw="Open",
        created_at=NOON,
        created_at_raw="noon",
        updated_at=NOON,
        updated_at_raw="noon",
        url="https://portal.test/1",
        complete=complete,
        messages=messages,
        attachments=tuple(AttachmentRef(name=name) for name in files),
    )


OPENING = message(1, "The parcel is late.")
ANSWER = message(2, "Which parcel?", direction=Direction.PORTAL, author="Desk")
BEFORE = thread(OPENING, ANSWER)
