from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

import pytest

from storage import archive
from storage.archive import Change
from storage.archive import ChangeEvent
from storage.archive import ChangeKind
from storage.blobs import blobs_of
from storage.database import Database
from storage.errors import BlobDamaged
from storage.errors import DuplicateMessage
from storage.errors import NotFound
from storage.records import NOT_FETCHED
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseRef
from storage.records import CaseStatus
from storage.records import MessageRecord

REF = CaseRef(account="acme", case_id="1001")
SHA_A = "a" * 64
SHA_B = "b" * 64

Ingest = Callable[..., Change]
Build = Callable[..., CaseRecord]


@pytest.fixture
def ingest(database: Database, run_id: str, now: datetime) -> Ingest:
    def ingest(record: CaseRecord, *, hours: int = 0) -> Change:
        return archive.ingest(database, record, run_id=run_id, seen_at=now + timedelta(hours=hours))

    return ingest


def events(database: Database) -> list[tuple[ChangeEvent, str | None, str]]:
    return [(line.event, line.message_id, line.detail) for line in archive.read_changes(database)]


def test_new(database: Database, ingest: Ingest, case: Build, now: datetime) -> None:
    """A case that was never read is new, and is given back as it was read."""
    record = case()
    assert Change(ref=REF, kind=ChangeKind.NEW, new_messages=("m1", "m2")) == ingest(record)
    assert archive.ArchivedCase(
        record=record, first_seen_at=now, last_seen_at=now, last_read_at=now, absent_since=None, tabs=()
    ) == archive.get_case(database, REF)
    assert [(ChangeEvent.CASE_NEW, None, "")] == events(database)


def test_unchanged(database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord]) -> None:
    """Reading the same again is no change, attachments and another wording of times and links included."""
    file = AttachmentRef(name="invoice.pdf", url="https://portal.example/f/1?sig=1", mime="application/pdf", size=1200)
    ingest(case(messages=(message(1, attachments=(file, file)),), attachments=(file,)))
    again = replace(file, url="https://portal.example/f/1?sig=2")
    reworded = message(1, attachments=(again, again), sent_at_raw="2 days ago", body_html="<p id=9>...</p>")
    assert Change(ref=REF, kind=ChangeKind.UNCHANGED) == ingest(
        case(messages=(reworded,), attachments=(again,), updated_at_raw="2 hours ago", fingerprint="other"), hours=1
    )
    assert [(ChangeEvent.CASE_NEW, None, "")] == events(database)
    assert 1 == len(archive.case_versions(database, REF))


def test_changed_case(database: Database, ingest: Ingest, case: Build, now: datetime) -> None:
    """A changed subject or status is a new revision; the old one stays."""
    ingest(case())
    change = ingest(case(status=CaseStatus.ANSWERED, status_raw="Answered", updated_at=now), hours=1)
    assert Change(ref=REF, kind=ChangeKind.CHANGED, fields=("status", "status_raw", "updated_at")) == change
    assert [(1, CaseStatus.WITH_PORTAL), (2, CaseStatus.ANSWERED)] == [
        (version.number, version.status) for version in archive.case_versions(database, REF)
    ]


def test_new_message(ingest: Ingest, case: Build) -> None:
    """A message more is named."""
    ingest(case(messages=2))
    assert Change(ref=REF, kind=ChangeKind.CHANGED, new_messages=("m3",)) == ingest(case(messages=3))


def test_edited_message(
    database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord], now: datetime
) -> None:
    """Another body under the same id is an edit: both contents are kept, the case shows the new one."""
    ingest(case(messages=2))
    edited = case(messages=(message(1), message(2, body="We never said that.")))
    assert Change(ref=REF, kind=ChangeKind.CHANGED, edited_messages=("m2",)) == ingest(edited, hours=1)
    assert edited == archive.get_case(database, REF).record
    assert [
        ("m2", 1, "Message number 2.", now),
        ("m2", 2, "We never said that.", now + timedelta(hours=1)),
    ] == [(v.message_id, v.number, v.body, v.seen_at) for v in archive.message_versions(database, REF)]


def test_vanished_and_back(
    database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord], now: datetime
) -> None:
    """A message that a complete thread lacks is kept and marked; when it is back it is no new one."""
    ingest(case(messages=2))
    shorter = case(messages=(message(1),))
    assert Change(ref=REF, kind=ChangeKind.CHANGED, vanished_messages=("m2",)) == ingest(shorter, hours=1)
    archived = archive.get_case(database, REF)
    assert shorter == archived.record
    assert (archive.VanishedMessage(message=message(2), vanished_at=now + timedelta(hours=1)),) == archived.vanished
    assert ChangeKind.UNCHANGED == ingest(shorter, hours=2).kind

    assert Change(ref=REF, kind=ChangeKind.CHANGED, returned_messages=("m2",)) == ingest(case(messages=2), hours=3)
    assert case(messages=2) == archive.get_case(database, REF).record


def test_files_that_went(
    database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord], now: datetime
) -> None:
    """A file that went with its message belongs to it still; one that went alone is named with its message and time."""
    one, two, three, own = (AttachmentRef(name=f"{name}.txt") for name in ("one", "two", "three", "own"))
    ingest(case(messages=(message(1, attachments=(one,)), message(2, attachments=(two, three))), attachments=(own,)))
    ingest(case(messages=(message(1), message(2, attachments=(three,)))), hours=1)
    ingest(case(messages=(message(1),)), hours=2)

    archived = archive.get_case(database, REF)

    assert case(messages=(message(1),)) == archived.record
    first = now + timedelta(hours=1)
    assert (
        archive.GoneFile(message_id="m1", file=one, gone_at=first),
        archive.GoneFile(message_id="m2", file=two, gone_at=first),
        archive.GoneFile(message_id=None, file=own, gone_at=first),
    ) == tuple(sorted(archived.gone, key=lambda each: str(each.message_id).lower()))
    vanished = message(2, attachments=(three,))
    assert (archive.VanishedMessage(message=vanished, vanished_at=now + timedelta(hours=2)),) == archived.vanished


def test_partial_thread(database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord]) -> None:
    """From a part of a thread nothing vanishes, messages keep their order, and the case says that it is partial."""
    file = AttachmentRef(name="a.txt")
    ingest(case(messages=(message(1, attachments=(file,)), message(2)), attachments=(file,)))
    change = ingest(case(messages=(message(2), message(3)), complete=False))
    assert Change(ref=REF, kind=ChangeKind.CHANGED, new_messages=("m3",)) == change
    whole = case(
        messages=(message(1, attachments=(file,)), message(2), message(3)), attachments=(file,), complete=False
    )
    assert whole == archive.get_case(database, REF).record


def test_order_follows_the_thread(
    database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord], now: datetime
) -> None:
    """Messages of the same minute stand as the complete thread shows them, also when one came in between."""
    first, between, last = (message(n, sent_at=now) for n in (5, 9, 6))
    ingest(case(messages=(first, last)))
    ingest(case(messages=(first, between, last)))
    assert (first, between, last) == archive.get_case(database, REF).record.messages


def test_attachment_content_comes_later(
    database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord], now: datetime
) -> None:
    """A listed file is pending until its content is attached; reading the case again changes nothing then."""
    file = AttachmentRef(name="a.txt", url="https://portal.example/f/1", size=1000)
    record = case(messages=(message(1, attachments=(file,)),))
    ingest(record)
    (pending,) = archive.pending_files(database, "acme")
    assert (REF, "m1", "a.txt", file.url) == (pending.ref, pending.message_id, pending.name, pending.url)
    assert 1 == archive.case_states(database, "acme")["1001"].files_missing

    blob = blobs_of(database).put(b"content")
    archive.attach(database, pending.attachment_id, sha256=blob.sha256, size=blob.size, at=now, mime="text/plain")
    assert () == archive.pending_files(database, "acme")
    fetched = replace(file, sha256=blob.sha256, size=blob.size, mime="text/plain")
    assert (fetched,) == archive.get_case(database, REF).record.messages[0].attachments
    assert ChangeKind.UNCHANGED == ingest(record).kind
    assert (fetched,) == archive.get_case(database, REF).record.messages[0].attachments
    with pytest.raises(BlobDamaged):
        archive.attach(database, pending.attachment_id, sha256=SHA_B, size=1, at=now)


def test_a_content_that_the_disk_lost_is_pending_again(
    database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord], now: datetime
) -> None:
    """Whether the whole account is asked for or one case; with the freshest link, until the file is there again."""
    shown = AttachmentRef(name="a.txt", url="https://portal.example/f/1")
    ingest(case(messages=(message(1, attachments=(shown,)),)))
    (pending,) = archive.pending_files(database, "acme")
    store = blobs_of(database)
    blob = store.put(b"content")
    archive.attach(database, pending.attachment_id, sha256=blob.sha256, size=blob.size, at=now)

    store.path(blob.sha256).unlink()
    fresh = replace(shown, url="https://portal.example/f/1?token=new")
    ingest(case(messages=(message(1, attachments=(fresh,)),)))
    lost = (replace(pending, url=fresh.url, lost=blob.sha256),)

    assert lost == archive.pending_files(database, "acme") == archive.pending_files(database, "acme", ["1001"])
    assert 1 == archive.case_states(database, "acme")["1001"].files_missing
    store.put(b"content")
    assert () == archive.pending_files(database, "acme") == archive.pending_files(database, "acme", ["1001"])


def test_attachment_content_comes_with_the_record(
    database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord]
) -> None:
    """A record may bring the hash at once, or fill it in later; neither is a change of content."""
    bare = AttachmentRef(name="a.txt")
    full = replace(bare, sha256=SHA_A, size=3)
    ingest(case(messages=(message(1, attachments=(bare,)),)))
    filled = case(messages=(message(1, attachments=(full,)),))
    assert ChangeKind.UNCHANGED == ingest(filled).kind
    assert filled == archive.get_case(database, REF).record
    for listed in (bare, replace(bare, size=4)):
        # The portal rounds sizes: what it shows is not compared with what was fetched.
        assert ChangeKind.UNCHANGED == ingest(case(messages=(message(1, attachments=(listed,)),))).kind


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (AttachmentRef(name="a", sha256=SHA_A, size=1), AttachmentRef(name="a", sha256=SHA_B, size=1)),
        (AttachmentRef(name="a", size=1), AttachmentRef(name="a", size=2)),
    ],
)
def test_attachment_replaced(
    *,
    database: Database,
    ingest: Ingest,
    case: Build,
    message: Callable[..., MessageRecord],
    old: AttachmentRef,
    new: AttachmentRef,
) -> None:
    """Another content or size under the same name is another file; the old one is kept and marked."""
    ingest(case(messages=(message(1, attachments=(old,)),)))
    change = ingest(case(messages=(message(1, attachments=(new,)),)))
    expected = Change(ref=REF, kind=ChangeKind.CHANGED, new_attachments=("a",), gone_attachments=("a",))
    assert expected == change
    assert (new,) == archive.get_case(database, REF).record.messages[0].attachments


def test_attachment_gone(database: Database, ingest: Ingest, case: Build) -> None:
    """A file that a complete case shows no more is kept and marked; of two equal names one may go."""
    file = AttachmentRef(name="a", size=NOT_FETCHED)
    ingest(case(attachments=(file, file)))
    expected = Change(ref=REF, kind=ChangeKind.CHANGED, gone_attachments=("a",))
    assert expected == ingest(case(attachments=(file,)))
    assert (file,) == archive.get_case(database, REF).record.attachments


def test_batch_is_one_transaction(database: Database, run_id: str, now: datetime, case: Build) -> None:
    """Several cases are archived together or not at all."""
    doubled = case("1003", messages=(*case().messages, *case().messages))
    with pytest.raises(DuplicateMessage):
        archive.ingest_batch(database, [case("1001"), case("1002"), doubled], run_id=run_id, seen_at=now)
    assert {} == archive.case_states(database, "acme")
    changes = archive.ingest_batch(database, [case("1001"), case("1002")], run_id=run_id, seen_at=now)
    assert [("1001", "new"), ("1002", "new")] == [(change.ref.case_id, change.kind) for change in changes]
    mixed = archive.ingest_batch(database, [case("1003"), case("1002", messages=3)], run_id=run_id, seen_at=now)
    assert [("1003", "new"), ("1002", "changed")] == [(change.ref.case_id, change.kind) for change in mixed]


def test_wrong_account(database: Database, run_id: str, now: datetime, case: Build) -> None:
    """A run stores cases of its own account only."""
    with pytest.raises(NotFound):
        archive.ingest(database, case(account="other"), run_id=run_id, seen_at=now)
    with pytest.raises(NotFound):
        archive.ingest(database, case(), run_id="no such run", seen_at=now)


def test_accounts_are_apart(database: Database, holder: object, now: datetime, case: Build, run_id: str) -> None:
    """Two accounts may have a case of the same number; neither sees the other's."""
    from storage import journal

    other = journal.start_run(database, "other", scope="all", holder=holder, at=now)  # type: ignore[arg-type]
    archive.ingest(database, case(), run_id=run_id, seen_at=now)
    archive.ingest(database, case(account="other", messages=3), run_id=other, seen_at=now)
    assert ("acme", "other") == archive.accounts_of(database, "1001")
    assert 2 == len(archive.get_case(database, REF).record.messages)


def test_broken_text(database: Database, ingest: Ingest, case: Build, message: Callable[..., MessageRecord]) -> None:
    """Half of a surrogate pair, which JSON can carry, is replaced; a whole pair and the rest of the case stay."""
    file = AttachmentRef(name="\ud83d.png")
    record = case(messages=(message(1, body="half \ud83d", attachments=(file,)), message(2, body="whole \ud83d\ude00")))
    ingest(record)
    first, second = archive.get_case(database, REF).record.messages
    assert ("half \ufffd", "\ufffd.png", "whole \U0001f600") == (first.body, first.attachments[0].name, second.body)
    assert ChangeKind.UNCHANGED == ingest(record).kind
