"""Archives and builders for the archive's tests. Builders have defaults; a test names only what it is about."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import journal
from storage.database import Database
from storage.opening import open_archive
from storage.process import Holder
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord
from tests.unit.conftest import NewArchive

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOLDER = Holder(host="desk", pid=4711, process_started_at=NOON - timedelta(hours=1))


@pytest.fixture
def database(tmp_path: Path, new_archive: NewArchive) -> Iterator[Database]:
    opened = open_archive(new_archive(tmp_path / "archive.db"), at=NOON)
    yield opened
    opened.close()


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def holder() -> Holder:
    return HOLDER


@pytest.fixture
def run_id(database: Database) -> str:
    return journal.start_run(database, "acme", scope="all", holder=HOLDER, at=NOON)


@pytest.fixture
def message() -> Callable[..., MessageRecord]:
    """Build the n-th message of a thread."""

    def build(number: int, **changes: Any) -> MessageRecord:
        fields = {
            "message_id": f"m{number}",
            "native_id": True,
            "direction": Direction.USER if number % 2 else Direction.PORTAL,
            "author": "Acme Ltd" if number % 2 else "Support",
            "sent_at": NOON - timedelta(days=1) + timedelta(minutes=number),
            "sent_at_raw": f"yesterday, {number} past noon",
            "body": f"Message number {number}.",
        }
        return MessageRecord(**(fields | changes))  # type: ignore[arg-type]

    return build


@pytest.fixture
def case(message: Callable[..., MessageRecord]) -> Callable[..., CaseRecord]:
    """Build a case with `messages` messages (a number) or exactly those given."""

    def build(case_id: str = "1001", messages: int | tuple[MessageRecord, ...] = 2, **changes: Any) -> CaseRecord:
        thread = tuple(message(n) for n in range(1, messages + 1)) if isinstance(messages, int) else messages
        fields = {
            "account": "acme",
            "case_id": case_id,
            "subject": f"Case {case_id}",
            "status": CaseStatus.WITH_PORTAL,
            "status_raw": "Pending Amazon action",
            "created_at": NOON - timedelta(days=2),
            "created_at_raw": "two days ago",
            "updated_at": NOON - timedelta(hours=1),
            "updated_at_raw": "an hour ago",
            "url": f"https://portal.example/case/{case_id}",
            "complete": True,
            "fingerprint": "listed",
            "messages": thread,
        }
        return CaseRecord(**(fields | changes))  # type: ignore[arg-type]

    return build
