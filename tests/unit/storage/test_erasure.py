"""Erasure: nothing of it is left in any byte of the archive's files, everything else is, and it does not come back."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import archive
from storage import journal
from storage import outbox
from storage.archive import ChangeKind
from storage.blobs import blobs_of
from storage.copying import copy_archive
from storage.database import Database
from storage.erasure.erase import erase
from storage.erasure.finish import finish
from storage.erasure.preview import preview
from storage.erasure.scope import Scope
from storage.erasure.stubs import erased_account
from storage.erasure.stubs import lift_account
from storage.erasure.stubs import list_erasures
from storage.errors import AccountBusy
from storage.errors import AlreadyQueued
from storage.errors import EntriesOpen
from storage.errors import Erased
from storage.errors import NotFound
from storage.errors import StaleApproval
from storage.outbox import Draft
from storage.outbox import OutboxFile
from storage.process import Holder
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseRef
from storage.records import MessageRecord
from storage.records import Tab
from storage.search import search
from storage.verify import Finding
from storage.verify import Remedy
from storage.verify import verify

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
HOLDER = Holder(host="desk", pid=1, process_started_at=NOON)
#: Stands in everything that is to be erased, in several scripts; the index folds cases and cuts the last one in pairs.
MARKERS = ("Xyzzymarker", "Grüßgeheim", "秘密情報")
MARKER = " ".join(MARKERS)
CASE = Scope(account="acme", case_id="1001")
ACCOUNT = Scope(account="acme")
MESSAGE = Scope(account="acme", case_id="1001", message_id="m1")
KEPT = CaseRef(account="acme", case_id="1002")

CaseBuilder = Callable[..., CaseRecord]
MessageBuilder = Callable[..., MessageRecord]


@pytest.fixture
def secret_case(case: CaseBuilder, message: MessageBuilder) -> Callable[..., CaseRecord]:
    """A case that has the markers wherever a portal's texts go."""

    def build(**changes: Any) -> CaseRecord:
        file = AttachmentRef(name=f"{MARKER}.pdf", url=f"https://portal.example/{MARKER}", mime="text/plain")
        long = f"{MARKER} {'long ' * 20_000} {MARKER}"
        thread = (
            message(1, body=long, body_html=f"<p>{long}</p>", author=MARKER, sent_at_raw=MARKER, attachments=(file,)),
            message(2, body=MARKER),
        )
        fields: dict[str, Any] = {
            "subject": MARKER,
            "status_raw": MARKER,
            "created_at_raw": MARKER,
            "updated_at_raw": MARKER,
            "url": f"https://portal.example/case/{MARKER}",
            "messages": thread,
            "attachments": (file,),
        }
        return case("1001", **(fields | changes))

    return build


@pytest.fixture
def filled(
    database: Database, run_id: str, case: CaseBuilder, secret_case: Callable[..., CaseRecord], message: MessageBuilder
) -> Database:
    """The markers in every table, index and file; beside them a case that has a file in common."""
    archive.ingest(database, secret_case(), run_id=run_id, seen_at=NOON)
    # Earlier contents, and lines of the change log that quote them.
    edited = (message(1, body=f"{MARKER} edited"), message(2, body=f"{MARKER} two"), message(3))
    archive.ingest(database, secret_case(subject=f"{MARKER} again", messages=edited), run_id=run_id, seen_at=NOON)
    archive.mark_absent(
        database, CASE_REF, archive.AbsenceKind.UNLISTED, run_id=run_id, at=NOON, evidence=f"own link: {MARKER}"
    )
    shared = AttachmentRef(name="shared.txt", url="https://portal.example/shared")
    archive.ingest(database, case("1002", attachments=(shared,)), run_id=run_id, seen_at=NOON)
    for pending in archive.pending_files(database, "acme"):
        attach(database, pending.attachment_id, b"shared by two")
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE attachments SET gone_at = NULL")
    alone = blobs_of(database).put(MARKER.encode())
    with database.write() as connection:
        archive.files.register_blob(connection, alone.sha256, alone.size, NOON)
        connection.exec_driver_sql("UPDATE attachments SET sha256 = ? WHERE message_key = 1", (alone.sha256,))
    fill_journal(database, run_id)
    # A part lies in the database itself, the rest in the log.
    pooled = database.engine.raw_connection()
    pooled.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
    pooled.close()
    fill_outbox(database)
    return database


CASE_REF = CaseRef(account="acme", case_id="1001")


def attach(database: Database, attachment_id: int, content: bytes) -> None:
    blob = blobs_of(database).put(content)
    archive.attach(database, attachment_id, sha256=blob.sha256, size=blob.size, at=NOON)


def fill_journal(database: Database, run_id: str) -> None:
    url = f"https://portal.example/case/{MARKER}?page=2"
    page = journal.PageRead(
        at=NOON, url=url, page_kind="case", lane="live", engine="chromium", verdict="ok", milliseconds=1
    )
    journal.record_pages(database, run_id, [page])
    journal.begin_recovery(
        database, run_id, url=url, verdict="blank", rung="reload", engine="chromium", engine_version="1", at=NOON
    )
    for name in ("noted.html", "stray.html"):
        path = database.folder / "evidence" / "acme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MARKER, "utf-8")
        os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    digest = hashlib.sha256(MARKER.encode()).hexdigest()
    noted = journal.Evidence(at=NOON, kind="blank", url=url, path="evidence/acme/noted.html", sha256=digest)
    journal.record_evidence(database, run_id, noted)
    journal.record_certificate(database, run_id, journal.Certificate(tab=Tab.ALL, listed=2, total=2, ok=True), at=NOON)
    numbers = {
        "missed": [f"case 1001: attachment {MARKER}.pdf", "case 1002: attachment shared.txt"],
        "recoveries": [{"url": url, "verdict": "blank"}],
    }
    journal.finish_run(database, run_id, outcome=journal.RunOutcome.PARTIAL, numbers=numbers, at=NOON)


def fill_outbox(database: Database) -> None:
    """One reply that was sent and is the case's first message, one that was cancelled, one of another case."""
    sent = outbox.add(database, sent_draft(database), author="ann", at=NOON)
    shown = outbox.get_entry(database, sent)
    outbox.approve(database, sent, seen_hash=shown.content_hash, seen_message_ids=(), approver="bob", at=NOON)
    token = outbox.claim(database, sent, holder=HOLDER, at=NOON)
    baseline = outbox.Baseline(message_ids=(), occurrences=0, taken_at=NOON, files=(f"{MARKER}.pdf",))
    outbox.record_baseline(database, sent, token, baseline)
    outbox.submit_started(database, sent, token, at=NOON)
    outbox.mark_sent(database, sent, token, outbox.Proof(message_id="m1", detail=MARKER), at=NOON)
    other = outbox.add(database, Draft(account="acme", case_id="1001", text=f"{MARKER}!"), author="ann", at=NOON)
    outbox.cancel(database, other, actor="ann", at=NOON, reason=MARKER)
    outbox.add(database, Draft(account="acme", case_id="1002", text="Kept."), author="ann", at=NOON)


def sent_draft(database: Database) -> Draft:
    blob = blobs_of(database).put(f"sent {MARKER}".encode())
    file = OutboxFile(name=f"{MARKER}.txt", mime="text/plain", size=blob.size, sha256=blob.sha256)
    return Draft(account="acme", case_id="1001", text=MARKER, files=(file,))


def do_erase(database: Database, scope: Scope, **changes: Any) -> bool:
    options: dict[str, Any] = {"actor": "ann", "reason": "asked for it", "at": LATER, "is_dead": lambda _holder: True}
    digest = changes.pop("digest", None) or preview(database, scope).digest
    return erase(database, scope, digest, **(options | changes)).trouble is None


def do_finish(database: Database) -> None:
    finish(database, LATER, is_dead=lambda _holder: True)


def forms(marker: str) -> Iterator[bytes]:
    """How a text may lie in a file: whole, folded by the index, or cut in pairs by it; in several encodings."""
    texts = {marker, marker.lower(), marker.casefold()}
    if not marker[0].isascii():
        texts |= {marker[n : n + 2] for n in range(3)}
    for text in texts:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "unicode_escape"):
            yield text.encode(encoding)


def readable(content: bytes) -> Iterator[bytes]:
    yield content
    for unpack in (zlib.decompress, gzip.decompress):
        with suppress(zlib.error, OSError, EOFError):
            yield unpack(content)


def places_of_markers(database: Database, markers: tuple[str, ...] = MARKERS) -> set[str]:
    """Every file and every value of every table, the index's own included, that has a marker in any form."""
    wanted = {form for marker in markers for form in forms(marker) if len(form) > 4}
    found: set[str] = set()
    with database.read() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        for table in tables:
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):  # noqa: S608 - names of our own tables
                values = [value.encode() if isinstance(value, str) else value for value in row]
                contents = [each for value in values if isinstance(value, bytes) for each in readable(value)]
                if any(form in content for content in contents for form in wanted):
                    found.add(table)
    for path in database.folder.rglob("*"):
        if path.is_file() and any(form in path.read_bytes() for form in wanted):
            found.add(path.relative_to(database.folder).as_posix())
        if any(marker in path.name for marker in markers):
            found.add(path.name)
    return found


def damage(database: Database) -> list[Finding]:
    return [finding for finding in verify(database) if finding.remedy is not Remedy.NOTHING]


def test_the_search_for_markers_finds_them(filled: Database) -> None:
    """Before the erasure they are everywhere, so that their absence afterwards says something."""
    assert {
        "absences",
        "archive.db",
        "archive.db-wal",
        "attachments",
        "case_revisions",
        "cases",
        "changes",
        "evidence",
        "evidence/acme/noted.html",
        "evidence/acme/stray.html",
        "message_revisions",
        "outbox_attachments",
        "outbox_entries",
        "outbox_events",
        "page_reads",
        "recovery_attempts",
        "runs",
        "search_index_data",
    } <= places_of_markers(filled)


@pytest.mark.parametrize("scope", [CASE, ACCOUNT], ids=["case", "account"])
def test_nothing_of_it_is_left_in_any_byte(filled: Database, scope: Scope) -> None:
    """Not in a table, an index, a blob, a revision, the evidence, the log or a free page; and the archive is sound."""
    if scope is ACCOUNT:
        outbox.cancel(filled, 3, actor="ann", at=NOON)

    assert do_erase(filled, scope)

    assert set() == places_of_markers(filled)
    assert [] == damage(filled)
    # The files themselves, without what a connection may still have in its hands.
    filled.close()
    assert set() == {
        path.name
        for path in filled.folder.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for marker in MARKERS for form in forms(marker))
    }


def test_message_alone(filled: Database, case: CaseBuilder) -> None:
    """One message goes with its earlier contents, its file and the reply that it is; the rest of the case stays."""
    others = {table for table in places_of_markers(filled) if table not in {"archive.db", "archive.db-wal"}}

    assert do_erase(filled, MESSAGE)

    archived = archive.get_case(filled, CASE_REF)
    assert [("m1", ""), ("m2", f"{MARKER} two"), ("m3", "Message number 3.")] == [
        (each.message_id, each.body) for each in archived.record.messages
    ]
    assert {"outbox_attachments", "evidence", "evidence/acme/noted.html"} <= others - places_of_markers(filled)
    assert [] == damage(filled)


def test_everything_else_stays(filled: Database) -> None:
    """The other case, its words in the index, its file which the erased one had too, and its reply."""
    before = archive.get_case(filled, KEPT)
    do_erase(filled, CASE)
    assert before == archive.get_case(filled, KEPT)
    assert [KEPT] == [hit.ref for hit in search(filled, "message number").hits]
    assert b"shared by two" == blobs_of(filled).path(hashlib.sha256(b"shared by two").hexdigest()).read_bytes()
    assert "Kept." == outbox.get_entry(filled, 3).draft.text
    assert ["case 1001: erased", "case 1002: attachment shared.txt"] == journal.list_runs(filled)[0].numbers["missed"]


def test_stub_stays(filled: Database) -> None:
    """Who, when, why and how much; the hashes; that the reply was sent once, so that it is not sent again."""
    with filled.read() as connection:
        query = "SELECT content_hash FROM message_revisions WHERE message_key < 4 ORDER BY id"
        before = connection.exec_driver_sql(query).scalars().all()
    do_erase(filled, CASE)
    [erasure] = list_erasures(filled)
    assert ("ann", "asked for it", "acme", "1001", None) == (
        erasure.actor,
        erasure.reason,
        erasure.account,
        erasure.case_id,
        erasure.message_id,
    )
    assert (LATER, LATER) == (erasure.at, erasure.finished_at)
    assert (1, 3, 7) == tuple(erasure.numbers[name] for name in ("cases", "messages", "revisions"))
    assert ("erased", "acme/1001", "asked for it") in [
        (line.action, line.subject, line.reason) for line in journal.list_audits(filled)
    ]
    with filled.read() as connection:
        assert before == connection.exec_driver_sql(query).scalars().all()
    assert outbox.OutboxStatus.SENT == outbox.get_entry(filled, 1).status
    same = sent_draft(filled)
    with pytest.raises(AlreadyQueued):
        outbox.add(filled, same, author="ann", at=LATER)


def test_erased_case_is_not_listed_and_says_so(filled: Database) -> None:
    """Lists, counts, exports and search pass it over; whoever asks for it is told when it was erased."""
    do_erase(filled, CASE)
    assert ["1002"] == [listing.ref.case_id for listing in archive.list_cases(filled)]
    assert 1 == archive.count_cases(filled)
    assert ["1002"] == [each.record.case_id for each in archive.iterate_cases(filled)]
    assert () == search(filled, MARKERS[0]).hits
    with pytest.raises(Erased) as told:
        archive.get_case(filled, CASE_REF)
    assert LATER == told.value.at


def test_next_backup_does_not_bring_it_back(filled: Database, secret_case: Callable[..., CaseRecord]) -> None:
    """Whatever the portal still shows of an erased case is not stored, and the run is told."""
    do_erase(filled, CASE)
    change = archive.ingest(filled, secret_case(), run_id=a_run(filled), seen_at=LATER)
    assert ChangeKind.ERASED == change.kind
    assert set() == places_of_markers(filled)
    assert [] == damage(filled)


def test_next_backup_does_not_bring_a_message_back(
    filled: Database, secret_case: Callable[..., CaseRecord], message: MessageBuilder
) -> None:
    """The message's place in the thread stays known, its content does not return, even when the portal edits it."""
    do_erase(filled, MESSAGE)
    file = AttachmentRef(name="m1 file")
    thread = (message(1, body="m1 body", author="m1 author", attachments=(file,)), message(2), message(3), message(4))
    change = archive.ingest(filled, secret_case(messages=thread), run_id=a_run(filled), seen_at=LATER)
    again = archive.ingest(filled, secret_case(messages=thread), run_id=a_run(filled), seen_at=LATER)

    assert (("m4",), ("m2",), ()) == (change.new_messages, change.edited_messages, change.vanished_messages)
    assert ChangeKind.UNCHANGED == again.kind
    assert ["", "Message number 2.", "Message number 3.", "Message number 4."] == [
        each.body for each in archive.get_case(filled, CASE_REF).record.messages
    ]
    assert set() == places_of_markers(filled, ("m1 body", "m1 author", "m1 file")) - {"archive.db", "archive.db-wal"}
    assert [] == damage(filled)


def test_erased_account_comes_back_only_when_asked_for(
    filled: Database, case: CaseBuilder, secret_case: Callable[..., CaseRecord]
) -> None:
    """After a person lifts it, cases are stored as they are read, but for those that were erased by themselves."""
    do_erase(filled, CASE)
    outbox.cancel(filled, 3, actor="ann", at=NOON)
    do_erase(filled, ACCOUNT)
    assert LATER == erased_account(filled, "acme")
    assert 0 == archive.count_cases(filled)

    [refused] = archive.ingest_batch(filled, [case("1002")], run_id=a_run(filled), seen_at=LATER)
    assert ChangeKind.ERASED == refused.kind

    assert lift_account(filled, "acme", actor="ann", at=LATER)

    assert erased_account(filled, "acme") is None
    record = case("1002", subject="", status_raw="")
    archive.ingest_batch(filled, [secret_case(), record], run_id=a_run(filled), seen_at=LATER)
    assert [record] == [each.record for each in archive.iterate_cases(filled)]
    assert [] == damage(filled)
    assert not lift_account(filled, "acme", actor="ann", at=LATER)


def test_same_content_may_come_again(filled: Database, case: CaseBuilder) -> None:
    """A file that was erased and is attached elsewhere later is kept, and no later erasure of others takes it."""
    do_erase(filled, CASE)
    blob = blobs_of(filled).put(MARKER.encode())
    file = AttachmentRef(name="again.txt", size=blob.size, sha256=blob.sha256)
    archive.ingest(filled, case("1003", attachments=(file,)), run_id=a_run(filled), seen_at=LATER)
    do_finish(filled)
    assert MARKER.encode() == blobs_of(filled).path(blob.sha256).read_bytes()
    assert [] == damage(filled)


@pytest.mark.parametrize("case_id", ["1001", "1002"])
def test_digest_binds(filled: Database, case_id: str, case: CaseBuilder, message: MessageBuilder) -> None:
    """What was added since the preview is not erased unseen."""
    scope = Scope(account="acme", case_id="1002")
    digest = preview(filled, scope).digest
    if case_id == "1002":
        archive.ingest(filled, case("1002", messages=(message(9),)), run_id=a_run(filled), seen_at=LATER)
    with pytest.raises(StaleApproval):
        do_erase(filled, scope, digest=digest if case_id == "1002" else "0" * 12)
    assert "Case 1002" == archive.get_case(filled, KEPT).record.subject


def test_open_replies_stand_against_it(filled: Database) -> None:
    """A reply that may still be sent, or may have been, is settled by a person first."""
    with pytest.raises(EntriesOpen) as refusal:
        do_erase(filled, Scope(account="acme", case_id="1002"))
    assert (3,) == refusal.value.entry_ids
    assert "Case 1002" == archive.get_case(filled, KEPT).record.subject


def test_running_work_stands_against_it(filled: Database) -> None:
    """What a running backup has in its hands would come back; a dead one has nothing."""
    journal.lock_account(filled, "other", holder=HOLDER, purpose="backup", at=NOON)
    with pytest.raises(AccountBusy):
        do_erase(filled, CASE, is_dead=lambda _holder: False)
    assert do_erase(filled, CASE)


def test_what_is_not_there(filled: Database) -> None:
    """A case, message or account that the archive never had is named, not erased."""
    for scope in (
        Scope(account="none"),
        Scope(account="acme", case_id="9"),
        Scope(account="acme", case_id="1001", message_id="m9"),
    ):
        with pytest.raises(NotFound):
            preview(filled, scope)


def test_preview_counts(filled: Database) -> None:
    """Every kind of thing that would go; erased twice, there is nothing more to count, and that is no error."""
    found = preview(filled, CASE)
    assert {
        "cases": 1,
        "messages": 3,
        "revisions": 7,
        "attachments": 2,
        "files": 2,
        "bytes": 2 * len(MARKER.encode()) + 5,
        "entries": 2,
        "evidence": 1,
    } == found.numbers
    do_erase(filled, CASE)
    assert {0} == set(preview(filled, CASE).numbers.values())
    assert do_erase(filled, CASE)


def test_copies_are_named(filled: Database, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Copies hold it still, and caselog cannot reach them: the person is told where they are."""
    copy: Path = copy_archive(filled, tmp_path_factory.mktemp("else") / "copy", actor="ann", at=NOON).folder
    digest = preview(filled, CASE).digest
    done = erase(filled, CASE, digest, actor="ann", reason="", at=LATER, is_dead=lambda _holder: True)
    assert [copy] == [each.path for each in done.copies]


def test_reader_in_the_way(filled: Database) -> None:
    """While another process reads, the files cannot be cleaned: it is told, and finished by the next call."""
    digest = preview(filled, CASE).digest
    fast = Database(filled.path, filled.engine.execution_options())
    with filled.read() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM cases").scalar()
        set_busy(fast, 50)
        assert not do_erase(fast, CASE, digest=digest)
    assert [None] == [each.finished_at for each in list_erasures(filled)]
    do_finish(filled)
    assert set() == places_of_markers(filled)
    assert [LATER] == [each.finished_at for each in list_erasures(filled)]


def set_busy(database: Database, milliseconds: int) -> None:
    from sqlalchemy import event

    def configure(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout={milliseconds}")

    event.listen(database.engine, "connect", configure)
    event.listen(database.engine, "checkout", configure)


def a_run(database: Database) -> str:
    return journal.start_run(database, "acme", scope="all", holder=HOLDER, at=LATER)
