from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from storage import journal
from storage import migrations
from storage import outbox
from storage.database import Database
from storage.opening import open_archive
from storage.outbox import Baseline
from storage.outbox import Draft
from storage.outbox import OutboxStatus
from storage.process import Holder
from storage.verify import verify

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOLDER = Holder(host="desk", pid=4711, process_started_at=NOON)
EXPECTED = [OutboxStatus.DRAFT, OutboxStatus.HELD, OutboxStatus.HELD, OutboxStatus.UNCONFIRMED]


@pytest.fixture
def filled(database: Database) -> Database:
    """An archive with a draft, a queued, a claimed and a submitted entry."""
    for number in range(4):
        draft = Draft(account="acme", case_id=str(number), text="Please refund.")
        entry_id = outbox.add(database, draft, author="ann", at=NOON)
        if number > 0:
            seen = outbox.content_hash(draft)
            outbox.approve(database, entry_id, seen_hash=seen, seen_message_ids=(), approver="bob", at=NOON)
        if number > 1:
            token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
            baseline = Baseline(message_ids=(), occurrences=0, taken_at=NOON)
            outbox.record_baseline(database, entry_id, token, baseline)
        if number > 2:
            outbox.submit_started(database, entry_id, token, at=NOON)
    return database


def statuses(path: Path) -> list[OutboxStatus]:
    database = open_archive(path, at=NOON)
    found = [entry.status for entry in outbox.list_entries(database)]
    database.close()
    return found


UNTOUCHED = [OutboxStatus.DRAFT, OutboxStatus.QUEUED, OutboxStatus.SENDING, OutboxStatus.SENDING]


def copy_of_the_file(database: Database, target: Path) -> Path:
    migrations.copy_to(database, target / "copy.db")
    return target / "copy.db"


def copy_of_the_folder(database: Database, target: Path) -> Path:
    database.close()
    shutil.copytree(database.folder, target / "copy")
    return target / "copy" / database.path.name


@pytest.mark.parametrize("copy", [copy_of_the_file, copy_of_the_folder])
def test_copy_holds_what_is_unsent(
    filled: Database, tmp_path_factory: pytest.TempPathFactory, copy: Callable[[Database, Path], Path]
) -> None:
    """A copied archive sends nothing that the original may send, and says so once; the original goes on.

    The locks of the original's processes do not bind the copy.
    """
    journal.lock_account(filled, "acme", holder=HOLDER, purpose="send", at=NOON)
    path = copy(filled, tmp_path_factory.mktemp("elsewhere"))
    assert EXPECTED == statuses(path)
    database = open_archive(path)
    assert ["restored copy"] == [line.action for line in journal.list_audits(database)]
    assert "restored" == outbox.events_of(database, 2)[-1].event
    journal.lock_account(database, "acme", holder=HOLDER, purpose="send", at=NOON)
    database.close()
    assert UNTOUCHED == statuses(filled.path)


def test_restored_copy_is_sound(filled: Database, tmp_path: Path) -> None:
    """Holding what is unsent is a legal move, and `verify` knows it; a restore leads nowhere else."""
    database = open_archive(copy_of_the_file(filled, tmp_path), at=NOON)
    assert [] == list(verify(database))
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE outbox_events SET target = 'sent' WHERE entry_id = 2 AND event = 'restored'")
        connection.exec_driver_sql("UPDATE outbox_entries SET status = 'sent' WHERE id = 2")
    details = [finding.detail for finding in verify(database)]
    database.close()
    assert [
        "it went from queued to sent, which is not allowed",
        "it counts as sent without the portal's message",
    ] == details


def test_rolled_back_file(filled: Database) -> None:
    """A database that is put back to before a submit is noticed, although it lies where it always lay."""
    draft = Draft(account="acme", case_id="9", text="Please refund.")
    entry_id = outbox.add(filled, draft, author="ann", at=NOON)
    outbox.approve(
        filled,
        entry_id,
        seen_hash=outbox.content_hash(draft),
        seen_message_ids=(),
        approver="bob",
        at=NOON,
    )
    migrations.copy_to(filled, filled.folder / "backup")
    token = outbox.claim(filled, entry_id, holder=HOLDER, at=NOON)
    outbox.record_baseline(filled, entry_id, token, Baseline(message_ids=(), occurrences=0, taken_at=NOON))
    outbox.submit_started(filled, entry_id, token, at=NOON)
    filled.close()
    filled.path.write_bytes((filled.folder / "backup").read_bytes())
    assert [*EXPECTED, OutboxStatus.HELD] == statuses(filled.path)


def test_folder_put_back(filled: Database) -> None:
    """A folder that was deleted and put back whole, to where it lay, is a copy: its files were changed later."""
    filled.close()
    beside = filled.path.with_name(f"{filled.path.name}.instance")
    content = json.loads(beside.read_text())
    content["written_ns"] -= 3600 * 10**9
    beside.write_text(json.dumps(content))
    assert EXPECTED == statuses(filled.path)


def test_original_is_trusted(filled: Database) -> None:
    """Opening the same archive again, or after a rename of its folder, holds nothing."""
    filled.close()
    assert UNTOUCHED == statuses(filled.path)
    moved = filled.folder.rename(filled.folder.with_name("moved"))
    assert UNTOUCHED == statuses(moved / filled.path.name)


def test_note_beside_cannot_be_written(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply on its way does not fail because the file beside the archive cannot be written."""
    draft = Draft(account="acme", case_id="9", text="Please refund.")
    entry_id = outbox.add(filled, draft, author="ann", at=NOON)
    seen = outbox.content_hash(draft)
    outbox.approve(filled, entry_id, seen_hash=seen, seen_message_ids=(), approver="bob", at=NOON)
    token = outbox.claim(filled, entry_id, holder=HOLDER, at=NOON)
    outbox.record_baseline(filled, entry_id, token, Baseline(message_ids=(), occurrences=0, taken_at=NOON))

    def fail(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("storage.identity.write_new", fail)
    outbox.submit_started(filled, entry_id, token, at=NOON)
    assert NOON == outbox.get_entry(filled, entry_id).submit_started_at
