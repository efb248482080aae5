from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from storage import outbox
from storage.database import Database
from storage.errors import AlreadyQueued
from storage.errors import IllegalMove
from storage.errors import ReasonNeeded
from storage.errors import SettleFirst
from storage.outbox import Baseline
from storage.outbox import Draft
from storage.outbox import OutboxFile
from storage.outbox import OutboxStatus
from storage.verify import verify
from tests.unit.storage.conftest import HOLDER
from tests.unit.storage.conftest import NOON

FILE = OutboxFile(name="a.pdf", mime="application/pdf", size=12, sha256="a" * 64)
REPLY = Draft(account="acme", case_id="1001", text="Please refund.", files=(FILE,))
BASELINE = Baseline(message_ids=("m1", "m2"), occurrences=1, taken_at=NOON, files=("case.pdf",))

Add = Callable[..., int]


@pytest.fixture
def add(database: Database) -> Add:
    """Add a reply and bring it to where the name of the step says."""

    def add(step: str = "draft", draft: Draft = REPLY, *, again: bool = False) -> int:
        entry_id = outbox.add(database, draft, author="ann", at=NOON, again=again)
        if step == "draft":
            return entry_id
        seen = outbox.content_hash(draft)
        outbox.approve(database, entry_id, seen_hash=seen, seen_message_ids=("m1", "m2"), approver="bob", at=NOON)
        if step == "queued":
            return entry_id
        token = outbox.claim(database, entry_id, holder=HOLDER, at=NOON)
        outbox.record_baseline(database, entry_id, token, BASELINE)
        match step:
            case "released":
                outbox.release(database, entry_id, token, reason="no engine", at=NOON)
            case "held":
                outbox.hold(database, entry_id, token, reason="form_blank", at=NOON)
            case "rejected":
                outbox.submit_started(database, entry_id, token, at=NOON)
                outbox.mark_rejected(database, entry_id, token, reason="Too long", at=NOON)
            case "held after submit" | "resolved after submit":
                outbox.submit_started(database, entry_id, token, at=NOON)
                outbox.mark_unconfirmed(database, entry_id, token, reason="?", at=NOON)
                outbox.reconcile_held(database, entry_id, reason="not_there", at=NOON)
                if step == "resolved after submit":
                    outbox.resolve(database, entry_id, OutboxStatus.DRAFT, person="ann", reason="not there", at=NOON)
        return entry_id

    return add


def edit(database: Database, entry_id: int, text: str | None = None, **options: object) -> outbox.OutboxEntry:
    outbox.edit(database, entry_id, author="ann", at=NOON + timedelta(hours=1), text=text, **options)  # type: ignore[arg-type]
    return outbox.get_entry(database, entry_id)


@pytest.mark.parametrize("step", ["draft", "queued", "released", "held", "rejected", "resolved after submit"])
def test_edited_reply_is_a_draft(database: Database, add: Add, step: str) -> None:
    """From wherever a person may take a reply back, an edit makes it a draft without approval, by legal moves."""
    entry = edit(database, add(step), "Other words.", reason="better so")

    expected = (OutboxStatus.DRAFT, replace(REPLY, text="Other words."), None, None)
    assert expected == (entry.status, entry.draft, entry.approval, entry.submit_started_at)
    last = outbox.events_of(database, entry.entry_id)[-1]
    assert ("edited", OutboxStatus.DRAFT, "better so") == (last.event, last.target, last.reason)
    assert [] == [finding for finding in verify(database) if finding.where == f"outbox entry {entry.entry_id}"]


def test_held_reply_is_edited_with_a_reason(database: Database, add: Add) -> None:
    """Without a reason a held reply stays as it is; with one the decision and the edit stand in its history."""
    entry_id = add("held")
    before = outbox.get_entry(database, entry_id)
    with pytest.raises(ReasonNeeded):
        edit(database, entry_id, "Other words.")
    assert before == outbox.get_entry(database, entry_id)

    edit(database, entry_id, "Other words.", reason="it is not there")

    assert [("resolved", "held", "draft"), ("edited", "draft", "draft")] == [
        (event.event, event.source, event.target) for event in outbox.events_of(database, entry_id)[-2:]
    ]


def test_reply_that_was_submitted_is_settled_before_it_is_edited(database: Database, add: Add) -> None:
    """No edit takes a held reply back that may be in the thread, whatever reason it gives."""
    entry_id = add("held after submit")
    before = outbox.get_entry(database, entry_id)
    with pytest.raises(SettleFirst):
        edit(database, entry_id, "Other words.", reason="it is not there")
    assert before == outbox.get_entry(database, entry_id)


def test_reply_under_way_is_not_edited(database: Database, add: Add) -> None:
    """What is being sent keeps its text and its approval."""
    entry_id = add("sending")
    before = outbox.get_entry(database, entry_id)
    with pytest.raises(IllegalMove):
        edit(database, entry_id, "Other words.")
    assert before == outbox.get_entry(database, entry_id)


def test_another_name_of_a_file_keeps_the_key(database: Database, add: Add) -> None:
    """An entry is not in its own way, nor is the one that it repeats on purpose."""
    add()
    entry_id = add(again=True)
    renamed = replace(FILE, name="b.pdf")

    assert replace(REPLY, files=(renamed,)) == edit(database, entry_id, files=(renamed,)).draft
    assert [] == [finding for finding in verify(database) if finding.where == f"outbox entry {entry_id}"]


def test_edit_may_repeat_another_reply_on_purpose(database: Database, add: Add) -> None:
    """With `again` an entry may come to say what another one says."""
    add()
    entry_id = add(draft=replace(REPLY, text="Other words."))

    assert REPLY == edit(database, entry_id, REPLY.text, again=True).draft


def test_attempt_after_an_edit_is_the_first_of_its_text(database: Database, add: Add) -> None:
    """Nothing was submitted: how often the old text stood in the thread says nothing of the new one."""
    assert edit(database, add("released"), "Other words.").first_baseline is None


@pytest.mark.parametrize("step", ["rejected", "resolved after submit"])
def test_after_a_submit_the_first_baseline_stays_the_measure(database: Database, add: Add, step: str) -> None:
    """What stood there before the submit is known; nothing of it counts as the new text, or as the old one put back."""
    entry_id = add(step)
    strict = replace(BASELINE, occurrences=0)

    assert strict == edit(database, entry_id, "Other words.", reason="x").first_baseline
    assert strict == edit(database, entry_id, REPLY.text).first_baseline


def test_text_that_was_submitted_is_not_added_again(database: Database, add: Add) -> None:
    """The edited entry's old text may be at the portal: who writes it again is told, what was never sent is free."""
    entry_id = add("resolved after submit", replace(REPLY, text="First words."))
    for text in ("Other words.", "Last words."):
        edit(database, entry_id, text)

    with pytest.raises(AlreadyQueued) as refused:
        add(draft=replace(REPLY, text="First words."))
    assert (entry_id, OutboxStatus.DRAFT) == (refused.value.entry_id, refused.value.status)
    add(draft=replace(REPLY, text="Other words."))
    add(draft=replace(REPLY, text="First words.", case_id="1002"))
    add(draft=replace(REPLY, text="First words."), again=True)


def test_other_files_keep_the_first_baseline(database: Database, add: Add) -> None:
    """The text is the same, and so is how often it stood there."""
    assert edit(database, add("rejected"), files=()).first_baseline == BASELINE
