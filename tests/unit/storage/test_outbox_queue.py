from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

import pytest

from storage import archive
from storage import outbox
from storage.database import Database
from storage.errors import AlreadyQueued
from storage.errors import IllegalMove
from storage.errors import NotFound
from storage.errors import StaleApproval
from storage.errors import ThreadNotArchived
from storage.outbox import Approval
from storage.outbox import Draft
from storage.outbox import Kind
from storage.outbox import OutboxFile
from storage.outbox import OutboxStatus
from storage.records import CaseRecord

REPLY = Draft(account="acme", case_id="1001", text="Please refund.")
FILE = OutboxFile(name="invoice.pdf", mime="application/pdf", size=4, sha256="a" * 64)


@pytest.fixture
def add(database: Database, now: datetime) -> Callable[..., int]:
    def add(draft: Draft = REPLY, **options: bool) -> int:
        return outbox.add(database, draft, author="ann", at=now, **options)

    return add


@pytest.fixture
def approve(database: Database, now: datetime) -> Callable[[int], None]:
    def approve(entry_id: int) -> None:
        seen = outbox.get_entry(database, entry_id).content_hash
        outbox.approve(database, entry_id, seen_hash=seen, seen_message_ids=("m1",), approver="bob", at=now)

    return approve


def test_add(database: Database, add: Callable[..., int], now: datetime) -> None:
    """A draft comes back as it was added, with its files, and waits for approval."""
    draft = replace(REPLY, files=(FILE, replace(FILE, name="b.png", sha256="b" * 64)), batch="B1")
    entry = outbox.get_entry(database, add(draft))
    assert (
        outbox.OutboxEntry(
            entry_id=1,
            draft=draft,
            status=OutboxStatus.DRAFT,
            content_hash=outbox.content_hash(draft),
            created_at=now,
            created_by="ann",
            updated_at=now,
            approval=None,
            claim=None,
            attempts=0,
            first_baseline=None,
            baseline=None,
            submit_started_at=None,
            proof=None,
            reason=None,
        )
        == entry
    )


@pytest.mark.parametrize(
    "draft",
    [replace(REPLY, case_id=None), replace(REPLY, kind=Kind.NEW_CASE), replace(REPLY, account="", case_id=None)],
)
def test_conversation_is_needed(add: Callable[..., int], draft: Draft) -> None:
    """A reply belongs to a case, and a new case has no number yet."""
    with pytest.raises(ValueError, match="new case"):
        add(draft)


@pytest.mark.parametrize(
    "other",
    [
        replace(REPLY, account="other"),
        replace(REPLY, case_id="1002"),
        replace(REPLY, kind=Kind.CLOSE_CASE),
        replace(REPLY, text="Please refund!"),
        replace(REPLY, files=(FILE,)),
        replace(REPLY, batch="B2"),
    ],
)
def test_another_key(add: Callable[..., int], other: Draft) -> None:
    """Another account, case, kind, text, file or batch is another reply."""
    assert [1, 2] == [add(REPLY), add(other)]


def test_same_key(database: Database, add: Callable[..., int], approve: Callable[[int], None]) -> None:
    """The same reply again names the entry that holds it and its status, and adds nothing, unless told to."""
    entry_id = add()
    approve(entry_id)
    with pytest.raises(AlreadyQueued) as refusal:
        add()
    assert (entry_id, "queued") == (refusal.value.entry_id, refusal.value.status)
    assert REPLY == outbox.get_entry(database, entry_id).draft
    assert [2, 3] == [add(again=True), add(again=True)]
    assert 3 == len(outbox.list_entries(database))


def test_same_key_after_cancelling(database: Database, add: Callable[..., int], now: datetime) -> None:
    """What was cancelled unsent may be written again."""
    outbox.cancel(database, add(), actor="ann", at=now)
    assert 2 == add()


def test_all_or_none(database: Database, now: datetime) -> None:
    """Several drafts are added together or not at all."""
    drafts = [REPLY, replace(REPLY, case_id="1002"), REPLY]
    with pytest.raises(AlreadyQueued):
        outbox.add_all(database, drafts, author="ann", at=now)
    assert () == outbox.list_entries(database)
    assert (1, 2) == outbox.add_all(database, drafts[:2], author="ann", at=now)


def test_approval_binds(database: Database, add: Callable[..., int], now: datetime) -> None:
    """An approval stores who saw what; one for another text or other files is refused."""
    entry_id = add()
    outdated = outbox.content_hash(replace(REPLY, files=(FILE,)))
    with pytest.raises(StaleApproval):
        outbox.approve(database, entry_id, seen_hash=outdated, seen_message_ids=(), approver="bob", at=now)
    seen = outbox.content_hash(REPLY)
    outbox.approve(database, entry_id, seen_hash=seen, seen_message_ids=("m1", "m2"), approver="bob", at=now)
    entry = outbox.get_entry(database, entry_id)
    expected = Approval(approver="bob", at=now, content_hash=seen, seen_message_ids=("m1", "m2"))
    assert (OutboxStatus.QUEUED, expected) == (entry.status, entry.approval)


@pytest.mark.parametrize("change", [{"text": "Other words."}, {"files": (FILE,)}])
def test_edit_undoes_approval(
    database: Database,
    add: Callable[..., int],
    approve: Callable[[int], None],
    now: datetime,
    change: dict[str, object],
) -> None:
    """A change of text or files takes a queued entry back to being a draft without approval."""
    entry_id = add()
    approve(entry_id)
    outbox.edit(database, entry_id, author="ann", at=now, **change)  # type: ignore[arg-type]
    entry = outbox.get_entry(database, entry_id)
    assert (OutboxStatus.DRAFT, None, replace(REPLY, **change)) == (entry.status, entry.approval, entry.draft)  # type: ignore[arg-type]
    assert ["added", "approved", "edited"] == [event.event for event in outbox.events_of(database, entry_id)]


def test_edit_into_another(database: Database, add: Callable[..., int], now: datetime) -> None:
    """A draft cannot be edited into one that exists, and keeps its text then; an edit without a change is fine."""
    add()
    entry_id = add(replace(REPLY, text="Other words."))
    with pytest.raises(AlreadyQueued):
        outbox.edit(database, entry_id, author="ann", at=now, text=REPLY.text)
    assert "Other words." == outbox.get_entry(database, entry_id).draft.text
    outbox.edit(database, entry_id, author="ann", at=now, text="Other words.")


def test_cancelled_is_final(
    database: Database, add: Callable[..., int], approve: Callable[[int], None], now: datetime
) -> None:
    """A cancelled entry moves no more."""
    entry_id = add()
    outbox.cancel(database, entry_id, actor="ann", at=now, reason="not needed")
    with pytest.raises(IllegalMove):
        approve(entry_id)
    with pytest.raises(IllegalMove):
        outbox.edit(database, entry_id, author="ann", at=now, text="x")
    assert "not needed" == outbox.get_entry(database, entry_id).reason


def test_unknown_entry(database: Database, now: datetime) -> None:
    """An entry that is not there is named."""
    with pytest.raises(NotFound, match="77"):
        outbox.cancel(database, 77, actor="ann", at=now)


def test_batch(
    database: Database,
    add: Callable[..., int],
    case: Callable[..., CaseRecord],
    run_id: str,
    now: datetime,
) -> None:
    """A batch is approved by its digest: the drafts are queued, each with its thread as seen."""
    archive.ingest_batch(database, [case("1001"), case("1002", messages=3)], run_id=run_id, seen_at=now)
    drafts = [replace(REPLY, batch="B1"), replace(REPLY, case_id="1002", batch="B1"), replace(REPLY, case_id="1003")]
    for draft in drafts:
        add(draft)
    preview = outbox.batch_digest(database, "B1")
    assert ({"Please refund.": 2}, {1: ("m1", "m2"), 2: ("m1", "m2", "m3")}, ()) == (
        preview.texts,
        {entry_id: tuple(seen) for entry_id, seen in preview.seen.items()},
        preview.unread,
    )
    with pytest.raises(StaleApproval):
        outbox.approve_batch(database, "B1", "0" * 12, approver="bob", at=now)
    approved = outbox.approve_batch(database, "B1", f" {preview.digest.upper()} ", approver="bob", at=now)
    assert (1, 2) == approved
    seen = [entry.approval and entry.approval.seen_message_ids for entry in outbox.list_entries(database)]
    assert [("m1", "m2"), ("m1", "m2", "m3"), None] == seen


def test_batch_digest_binds(
    database: Database,
    add: Callable[..., int],
    case: Callable[..., CaseRecord],
    run_id: str,
    now: datetime,
) -> None:
    """A digest is void once a text changes, an entry is added, or a message reaches a thread."""
    archive.ingest(database, case(), run_id=run_id, seen_at=now)
    entry_id = add(replace(REPLY, batch="B1"))
    digests = [outbox.batch_digest(database, "B1").digest]
    outbox.edit(database, entry_id, author="ann", at=now, text="Other")
    digests.append(outbox.batch_digest(database, "B1").digest)
    archive.ingest(database, case(messages=3), run_id=run_id, seen_at=now + timedelta(hours=1))
    digests.append(outbox.batch_digest(database, "B1").digest)
    add(replace(REPLY, batch="B1"))
    digests.append(outbox.batch_digest(database, "B1").digest)
    assert 4 == len(set(digests))


def test_batch_needs_threads(database: Database, add: Callable[..., int], now: datetime) -> None:
    """A batch with an unread thread is not approved; a batch without drafts is missed."""
    add(replace(REPLY, batch="B1"))
    preview = outbox.batch_digest(database, "B1")
    with pytest.raises(ThreadNotArchived):
        outbox.approve_batch(database, "B1", preview.digest, approver="bob", at=now)
    assert OutboxStatus.DRAFT == outbox.get_entry(database, 1).status
    with pytest.raises(NotFound):
        outbox.batch_digest(database, "B2")
