from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Connection
from sqlalchemy import event

from storage import archive
from storage import journal
from storage import outbox
from storage.blobs import blobs_of
from storage.database import Database
from storage.journal import Certificate
from storage.journal import Evidence
from storage.journal import RunOutcome
from storage.outbox import Baseline
from storage.outbox import Draft
from storage.outbox import OutboxFile
from storage.outbox import Proof
from storage.process import Holder
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseRef
from storage.records import MessageRecord
from storage.records import Tab
from storage.search.index import turn_subject
from storage.verify import Fault
from storage.verify import Finding
from storage.verify import Remedy
from storage.verify import verify


@pytest.fixture
def sound(
    *,
    database: Database,
    run_id: str,
    now: datetime,
    holder: Holder,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
) -> Database:
    """An archive with something of everything, in order."""
    other = journal.start_run(database, "other", scope="all", holder=holder, at=now)
    archive.ingest(database, case("2001", account="other", messages=1), run_id=other, seen_at=now)
    journal.finish_run(database, other, outcome=RunOutcome.PARTIAL, numbers={}, at=now)
    blob = blobs_of(database).put(b"content of a file")
    file = AttachmentRef(name="a.txt", size=blob.size, sha256=blob.sha256)
    archive.ingest(database, case(messages=(message(1, attachments=(file,)), message(2))), run_id=run_id, seen_at=now)
    archive.ingest(database, case(messages=(message(1, body="Edited."),), subject="New"), run_id=run_id, seen_at=now)
    ref = CaseRef(account="acme", case_id="1001")
    archive.mark_absent(database, ref, archive.AbsenceKind.GONE, run_id=run_id, at=now, evidence="404")
    (database.folder / "evidence").mkdir()
    (database.folder / "evidence" / "page.html").write_bytes(b"<html>")
    digest = hashlib.sha256(b"<html>").hexdigest()
    evidence = Evidence(at=now, kind="html", url="https://portal.example", path="evidence/page.html", sha256=digest)
    journal.record_evidence(database, run_id, evidence)
    journal.record_certificate(database, run_id, Certificate(tab=Tab.ALL, listed=1, total=1, ok=True), at=now)
    numbers = {"certificate": {"all": {"listed": 1, "total": 1, "ok": True}}}
    journal.finish_run(database, run_id, outcome=RunOutcome.COMPLETE, numbers=numbers, at=now)
    files = (OutboxFile(name="a.txt", mime=None, size=blob.size, sha256=blob.sha256),)
    draft = Draft(account="acme", case_id="1001", text="Hello", files=files)
    entry_id = outbox.add(database, draft, author="ann", at=now)
    seen = outbox.content_hash(draft)
    outbox.approve(database, entry_id, seen_hash=seen, seen_message_ids=(), approver="bob", at=now)
    token = outbox.claim(database, entry_id, holder=holder, at=now)
    outbox.record_baseline(database, entry_id, token, Baseline(message_ids=(), occurrences=0, taken_at=now))
    outbox.submit_started(database, entry_id, token, at=now)
    outbox.mark_sent(database, entry_id, token, Proof(message_id="m3"), at=now)
    return database


def change(database: Database, statement: str) -> None:
    """Change something by hand, as with the `sqlite3` command: without foreign keys and checks."""
    with sqlite3.connect(database.path) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute(statement)
    connection.close()


def faults(database: Database) -> list[tuple[Fault, Remedy]]:
    return [(finding.fault, finding.remedy) for finding in verify(database)]


def test_sound(sound: Database) -> None:
    """A sound archive has no findings."""
    assert [] == list(verify(sound))


#: What somebody changed by hand, and what has to be said about it: nothing less, nothing more.
DAMAGES = [
    ("UPDATE message_revisions SET body = 'forged' WHERE id = 1", "content"),
    ("UPDATE message_revisions SET author = 'forged' WHERE id = 3", "content"),
    ("UPDATE message_revisions SET direction = 'system' WHERE id = 3", "content"),
    ("UPDATE case_revisions SET subject = 'forged' WHERE id = 2", "content"),
    ("UPDATE case_revisions SET created_at = '2020-01-01 00:00:00.000000' WHERE id = 2", "content"),
    ("UPDATE outbox_entries SET text = 'forged'", "content"),
    ("UPDATE outbox_entries SET case_id = '1002'", "content"),
    ("UPDATE outbox_entries SET account = 'other'", "content"),
    ("UPDATE outbox_attachments SET name = 'b.txt'", "content"),
    ("UPDATE outbox_entries SET approved_hash = 'forged'", "content outbox"),
    ("UPDATE cases SET status = 'closed' WHERE id = 2", "revision"),
    ("UPDATE cases SET subject = 'forged' WHERE id = 2", "revision"),
    ("UPDATE messages SET revision = 3 WHERE id = 1", "revision"),
    ("UPDATE messages SET sent_at = '2020-01-01 00:00:00.000000' WHERE id = 1", "revision"),
    ("DELETE FROM message_revisions WHERE id = 1", "revision search"),
    ("UPDATE attachments SET case_key = 1", "revision"),
    ("UPDATE cases SET absent_since = NULL", "journal"),
    ("UPDATE absences SET run_id = (SELECT id FROM runs WHERE account = 'other')", "journal"),
    ("UPDATE absences SET kind = 'nonsense'", "journal"),
    ("DELETE FROM certificates", "journal journal"),
    ("UPDATE certificates SET ok = 0", "journal journal journal"),
    ("UPDATE certificates SET total = 2", "journal journal"),
    ("UPDATE certificates SET listed = 2, total = 2", "journal"),
    ("UPDATE runs SET finished_at = '2020-01-01 00:00:00.000000' WHERE account = 'acme'", "journal"),
    ("UPDATE runs SET finished_at = NULL WHERE account = 'acme'", "journal"),
    ("UPDATE runs SET outcome = 'splendid' WHERE account = 'acme'", "journal"),
    ("UPDATE runs SET scope = 'tab:all' WHERE account = 'acme'", "journal"),
    ("UPDATE outbox_entries SET status = 'queued'", "outbox"),
    ("UPDATE outbox_entries SET proof = NULL", "outbox"),
    ("UPDATE outbox_entries SET first_submit_at = NULL", "outbox"),
    ("UPDATE outbox_entries SET claim_token = 'x'", "outbox"),
    ("DELETE FROM outbox_events WHERE event = 'approved'", "outbox outbox"),
    ("DELETE FROM outbox_events WHERE event = 'submit_started'", "outbox outbox"),
    ("UPDATE outbox_events SET target = 'nonsense' WHERE event = 'claimed'", "outbox outbox"),
    ("DELETE FROM outbox_events", "outbox"),
    ("INSERT INTO search_index (rowid, body) VALUES (99, 'x')", "search"),
    ("INSERT INTO search_index (search_index) VALUES ('delete-all')", "search"),
    ("UPDATE search_index_data SET block = zeroblob(40) WHERE id > 10", "search"),
    ("UPDATE search_index_data SET block = zeroblob(40) WHERE id = 10", "search"),
    ("DROP TABLE search_index_docsize", "search"),
    ("UPDATE runs SET pid = 'four'", "value value"),
    ("UPDATE audits SET at = 'yesterday'", ""),
    ("UPDATE messages SET first_seen_at = 'yesterday' WHERE id = 1", "value"),
    ("UPDATE message_revisions SET sent_at = 'yesterday' WHERE id = 1", "value database"),
    ("UPDATE message_revisions SET body_html = x'00ff' WHERE id = 1", "value"),
    ("UPDATE message_revisions SET body = x'00ff' WHERE id = 1", "value database"),
    ("UPDATE outbox_entries SET proof = '{'", "value database"),
    ("DROP INDEX uq_outbox_entries_conversation", "database"),
    ("DROP TABLE sign_ins", "database"),
]


@pytest.mark.parametrize(("statement", "expected"), DAMAGES)
def test_tampering(sound: Database, statement: str, expected: str) -> None:
    """Whatever was changed behind the archive's back is found, and nothing else."""
    change(sound, statement)
    assert expected.split() == [finding.fault for finding in verify(sound)]


def test_index_with_other_words(sound: Database) -> None:
    """An index in which a message has another subject than its case is sound in itself, and still found out."""
    with sound.write() as connection:
        turn_subject(connection, 2, "acme", before="New", after="Case 1001")

    assert [
        Finding(
            fault=Fault.SEARCH,
            where="search index",
            detail="its words are not those of the contents",
            remedy=Remedy.REBUILD_SEARCH,
        )
    ] == list(verify(sound))


def test_writers_wait_for_the_indexs_own_check_only(sound: Database) -> None:
    """Whatever is compared and counted, only that is done in a writer's place which no reader may ask of the index."""
    written: list[str] = []

    @event.listens_for(sound.engine, "before_cursor_execute")
    def note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if connection.get_execution_options().get("caselog_write"):
            written.append(statement)

    assert [] == list(verify(sound))
    assert [
        "PRAGMA synchronous=NORMAL",
        "PRAGMA fullfsync=OFF",
        "BEGIN IMMEDIATE",
        "INSERT INTO search_index (search_index) VALUES ('integrity-check')",
    ] == written


@pytest.mark.parametrize(
    "move",
    [
        ("submit_started", "sending", "sending"),
        ("claimed", "queued", "sending"),
    ],
)
def test_outbox_history(sound: Database, move: tuple[str, str, str]) -> None:
    """A second submit without a person's decision, or a jump, is found in an entry's history."""
    with sound.write() as connection:
        connection.exec_driver_sql("UPDATE outbox_entries SET status = 'sending'")
        connection.exec_driver_sql(
            "INSERT INTO outbox_events (entry_id, at, actor, reason, detail, event, source, target)"
            " VALUES (1, '2026-11-24 12:00:00.000000', 'x', '', '{}', ?, ?, ?)",
            move,
        )
    assert {Fault.OUTBOX} == {fault for fault, _ in faults(sound)}


def test_orphan(sound: Database) -> None:
    """A row whose owner is missing is found."""
    raw = sound.engine.raw_connection()
    raw.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
    raw.driver_connection.execute("UPDATE attachments SET message_key = 77")  # type: ignore[union-attr]
    raw.close()
    assert (Fault.DATABASE, Remedy.RESTORE) in faults(sound)


def test_blobs(sound: Database) -> None:
    """A flipped bit, a missing file and a file that nobody knows are told apart; who used it is named."""
    store = blobs_of(sound)
    (sha256,) = store
    store.path(sha256).write_bytes(b"content of a filf")
    (finding,) = verify(sound)
    assert (Fault.BLOB_DAMAGED, Remedy.RESTORE, f"blob {sha256}") == (finding.fault, finding.remedy, finding.where)
    assert "acme/1001 'a.txt', outbox entry 1 'a.txt'" in finding.detail
    store.path(sha256).unlink()
    assert [(Fault.BLOB_MISSING, Remedy.RESTORE)] == faults(sound)
    store.put(b"content of a file")
    store.put(b"left behind by a crash")
    assert [(Fault.BLOB_UNKNOWN, Remedy.NOTHING)] == faults(sound)


def test_a_content_that_the_portal_still_shows_can_be_fetched_again(
    database: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
) -> None:
    """Where case and attachment were there at the last look, a backup mends what the disk lost."""
    blob = blobs_of(database).put(b"content of a file")
    file = AttachmentRef(name="a.txt", size=blob.size, sha256=blob.sha256)
    archive.ingest(database, case(messages=(message(1, attachments=(file,)),)), run_id=run_id, seen_at=now)
    blobs_of(database).path(blob.sha256).unlink()

    assert [(Fault.BLOB_MISSING, Remedy.FETCH)] == faults(database)


def test_evidence(sound: Database) -> None:
    """Changed and missing evidence is found."""
    path = sound.folder / "evidence" / "page.html"
    path.write_bytes(b"<HTML>")
    assert [Fault.EVIDENCE] == [finding.fault for finding in verify(sound)]
    path.unlink()
    assert ["the file is missing"] == [finding.detail for finding in verify(sound)]


def test_erased_content(sound: Database) -> None:
    """A content that a person erased is no damage: its hash stays as the stub of what was there."""
    with sound.write() as connection:
        connection.exec_driver_sql(
            "UPDATE message_revisions SET body = NULL, erased_at = '2026-11-24 12:00:00.000000' WHERE id = 1"
        )
    assert {Fault.SEARCH} == {fault for fault, _ in faults(sound)}
