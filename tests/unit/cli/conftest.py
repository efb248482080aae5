"""Run the command in this process, with a home of its own; builders for an archive that it finds there."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.cli.main import main
from storage import journal
from storage.archive.ingest import ingest_batch
from storage.database import Database
from storage.opening import open_archive
from storage.process import Holder
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord
from tests.e2e.command import Ran
from tests.unit.conftest import NewArchive

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


Runner = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def caselog(home: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    def run(*arguments: str) -> Ran:
        code = main(["--home", str(home), *arguments])
        shown = capsys.readouterr()
        return Ran(code, shown.out, shown.err)

    return run


ACCOUNTS = """
timezone = "Europe/Berlin"

[accounts.main]
profile = "django-helpdesk"
base_url = "http://127.0.0.1:9"
account_name = "Example GmbH"
user = "ops@example.test"
password = { env = "CASELOG_PASSWORD_MAIN" }

[accounts.other]
profile = "django-helpdesk"
base_url = "http://127.0.0.1:9"
account_name = "Other Ltd"
user = "ops@other.test"
password = { prompt = true }
"""


@pytest.fixture
def configured(home: Path) -> Path:
    """A home with two accounts and no archive."""
    home.mkdir()
    (home / "caselog.toml").write_text(ACCOUNTS, encoding="utf-8")
    return home


@pytest.fixture
def database(configured: Path, new_archive: NewArchive) -> Iterator[Database]:
    opened = open_archive(new_archive(configured / "data" / "archive.sqlite3"))
    yield opened
    opened.close()


def message(number: int, **changes: Any) -> MessageRecord:
    defaults: dict[str, Any] = {
        "message_id": f"m{number}",
        "native_id": True,
        "direction": Direction.USER if number % 2 else Direction.PORTAL,
        "author": "You" if number % 2 else "Amazon",
        "sent_at": NOON + timedelta(hours=number),
        "sent_at_raw": f"{NOON + timedelta(hours=number):%d %b %Y %H:%M}",
        "body": f"Message {number} about the refund 退款",
    }
    return MessageRecord(**{**defaults, **changes})


def case(case_id: str = "100", **changes: Any) -> CaseRecord:
    defaults: dict[str, Any] = {
        "account": "main",
        "case_id": case_id,
        "subject": f"Where is shipment {case_id}?",
        "status": CaseStatus.NEEDS_USER,
        "status_raw": "Needs your attention",
        "created_at": NOON,
        "created_at_raw": "15 Jan 2026",
        "updated_at": None,
        "updated_at_raw": None,
        "url": f"http://127.0.0.1:9/case/{case_id}",
        "complete": True,
        "messages": (message(1), message(2)),
    }
    return CaseRecord(**{**defaults, **changes})


@pytest.fixture
def archived(database: Database) -> Callable[..., None]:
    """Back cases up, as one complete run of their account would."""

    def back_up(*records: CaseRecord, account: str = "main", at: datetime = NOON) -> None:
        holder = Holder(host="desk", pid=1, process_started_at=at)
        run_id = journal.start_run(database, account, scope="all", holder=holder, at=at)
        ingest_batch(database, records, run_id=run_id, seen_at=at)
        journal.finish_run(database, run_id, outcome=journal.RunOutcome.COMPLETE, numbers={}, at=at)

    return back_up


@pytest.fixture
def make_case() -> Callable[..., CaseRecord]:
    return case


@pytest.fixture
def make_message() -> Callable[..., MessageRecord]:
    return message
