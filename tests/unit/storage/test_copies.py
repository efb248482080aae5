"""Copies: made while the archive is used, whole or absent, and restored as archives of their own."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from storage import archive
from storage import journal
from storage import migrations
from storage import outbox
from storage.blobs import blobs_of
from storage.copying import KnownCopy
from storage.copying import copy_archive
from storage.copying import known_copies
from storage.copying import restore_archive
from storage.copying.manifest import read_manifest
from storage.database import Database
from storage.database import open_database
from storage.errors import ArchiveNewer
from storage.errors import ArchiveUnusable
from storage.errors import CopyUnusable
from storage.errors import NoSpace
from storage.errors import PlaceTaken
from storage.opening import open_archive
from storage.outbox import Draft
from storage.outbox import OutboxStatus
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import MessageRecord
from storage.verify import Fault
from storage.verify import verify

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PAPER = b"%PDF-1 a paper"
PAGE = b"<html>a page</html>"


@pytest.fixture
def filled(
    database: Database,
    run_id: str,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
) -> Database:
    """A case with a file, a page of evidence, a queued reply and a draft."""
    blob = blobs_of(database).put(PAPER)
    paper = AttachmentRef(name="paper.pdf", size=blob.size, sha256=blob.sha256)
    archive.ingest(database, case(messages=(message(1, attachments=(paper,)),)), run_id=run_id, seen_at=NOON)
    page = database.folder / "evidence" / "acme" / "1" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_bytes(PAGE)
    journal.record_evidence(
        database,
        run_id,
        journal.Evidence(
            at=NOON,
            kind="blank",
            url="https://portal.example/case/1001",
            path="evidence/acme/1/page.html",
            sha256=hashlib.sha256(PAGE).hexdigest(),
            case_id="1001",
        ),
    )
    queue(database, "1001")
    outbox.add(database, Draft(account="acme", case_id="1002", text="Not yet."), author="ann", at=NOON)
    return database


def queue(database: Database, case_id: str) -> int:
    draft = Draft(account="acme", case_id=case_id, text="Please refund.")
    entry_id = outbox.add(database, draft, author="ann", at=NOON)
    seen = outbox.content_hash(draft)
    outbox.approve(database, entry_id, seen_hash=seen, seen_message_ids=("m1",), approver="bob", at=NOON)
    return entry_id


@pytest.fixture
def copied(filled: Database, tmp_path: Path) -> Path:
    return copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON).folder


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def cases_of(database: Database) -> list[CaseRecord]:
    return [each.record for each in archive.iterate_cases(database)]


def statuses(path: Path) -> list[OutboxStatus]:
    database = open_archive(path, create=False, at=NOON)
    found = [entry.status for entry in outbox.list_entries(database)]
    database.close()
    return found


def test_copy_holds_everything_and_is_private(filled: Database, copied: Path) -> None:
    """Database, attachments, evidence and a manifest, sound, nobody else's to read; nothing of a copy in progress."""
    paper = hashlib.sha256(PAPER).hexdigest()
    files = {"archive.sqlite3", f"blobs/{paper[:2]}/{paper}", "evidence/acme/1/page.html"}

    assert files | {"caselog-copy.json"} == tree(copied)
    assert files == set(read_manifest(copied).files)
    copy = open_database(copied / "archive.sqlite3", create=False)
    assert [] == list(verify(copy))
    assert cases_of(filled) == cases_of(copy)
    copy.close()
    assert ["copy"] == [path.name for path in copied.parent.glob("copy*")]
    if sys.platform != "win32":
        modes = {path.stat().st_mode & 0o777 for path in (copied, *copied.rglob("*")) if path.is_dir()}
        assert {0o700} == modes
        assert {0o600} == {path.stat().st_mode & 0o777 for path in copied.rglob("*") if path.is_file()}


def test_leftovers_and_erased_files_are_not_copied(filled: Database, tmp_path: Path) -> None:
    """What no row refers to, or a person erased, is no part of the archive."""
    blobs_of(filled).put(b"left behind by a stopped run")
    (filled.folder / "evidence" / "acme" / "stray.html").write_text("stray")
    with filled.write() as connection:
        connection.exec_driver_sql("UPDATE evidence SET erased_at = ?", ("2026-11-24 12:00:00",))

    made = copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON)

    paper = hashlib.sha256(PAPER).hexdigest()
    assert {"archive.sqlite3", f"blobs/{paper[:2]}/{paper}", "caselog-copy.json"} == tree(made.folder)


def test_copy_of_a_damaged_archive_tells(filled: Database, tmp_path: Path) -> None:
    """One damaged attachment does not keep everything else from being saved, and is never passed on as whole."""
    path = blobs_of(filled).path(hashlib.sha256(PAPER).hexdigest())
    path.write_bytes(PAPER.replace(b"a", b"b"))

    made = copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON)

    assert [Fault.BLOB_MISSING] == [finding.fault for finding in made.findings]
    assert cases_of(filled)
    assert not [name for name in tree(made.folder) if name.startswith("blobs")]


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_what_cannot_be_read_is_left_out_and_told(filled: Database, tmp_path: Path, what: str) -> None:
    """A missing or unreadable file, the configuration too, costs itself alone; no empty file stands for it."""
    paper = hashlib.sha256(PAPER).hexdigest()
    path = blobs_of(filled).path(paper)
    path.unlink()
    if what == "folder":
        path.mkdir()

    made = copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON, others={"config/p.toml": path})

    reason = {"missing": "No such file or directory", "folder": "Is a directory"}[what]
    assert {f"blobs/{paper[:2]}/{paper}": reason, "config/p.toml": reason} == made.left_out
    assert [Fault.BLOB_MISSING] == [finding.fault for finding in made.findings]
    assert {"archive.sqlite3", "evidence/acme/1/page.html", "caselog-copy.json"} == tree(made.folder)


def test_nothing_is_overwritten(filled: Database, copied: Path) -> None:
    """A folder with anything in it is refused; an empty one is filled."""
    with pytest.raises(PlaceTaken):
        copy_archive(filled, copied, actor="ann", at=NOON)
    (copied.parent / "empty").mkdir()
    copy_archive(filled, copied.parent / "empty", actor="ann", at=NOON)
    assert tree(copied) == tree(copied.parent / "empty")


def test_full_disk_is_seen_before(filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the copy would not fit, nothing is written."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage._replace(free=1000))

    with pytest.raises(NoSpace) as refusal:
        copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON)

    assert 1000 == refusal.value.free
    assert [] == list(tmp_path.glob("copy*"))


def test_disk_that_fills_meanwhile(filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that breaks off leaves nothing, and is not noted as a copy."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.copying.copy.write_manifest", fail)
    with pytest.raises(Exception, match="No space left"):
        copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON)

    assert [] == list(tmp_path.glob("copy*"))
    assert () == known_copies(filled)


def test_copies_are_known(filled: Database, copied: Path) -> None:
    """The archive knows where its copies were put, those from before upgrades too, and whether they are there."""
    (filled.folder / f"{filled.path.name}.before-0001-20260101T000000Z").touch()
    shutil.rmtree(copied)

    found = [(each.path.name, each.made_at, each.exists) for each in known_copies(filled)]

    assert [("archive.db.before-0001-20260101T000000Z", None, True), ("copy", NOON, False)] == found


def test_restored_copy_holds_what_is_unsent(filled: Database, copied: Path, tmp_path: Path) -> None:
    """The copy is an archive of its own: same cases, nothing to send; the original sends what was approved."""
    done = restore_archive(copied, tmp_path / "there", actor="ann", at=NOON)

    assert (tmp_path / "there", 1, False, ()) == (done.folder, done.held, done.outdated, done.findings)
    assert [OutboxStatus.HELD, OutboxStatus.DRAFT] == statuses(tmp_path / "there" / "archive.sqlite3")
    assert [OutboxStatus.QUEUED, OutboxStatus.DRAFT] == statuses(filled.path)
    database = open_archive(tmp_path / "there" / "archive.sqlite3", create=False)
    assert cases_of(filled) == cases_of(database)
    # Whatever happens to the copy later, only its own submits count.
    assert ["restored", "restored copy"] == [line.action for line in journal.list_audits(database)]
    assert PAPER == blobs_of(database).path(hashlib.sha256(PAPER).hexdigest()).read_bytes()
    database.close()


def test_restore_overwrites_nothing(filled: Database, copied: Path) -> None:
    """An archive is never replaced, not even by its own copy."""
    before = filled.path.read_bytes()
    with pytest.raises(PlaceTaken):
        restore_archive(copied, filled.folder, actor="ann", at=NOON)
    assert before == filled.path.read_bytes()


@pytest.mark.parametrize("name", ["archive.sqlite3", "evidence/acme/1/page.html"])
def test_changed_copy_is_refused(copied: Path, tmp_path: Path, name: str) -> None:
    """One flipped bit is found before anything is written, and the file is named."""
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)

    with pytest.raises(CopyUnusable) as refusal:
        restore_archive(copied, tmp_path / "there", actor="ann", at=NOON)

    assert (f"{name}: it is not what was copied",) == refusal.value.problems
    assert not (tmp_path / "there").exists()


def test_incomplete_copy_is_refused(copied: Path, tmp_path: Path) -> None:
    """A missing file, a missing manifest, or half of one: no copy."""
    (copied / "evidence/acme/1/page.html").unlink()
    with pytest.raises(CopyUnusable, match="page"):
        restore_archive(copied, tmp_path / "there", actor="ann", at=NOON)
    manifest = copied / "caselog-copy.json"
    manifest.write_text(manifest.read_text()[:-20])
    with pytest.raises(CopyUnusable, match="cannot be read"):
        restore_archive(copied, tmp_path / "there", actor="ann", at=NOON)
    manifest.unlink()
    with pytest.raises(CopyUnusable, match="no whole copy"):
        restore_archive(copied, tmp_path / "there", actor="ann", at=NOON)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", "C:\\\\windows", "a\\\\b", ""])
def test_names_stay_inside(copied: Path, tmp_path: Path, name: str) -> None:
    """A manifest that somebody prepared cannot reach out of the folder."""
    manifest = copied / "caselog-copy.json"
    manifest.write_text(manifest.read_text().replace("evidence/acme/1/page.html", name))
    with pytest.raises(CopyUnusable, match="leads out of the copy"):
        restore_archive(copied, tmp_path / "there", actor="ann", at=NOON)


def test_others_are_put_back_only_where_nothing_is(filled: Database, tmp_path: Path) -> None:
    """A configuration comes along, and never replaces one that is there."""
    (tmp_path / "mine.toml").write_text("mine")
    others = {"config/caselog.toml": tmp_path / "mine.toml", "config/profiles/p.toml": tmp_path / "mine.toml"}
    copy = copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON, others=others).folder
    config = tmp_path / "config" / "caselog.toml"
    config.parent.mkdir()
    config.write_text("theirs")
    places = {"config/caselog.toml": config, "config/profiles/": config.parent / "profiles"}

    done = restore_archive(copy, tmp_path / "there", actor="ann", at=NOON, others=places)

    assert ((config.parent / "profiles" / "p.toml",), (config,)) == (done.written, done.kept)
    assert "theirs" == config.read_text()
    assert "mine" == done.written[0].read_text()


def test_failed_restore_leaves_nothing(filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore that breaks off has not brought the configuration either, so that the next one brings both."""
    (tmp_path / "mine.toml").write_text("mine")
    others = {"config/caselog.toml": tmp_path / "mine.toml"}
    copy = copy_archive(filled, tmp_path / "copy", actor="ann", at=NOON, others=others).folder
    places = {"config/caselog.toml": tmp_path / "there" / "caselog.toml"}

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("storage.copying.restore.verify", fail)
        with pytest.raises(ArchiveUnusable, match="No space left"):
            restore_archive(copy, tmp_path / "there" / "data", actor="ann", at=NOON, others=places)

    assert [] == list((tmp_path / "there").iterdir())
    done = restore_archive(copy, tmp_path / "there" / "data", actor="ann", at=NOON, others=places)
    assert (tmp_path / "there" / "caselog.toml",) == done.written
    assert {"caselog.toml", "data"} == {path.name for path in (tmp_path / "there").iterdir()}


def test_restored_archive_knows_where_it_came_from(filled: Database, copied: Path, tmp_path: Path) -> None:
    """An erasure in it cannot reach that copy, and has to name it; the original's own list is as it was."""
    restore_archive(copied, tmp_path / "there", actor="ann", at=NOON)

    database = open_archive(tmp_path / "there" / "archive.sqlite3", create=False)
    assert (KnownCopy(copied, None, exists=True),) == known_copies(database)
    database.close()
    assert (KnownCopy(copied, NOON, exists=True),) == known_copies(filled)


def test_copy_of_another_version(tmp_path: Path, copied: Path) -> None:
    """A newer copy is refused; an older one is restored as it is, to be upgraded, and holds its replies then."""
    manifest = copied / "caselog-copy.json"
    content = manifest.read_text()
    manifest.write_text(content.replace(f'"schema": "{migrations.HEAD}"', '"schema": "9999"'))
    with pytest.raises(ArchiveNewer):
        restore_archive(copied, tmp_path / "there", actor="ann", at=NOON)
    old = open_database(tmp_path / "old.db")
    with old.write() as connection:
        migrations.migrate(connection, "0003")
    migrations.copy_to(old, tmp_path / "older" / "archive.sqlite3")
    old.close()
    digest = hashlib.sha256((tmp_path / "older" / "archive.sqlite3").read_bytes()).hexdigest()
    size = (tmp_path / "older" / "archive.sqlite3").stat().st_size
    (tmp_path / "older" / "caselog-copy.json").write_text(
        '{"format": 1, "made_at": "2026-01-01T00:00:00+00:00", "schema": "0003",'
        f' "files": {{"archive.sqlite3": {{"size": {size}, "sha256": "{digest}"}}}}}}'
    )

    done = restore_archive(tmp_path / "older", tmp_path / "there", actor="ann", at=NOON)

    assert done.outdated
    restored = open_database(tmp_path / "there" / "archive.sqlite3")
    assert migrations.upgrade(restored, NOON, is_dead=lambda _: False) is not None
    restored.close()
    restored = open_archive(tmp_path / "there" / "archive.sqlite3")
    assert tmp_path / "older" in [copy.path for copy in known_copies(restored)]
    restored.close()
