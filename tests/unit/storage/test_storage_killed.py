from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from storage import archive
from storage import outbox
from storage.opening import open_archive
from storage.outbox import OutboxStatus
from storage.verify import verify

WRITER = """
import itertools, sys
from datetime import UTC, datetime
from storage import archive, journal
from storage.opening import open_archive
from storage.process import Holder
from storage.records import CaseRecord, CaseStatus, Direction, MessageRecord, Tab

now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
database = open_archive(sys.argv[1])
run_id = journal.start_run(
    database, "acme", scope="all", holder=Holder(host="desk", pid=1, process_started_at=now), at=now
)
for number in itertools.count():
    messages = tuple(
        MessageRecord(message_id=f"m{n}", native_id=True, direction=Direction.USER, author="a", sent_at=now,
                      sent_at_raw="", body=f"body {number} {n} " * 200)
        for n in range(8)
    )
    records = [
        CaseRecord(account="acme", case_id=f"{number}-{n}", subject="s", status=CaseStatus.CLOSED, status_raw="",
                   created_at=now, created_at_raw=None, updated_at=now, updated_at_raw=None, url="", complete=True,
                   messages=messages)
        for n in range(5)
    ]
    archive.ingest_batch(database, records, run_id=run_id, seen_at=now)
    print(number, flush=True)
"""

SENDER = """
import os, signal, sys
from datetime import UTC, datetime
from storage import outbox
from storage.opening import open_archive
from storage.outbox import Baseline, Draft, Proof
from storage.process import Holder

now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
database = open_archive(sys.argv[1])
steps = int(sys.argv[2])

def step():
    global steps
    if steps == 0:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    steps -= 1

draft = Draft(account="acme", case_id="1", text="Hello")
entry_id = outbox.add(database, draft, author="ann", at=now)
outbox.approve(database, entry_id, seen_hash=outbox.content_hash(draft), seen_message_ids=(), approver="b", at=now)
step()
token = outbox.claim(database, entry_id, holder=Holder(host="desk", pid=1, process_started_at=now), at=now)
step()
outbox.record_baseline(database, entry_id, token, Baseline(message_ids=(), occurrences=0, taken_at=now))
step()
outbox.submit_started(database, entry_id, token, at=now)
step()
outbox.mark_sent(database, entry_id, token, Proof(message_id="m"), at=now)
step()
"""


@pytest.fixture
def path(tmp_path: Path, empty_archive: Path) -> Path:
    return Path(shutil.copy(empty_archive, tmp_path / "archive.db"))


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.parametrize("commits", [1, 7, 20])
def test_killed_while_archiving(path: Path, commits: int) -> None:
    """Killed at any moment, the archive opens, is sound, and holds whole batches: all that were committed."""
    with start(WRITER, str(path)) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(commits)]
        process.kill()
    assert str(commits - 1) == printed[-1].strip()
    database = open_archive(path, create=False)
    cases = list(archive.iterate_cases(database))
    assert len(cases) >= commits * 5
    assert len(cases) % 5 == 0
    assert all(8 == len(case.record.messages) for case in cases)
    assert [] == list(verify(database))
    database.close()


@pytest.mark.parametrize(
    ("steps", "status", "after"),
    [
        (0, OutboxStatus.QUEUED, None),
        (1, OutboxStatus.SENDING, OutboxStatus.QUEUED),
        (2, OutboxStatus.SENDING, OutboxStatus.QUEUED),
        (3, OutboxStatus.SENDING, OutboxStatus.UNCONFIRMED),
        (4, OutboxStatus.SENT, None),
    ],
)
def test_killed_while_sending(path: Path, steps: int, status: OutboxStatus, after: OutboxStatus | None) -> None:
    """Killed between any two steps, an entry is where it was; once the intent is there, only reading decides."""
    with start(SENDER, str(path), str(steps)) as process:
        process.wait()
    database = open_archive(path, create=False)
    entry = outbox.get_entry(database, 1)
    assert status == entry.status
    if after is not None:
        assert entry.claim is not None
        assert after == outbox.release_dead_claim(database, 1, entry.claim.token, at=entry.updated_at)
    assert [] == list(verify(database))
    database.close()
