"""A moved archive is the same archive: it sends what was approved, and the place that it left can send nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from storage import archive
from storage import journal
from storage import outbox
from storage.blobs import blobs_of
from storage.copying import Moved
from storage.copying import move_archive
from storage.database import Database
from storage.errors import AccountBusy
from storage.errors import ArchiveUnusable
from storage.errors import NoSpace
from storage.errors import PlaceTaken
from storage.opening import open_archive
from storage.outbox import Draft
from storage.outbox import OutboxStatus
from storage.process import Holder
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.verify import verify

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOLDER = Holder(host="desk", pid=1, process_started_at=NOON)


@pytest.fixture
def filled(database: Database, run_id: str, case: Callable[..., CaseRecord]) -> Database:
    """A case with a file, a queued reply, a copy from before an upgrade, and a file that a stopped run left."""
    blob = blobs_of(database).put(b"a paper")
    paper = AttachmentRef(name="paper.pdf", size=blob.size, sha256=blob.sha256)
    archive.ingest(database, case(attachments=(paper,)), run_id=run_id, seen_at=NOON)
    blobs_of(database).put(b"left by a stopped run")
    (database.folder / f"{database.path.name}.before-0001-20260101T000000Z").write_bytes(b"older")
    draft = Draft(account="acme", case_id="1001", text="Please refund.")
    entry_id = outbox.add(database, draft, author="ann", at=NOON)
    seen = outbox.content_hash(draft)
    outbox.approve(database, entry_id, seen_hash=seen, seen_message_ids=(), approver="bob", at=NOON)
    return database


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("disk") / "there"


def do_move(database: Database, target: Path, **changes: Any) -> Moved:
    options: dict[str, Any] = {
        "actor": "ann",
        "at": NOON,
        "is_dead": lambda _holder: True,
        "point": lambda _folder: None,
    }
    return move_archive(database, target, **(options | changes))


def test_moved_archive_stays_itself(filled: Database, target: Path) -> None:
    """Cases, files and approvals come along, the old place is empty but for what was no part of the archive."""
    before = [each.record for each in archive.iterate_cases(filled)]

    moved = do_move(filled, target)

    assert (target, True) == (moved.folder, moved.same)
    there = open_archive(target / "archive.sqlite3", create=False)
    assert [OutboxStatus.QUEUED] == [entry.status for entry in outbox.list_entries(there)]
    assert before == [each.record for each in archive.iterate_cases(there)]
    assert [] == list(verify(there))
    assert ("moved", f"{filled.folder} -> {target}") in [
        (line.action, line.subject) for line in journal.list_audits(there)
    ]
    there.close()
    assert b"older" == (target / "archive.sqlite3.before-0001-20260101T000000Z").read_bytes()
    assert [b"left by a stopped run"] == [path.read_bytes() for path in filled.folder.rglob("*") if path.is_file()]
    assert (filled.folder / "blobs",) == moved.left


def test_back_again(filled: Database, target: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Moved twice, it is still itself."""
    do_move(filled, target)
    back = tmp_path_factory.mktemp("back")
    assert do_move(open_archive(target / "archive.sqlite3"), back).same
    database = open_archive(back / "archive.sqlite3", create=False)
    assert [OutboxStatus.QUEUED] == [entry.status for entry in outbox.list_entries(database)]
    database.close()
    assert [] == list(target.iterdir())


def test_nothing_can_be_begun_at_the_old_place(filled: Database, target: Path) -> None:
    """A program that had it open loses no write silently, and what cannot be removed cannot be opened."""
    other = open_archive(filled.path)
    kept = filled.path.with_name("kept")
    kept.hardlink_to(filled.path)
    do_move(filled, target)
    draft = Draft(account="acme", case_id="1001", text="Too late.")
    with pytest.raises(OperationalError):
        outbox.add(other, draft, author="ann", at=NOON)
    with pytest.raises(OperationalError):
        journal.lock_account(other, "acme", holder=HOLDER, purpose="send", at=NOON)
    other.close()
    with pytest.raises(ArchiveUnusable, match="moved elsewhere"):
        open_archive(kept)


def test_opened_before_it_was_vouched_for(filled: Database, target: Path) -> None:
    """Whoever opens the new place too early has opened a copy: then it holds what is unsent, and is told so."""

    def open_early(folder: Path) -> None:
        open_archive(folder / "archive.sqlite3").close()

    moved = do_move(filled, target, point=open_early)

    assert not moved.same
    there = open_archive(target / "archive.sqlite3")
    assert [OutboxStatus.HELD] == [entry.status for entry in outbox.list_entries(there)]
    there.close()


def test_trouble_at_the_new_place_is_told(filled: Database, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the old place was retired it has moved, whatever happens then: the reason is told, every file is there."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = {path.relative_to(filled.folder) for path in filled.folder.rglob("*") if path.is_file()}
    with monkeypatch.context() as patch:
        patch.setattr("storage.identity.write_new", fail)
        moved = do_move(filled, target)

    assert isinstance(moved.trouble, ArchiveUnusable)
    assert ("No space left on device", False) == (moved.trouble.reason, moved.same)
    assert filled.path in moved.left
    after = {path.relative_to(filled.folder) for path in filled.folder.rglob("*") if path.is_file()}
    assert before - after <= {Path(f"{filled.path.name}-wal"), Path(f"{filled.path.name}-shm")}
    there = open_archive(target / "archive.sqlite3", create=False)
    assert [OutboxStatus.HELD] == [entry.status for entry in outbox.list_entries(there)]
    there.close()


def test_copies_beside_it_need_room_too(filled: Database, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copies from before upgrades move along: a disk that has no room for them is refused before."""
    copy = filled.folder / f"{filled.path.name}.before-0002-20260101T000000Z"
    with copy.open("wb") as file:
        file.truncate(1 << 40)
    usage = shutil.disk_usage(filled.folder)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage._replace(free=1 << 39))

    with pytest.raises(NoSpace):
        do_move(filled, target)


def test_refusals_leave_everything_where_it_is(filled: Database, target: Path) -> None:
    """Work in progress, a taken or inner folder, a damaged archive, a pointer that cannot be written."""

    def fail(_folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    journal.lock_account(filled, "acme", holder=HOLDER, purpose="send", at=NOON)
    with pytest.raises(AccountBusy):
        do_move(filled, target, is_dead=lambda _holder: False)
    with pytest.raises(PlaceTaken):
        do_move(filled, filled.folder / "inner")
    with pytest.raises(PlaceTaken):
        do_move(filled, filled.folder.parent)
    with pytest.raises(ArchiveUnusable, match="Permission denied"):
        do_move(filled, target, point=fail)
    for path in (filled.folder / "blobs").rglob("*"):
        if path.is_file() and path.read_bytes() == b"a paper":
            path.write_bytes(b"a flaw")
    with pytest.raises(ArchiveUnusable, match="damaged"):
        do_move(filled, target)

    assert [] == list(target.parent.iterdir())
    assert [OutboxStatus.QUEUED] == [entry.status for entry in outbox.list_entries(filled)]
    draft = Draft(account="acme", case_id="1001", text="Still here.")
    outbox.add(filled, draft, author="ann", at=NOON)
