"""Copies while others write, and copies, restores and moves that are killed in the middle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from storage import archive
from storage import journal
from storage import outbox
from storage.blobs import blobs_of
from storage.copying import copy_archive
from storage.copying import restore_archive
from storage.database import Database
from storage.database import open_database
from storage.errors import CopyUnusable
from storage.opening import open_archive
from storage.outbox import OutboxStatus
from storage.process import Holder
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.verify import verify
from tests.unit.storage.killing import points
from tests.unit.storage.killing import run
from tests.unit.storage.killing import start

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

WRITER = """
import itertools, sys
from datetime import UTC, datetime
from storage import archive, journal
from storage.blobs import blobs_of
from storage.opening import open_archive
from storage.process import Holder
from storage.records import AttachmentRef, CaseRecord, CaseStatus

now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
database = open_archive(sys.argv[1])
run_id = journal.start_run(
    database, "acme", scope="all", holder=Holder(host="desk", pid=1, process_started_at=now), at=now
)
for number in itertools.count():
    records = []
    for n in range(5):
        blob = blobs_of(database).put(f"file {number} {n}".encode() * 500)
        records.append(
            CaseRecord(account="acme", case_id=f"{number}-{n}", subject="s", status=CaseStatus.CLOSED, status_raw="",
                       created_at=now, created_at_raw=None, updated_at=now, updated_at_raw=None, url="", complete=True,
                       attachments=(AttachmentRef(name="a", size=blob.size, sha256=blob.sha256),))
        )
    archive.ingest_batch(database, records, run_id=run_id, seen_at=now)
    print(number, flush=True)
"""

#: Does one of the three to a source, a target and whatever else it needs.
VICTIM = """
from storage import copying
from storage.opening import open_archive

if what == "restore":
    copying.restore_archive(source, target, actor="ann", at=now)
else:
    database = open_archive(source, create=False, at=now)
    if what == "copy":
        copying.copy_archive(database, target, actor="ann", at=now)
    else:
        pointer = target.with_name(f"{target.name}.pointer")

        def point(folder):
            fresh = pointer.with_name(f"{pointer.name}.new")
            fresh.write_text(str(folder))
            os.replace(fresh, pointer)

        copying.move_archive(database, target, actor="ann", at=now, is_dead=lambda holder: True, point=point)
"""


@pytest.fixture
def path(tmp_path: Path, empty_archive: Path) -> Path:
    (tmp_path / "home").mkdir()
    return Path(shutil.copy(empty_archive, tmp_path / "home" / "archive.sqlite3"))


@pytest.fixture
def filled(path: Path) -> Iterator[Database]:
    """Two cases with a file each, and a queued reply."""
    database = open_archive(path, at=NOON)
    holder = Holder(host="desk", pid=1, process_started_at=NOON)
    run_id = journal.start_run(database, "acme", scope="all", holder=holder, at=NOON)
    for number in (1, 2):
        blob = blobs_of(database).put(f"file {number}".encode())
        archive.ingest(database, a_case(number, blob.sha256, blob.size), run_id=run_id, seen_at=NOON)
    draft = outbox.Draft(account="acme", case_id="1", text="Please refund.")
    entry_id = outbox.add(database, draft, author="ann", at=NOON)
    seen = outbox.content_hash(draft)
    outbox.approve(database, entry_id, seen_hash=seen, seen_message_ids=(), approver="bob", at=NOON)
    yield database
    database.close()


def a_case(number: int, sha256: str, size: int) -> CaseRecord:
    return CaseRecord(
        account="acme",
        case_id=str(number),
        subject=f"Case {number}",
        status=CaseStatus.CLOSED,
        status_raw="",
        created_at=NOON,
        created_at_raw=None,
        updated_at=NOON,
        updated_at_raw=None,
        url="",
        complete=True,
        attachments=(AttachmentRef(name="a.txt", size=size, sha256=sha256),),
    )


def look(path: Path) -> tuple[int, list[OutboxStatus]]:
    """Cases and entries of a sound archive."""
    database = open_archive(path, create=False, at=NOON)
    assert [] == list(verify(database))
    found = archive.count_cases(database), [entry.status for entry in outbox.list_entries(database)]
    database.close()
    return found


WHOLE = 2, [OutboxStatus.QUEUED]
HELD = 2, [OutboxStatus.HELD]


def test_copied_while_a_backup_writes(path: Path, tmp_path: Path) -> None:
    """Each copy is one committed state: whole batches, every file there, sound; the writer goes on undisturbed."""
    database = open_archive(path)
    with start(WRITER, path) as writer:
        assert writer.stdout is not None
        counts = []
        for number in range(4):
            committed = int(writer.stdout.readline())
            made = copy_archive(database, tmp_path / f"copy{number}", actor="ann", at=NOON)
            assert () == made.findings
            copy = open_database(made.folder / "archive.sqlite3", create=False)
            counts.append(archive.count_cases(copy))
            copy.close()
            assert counts[-1] >= 5 * (committed + 1)
        writer.kill()
    database.close()
    assert [0, 0, 0, 0] == [count % 5 for count in counts]
    assert counts == sorted(counts)


def test_copy_killed_at_any_step(filled: Database, tmp_path: Path) -> None:
    """The archive is sound and sends what it would have sent; the copy is whole, or has no name yet."""
    filled.close()
    steps = run(VICTIM, "copy", filled.path, tmp_path / "whole", 0)
    for last in points(steps):
        target = tmp_path / f"copy{last}"
        run(VICTIM, "copy", filled.path, target, last)
        assert look(filled.path) == WHOLE
        if target.exists():
            restore_archive(target, tmp_path / f"restored{last}", actor="ann", at=NOON)
            assert look(tmp_path / f"restored{last}" / "archive.sqlite3") == HELD
        for part in tmp_path.glob(f"{target.name}.*"):
            assert part.name.endswith(".incomplete")
    assert (tmp_path / "whole").exists()


def test_half_a_copy_is_none(filled: Database, tmp_path: Path) -> None:
    """A copy that was broken off before its manifest cannot be restored, whatever it is called."""
    copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON)
    (tmp_path / "copy" / "caselog-copy.json").unlink()
    with pytest.raises(CopyUnusable):
        restore_archive(tmp_path / "copy", tmp_path / "there", actor="ann", at=NOON)


def test_restore_killed_at_any_step(filled: Database, tmp_path: Path) -> None:
    """What is restored is whole and holds what is unsent, or is not there, and the next try succeeds."""
    copy = copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON).folder
    steps = run(VICTIM, "restore", copy, tmp_path / "whole", 0)
    for last in points(steps):
        target = tmp_path / f"there{last}"
        run(VICTIM, "restore", copy, target, last)
        if not target.exists():
            restore_archive(copy, target, actor="ann", at=NOON)
        assert look(target / "archive.sqlite3") == HELD


@pytest.mark.long
def test_move_killed_at_any_step(filled: Database, tmp_path: Path) -> None:
    """Where caselog is pointed to lies a whole archive; when it is not the same any more, it holds what is unsent."""
    filled.close()
    shutil.copytree(filled.folder, tmp_path / "pattern")
    ends = []
    steps = None
    for last in (0, *range(1, 200)):
        if steps is not None and last not in points(steps, 9):
            continue
        source, target = tmp_path / f"home{last}", tmp_path / f"there{last}"
        shutil.copytree(tmp_path / "pattern", source)
        # A copied folder would count as a copy: each source has its own identity and its own approved reply.
        approve_again(source / "archive.sqlite3")
        count = run(VICTIM, "move", source / "archive.sqlite3", target, last)
        steps = steps or count
        pointed = target.with_name(f"{target.name}.pointer").exists()
        state = look((target if pointed else source) / "archive.sqlite3")
        assert state == WHOLE or (pointed and state == HELD)
        ends.append((pointed, state == WHOLE))
    assert ends[0] == (True, True)
    assert {(False, True), (True, True)} <= set(ends)


def approve_again(path: Path) -> None:
    database = open_archive(path, at=NOON)
    outbox.resolve(database, 1, OutboxStatus.QUEUED, person="ann", reason="a copy for a test", at=NOON)
    database.close()
