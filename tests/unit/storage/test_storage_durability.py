"""What must survive a power cut waits for the disk. A kill cannot show that: it leaves the system's own cache alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from storage import journal
from storage import outbox
from storage.archive import ingest
from storage.blobs import Blobs
from storage.database import Database
from storage.journal import AccountCondition
from storage.outbox import Baseline
from storage.outbox import Draft
from storage.process import Holder
from storage.records import CaseRecord
from storage.records import CaseStatus

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOLDER = Holder(host="desk", pid=1, process_started_at=NOON)


def claimed(database: Database) -> tuple[int, str]:
    draft = Draft(account="acme", case_id="1", text="Hello")
    entry_id = outbox.add(database, draft, author="ann", at=NOON)
    outbox.approve(
        database, entry_id, seen_hash=outbox.content_hash(draft), seen_message_ids=(), approver="bob", at=NOON
    )
    token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
    outbox.record_baseline(database, entry_id, token, Baseline(message_ids=(), occurrences=0, taken_at=NOON))
    return entry_id, token


def submit(database: Database) -> Callable[[], object]:
    entry_id, token = claimed(database)
    return lambda: outbox.submit_started(database, entry_id, token, at=NOON)


def password(database: Database) -> Callable[[], object]:
    return lambda: journal.begin_sign_in(database, "acme", run_id=None, at=NOON)


def refusal(database: Database) -> Callable[[], object]:
    return lambda: journal.set_account_state(database, "acme", AccountCondition.LOCKED, reason="refused", at=NOON)


def case(database: Database) -> Callable[[], object]:
    run_id = journal.start_run(database, "acme", scope="all", holder=HOLDER, at=NOON)
    record = CaseRecord(
        account="acme",
        case_id="1",
        subject="s",
        status=CaseStatus.CLOSED,
        status_raw="",
        created_at=NOON,
        created_at_raw=None,
        updated_at=NOON,
        updated_at_raw=None,
        url="",
        complete=True,
        messages=(),
    )
    return lambda: ingest(database, record, run_id=run_id, seen_at=NOON)


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [(submit, "FULL"), (password, "FULL"), (refusal, "FULL"), (case, "NORMAL")],
)
def test_what_waits_for_the_disk(
    database: Database, prepare: Callable[[Database], Callable[[], object]], expected: str
) -> None:
    """What the portal cannot tell again is on the disk when the call returns; the last cases may be read again.

    Whichever it is, the write-ahead log is kept, so that a commit is there whole or not at all.
    """
    write = prepare(database)
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _cur, sql, *_: statements.append(sql))

    write()

    begun = statements.index("BEGIN IMMEDIATE")
    wanted = f"PRAGMA fullfsync={'ON' if expected == 'FULL' else 'OFF'}"
    assert [f"PRAGMA synchronous={expected}", wanted] == statements[begun - 2 : begun]
    assert not any("synchronous" in sql or "journal_mode" in sql for sql in statements[begun:])
    with database.read() as connection:
        assert "wal" == connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no folders that can be synced")
def test_blob_lies_on_the_disk_before_anybody_relies_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes are synced before it gets its name, and the folder with the name before `put` returns."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        steps.append("folder synced" if os.path.isdir(descriptor) else "file synced")  # noqa: PTH112 - a descriptor
        fsync(descriptor)

    def renamed(path: Path, target: Any) -> Path:
        steps.append("renamed")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)

    Blobs(tmp_path / "blobs").put(b"a picture of a lamp")

    assert ["file synced", "renamed", "folder synced"] == steps
