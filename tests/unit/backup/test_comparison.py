"""An archived case beside what the portal shows now: equal, newer, or different, and whose doing that is."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from agent.backup.comparison import Compared
from agent.backup.comparison import Difference
from agent.backup.comparison import Result
from agent.backup.comparison import compare
from agent.backup.sample import choose
from storage.archive.hashing import case_hash
from storage.archive.hashing import message_hash
from storage.archive.model import ArchivedCase
from storage.archive.model import CaseState
from storage.archive.model import VanishedMessage
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord
from storage.verify.hashes import StoredHash

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
FILE = AttachmentRef(name="a.pdf", sha256="ab", size=2)


def message(number: int, **changes: Any) -> MessageRecord:
    fields: dict[str, Any] = {
        "message_id": f"m{number}",
        "native_id": True,
        "direction": Direction.PORTAL,
        "author": "Support",
        "sent_at": NOON + timedelta(minutes=number),
        "sent_at_raw": "noon",
        "body": f"Message {number}",
    }
    return MessageRecord(**(fields | changes))


def case(messages: Sequence[MessageRecord] = (message(1), message(2)), **changes: Any) -> CaseRecord:
    fields: dict[str, Any] = {
        "account": "main",
        "case_id": "100",
        "subject": "Where is it?",
        "status": CaseStatus.NEEDS_USER,
        "status_raw": "Needs you",
        "created_at": NOON,
        "created_at_raw": "noon",
        "updated_at": NOON,
        "updated_at_raw": "noon",
        "url": "https://portal.test/100",
        "complete": True,
        "messages": tuple(messages),
    }
    return CaseRecord(**(fields | changes))


def hashes(record: CaseRecord, *, revision: int = 1, erased: bool = False) -> dict[str | None, StoredHash]:
    """As they were stored with this record."""
    own = case_hash(
        subject=record.subject,
        status=record.status,
        status_raw=record.status_raw,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )
    found: dict[str | None, StoredHash] = {None: StoredHash(revision, own, erased)}
    for each in record.messages:
        digest = message_hash(direction=each.direction, author=each.author, sent_at=each.sent_at, body=each.body)
        found[each.message_id] = StoredHash(revision, digest, erased)
    return found


def archived(record: CaseRecord, *vanished: MessageRecord) -> ArchivedCase:
    gone = tuple(VanishedMessage(message=each, vanished_at=NOON) for each in vanished)
    return ArchivedCase(
        record=record,
        first_seen_at=NOON,
        last_seen_at=NOON,
        last_read_at=NOON,
        absent_since=None,
        tabs=(),
        vanished=gone,
    )


def compared(result: Result, *differences: Difference, news: Sequence[str] = ()) -> Compared:
    return Compared(case_id="100", result=result, differences=differences, news=tuple(news))


def difference(what: str, *fields: str, revision: int | None = 1, damaged: bool = False) -> Difference:
    return Difference(what=what, fields=fields, revision=revision, damaged=damaged)


HELD = case()


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (case(), compared(Result.EQUAL)),
        (case(created_at_raw="12:00", url="https://portal.test/other"), compared(Result.EQUAL)),
        (case([*HELD.messages, message(3)]), compared(Result.NEWER, news=["message m3"])),
        (case(status=CaseStatus.CLOSED), compared(Result.NEWER, news=["status"])),
        (case(attachments=(FILE,)), compared(Result.NEWER, news=["attachments"])),
        (
            case([message(1, attachments=(FILE,)), message(2)]),
            compared(Result.NEWER, news=["attachments of message m1"]),
        ),
        (case([message(1), message(2, body="Edited")]), compared(Result.DIFFERENT, difference("message m2", "body"))),
        (
            case([message(1), message(2, author="Mallory", direction=Direction.USER)]),
            compared(Result.DIFFERENT, difference("message m2", "direction", "author")),
        ),
        (case([message(1)]), compared(Result.DIFFERENT, difference("message m2", "gone"))),
        (case([message(1)], complete=False), compared(Result.EQUAL)),
        (case(subject="Else"), compared(Result.DIFFERENT, difference("case", "subject"))),
        (
            case([message(1), message(9, sent_at=NOON), message(2)]),
            compared(Result.DIFFERENT, difference("message m9", "not archived", revision=None, damaged=True)),
        ),
    ],
    ids=[
        "the same",
        "worded otherwise",
        "new message",
        "closed",
        "new file",
        "new file of a message",
        "edited",
        "another author",
        "gone",
        "not read whole",
        "subject",
        "lost in the archive",
    ],
)
def test_comparison(shown: CaseRecord, expected: Compared) -> None:
    """What came since is newer; what was archived and is shown otherwise is different, by its revision."""
    assert expected == compare(archived(HELD), hashes(HELD), shown)


def test_damage_is_told_from_an_edit() -> None:
    """A content that no longer has the hash it was stored with was changed here, not at the portal."""
    tampered = case([message(1), message(2, body="forged")], subject="forged")

    found = compare(archived(tampered), hashes(HELD, revision=2), HELD)

    assert found == compared(
        Result.DIFFERENT,
        difference("case", "subject", revision=2, damaged=True),
        difference("message m2", "body", revision=2, damaged=True),
    )


@pytest.mark.parametrize(
    ("held", "known", "shown"),
    [
        (archived(case([message(1)]), message(2)), hashes(HELD), HELD),
        (archived(case([message(1, body=""), message(2, body="")])), hashes(HELD, erased=True), HELD),
        (archived(case([message(2)], complete=False)), hashes(HELD), case([message(2), message(3)])),
    ],
    ids=["vanished and back", "erased", "partly archived"],
)
def test_no_false_alarm(held: ArchivedCase, known: dict[str | None, StoredHash], shown: CaseRecord) -> None:
    """A message that vanished, a content that a person erased, or a thread archived in part is no damage."""
    assert not compare(held, known, shown).differences


def state(number: int, **changes: Any) -> CaseState:
    plain = CaseState(
        case_id=str(number),
        fingerprint=None,
        status=CaseStatus.CLOSED,
        complete=True,
        last_read_at=NOON,
        last_activity_at=NOON + timedelta(days=number),
        absent_since=None,
        url="",
        files_missing=0,
    )
    return replace(plain, **changes)


@pytest.fixture
def sampled() -> Callable[..., list[int]]:
    states = [state(number) for number in range(100)] + [state(999, absent_since=NOON)]

    def sample(count: int, seed: int) -> list[int]:
        return [int(each) for each in choose(states, count, seed=seed)]

    return sample


def test_sample_is_spread_over_the_ages(sampled: Callable[..., list[int]]) -> None:
    """Each tenth of the cases gives one; the same seed the same ones; more than there are gives all that are there."""
    first = sampled(10, 1)

    assert list(range(10)) == [number // 10 for number in first]
    assert first == sampled(10, 1) != sampled(10, 2)
    assert list(range(100)) == sampled(500, 1)
    assert () == choose([], 3, seed=1)
