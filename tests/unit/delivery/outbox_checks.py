"""The promises of the outbox, checked against the model: at each click, after each step, and at the end."""

from __future__ import annotations

import itertools
from collections import Counter

from storage import outbox
from storage.outbox import OutboxEntry
from storage.outbox import OutboxStatus
from storage.outbox import is_legal
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from tests.unit.delivery.expectations import Stage
from tests.unit.delivery.model_portal import ModelCase
from tests.unit.delivery.model_portal import ModelForm
from tests.unit.delivery.model_portal import Window
from tests.unit.delivery.outbox_world import Archive
from tests.unit.delivery.outbox_world import World
from tests.unit.delivery.processes import Process
from tests.unit.delivery.sending_run import GRACE

SENDING, UNCONFIRMED, HELD = OutboxStatus.SENDING, OutboxStatus.UNCONFIRMED, OutboxStatus.HELD
QUEUED, SENT, REJECTED = OutboxStatus.QUEUED, OutboxStatus.SENT, OutboxStatus.REJECTED

#: How old the thread that a process judged may be when it clicks.
LOOK_WITHIN = 605.0


def check_click(archive: Archive, process: Process, window: Window, form: ModelForm) -> None:
    """A click has an intent on the disk and an unused licence for just this, in a thread that holds nothing unseen."""
    entry = _intended(archive, process, form)
    expected = archive.expected[entry.entry_id]
    licence, case = expected.licence, window.model[form.case_id]
    assert expected.stage is Stage.APPROVED, "only a person lets a reply be sent"
    assert licence is not None, "a copy of an archive may send nothing that people did not decide on in it"
    assert not licence.used, "one decision, one click"
    assert (licence.text, licence.files) == (form.text, form.files)
    now = case.clock.monotonic()
    look = window.last[form.case_id]
    assert now - look.at <= LOOK_WITHIN, "the thread was judged long ago"
    thread = look.thread
    assert thread.complete
    assert thread.status is not CaseStatus.CLOSED
    assert thread.can_reply is not False
    known = dict(licence.seen) | {key: case.ever[key].body for key in _proven(archive, case)}
    assert not [
        message
        for message in thread.messages
        if message.direction is not Direction.SYSTEM and known.get(message.message_id) != message.body
    ], "what the approver had not seen holds a reply"
    assert not _shown_already(thread, case, expected.clicks, form.text)
    licence.used_at = now
    expected.clicks.append(case.click)


def _intended(archive: Archive, process: Process, form: ModelForm) -> OutboxEntry:
    (entry,) = [
        entry
        for entry in outbox.list_entries(archive.database, statuses=(SENDING,), case_id=form.case_id)
        if entry.submit_started_at is not None and entry.claim is not None and entry.claim.holder == process.holder
    ]
    return entry


def _proven(archive: Archive, case: ModelCase) -> set[str]:
    """Messages that are replies of this archive which it knows to be sent, all of a doubled one."""
    sent = [entry for entry in archive.entries() if entry.status is SENT and entry.draft.case_id == case.case_id]
    clicks = {click for entry in sent for click in archive.expected[entry.entry_id].clicks}
    named = {key for entry in sent if entry.proof is not None for key in (entry.proof.message_id, *entry.proof.others)}
    return named | {post.message_id for post in case.posts if post.click in clicks}


def _shown_already(thread: CaseRecord, case: ModelCase, clicks: list[int], text: str) -> bool:
    ours = {post.message_id for post in case.posts if post.click in clicks and post.text == text}
    return any(message.message_id in ours and message.body == text for message in thread.messages)


def check_archive(world: World, archive: Archive) -> None:
    """After each step: every reply is where it may be, says why, and its history tells how it came there."""
    entries = archive.entries()
    assert {entry.entry_id for entry in entries} == set(archive.expected)
    for entry in entries:
        _check_history(archive, entry)
        _check_stage(archive, entry)
        if entry.status is SENT and archive.expected[entry.entry_id].stage is Stage.APPROVED:
            _check_proof(world.cases[str(entry.draft.case_id)], archive, entry)
        if entry.status is HELD and (entry.reason or "").startswith("not_there"):
            _check_absence(world, archive, entry)
    busy = Counter(entry.draft.case_id for entry in entries if _in_flight(entry))
    assert all(count == 1 for count in busy.values())


def _in_flight(entry: OutboxEntry) -> bool:
    return entry.status in (SENDING, UNCONFIRMED) or (entry.status is HELD and entry.submit_started_at is not None)


def _check_history(archive: Archive, entry: OutboxEntry) -> None:
    events = outbox.events_of(archive.database, entry.entry_id)
    assert (None, OutboxStatus.DRAFT) == (events[0].source, events[0].target)
    assert events[-1].target is entry.status
    submitted = False
    for before, event in itertools.pairwise(events):
        assert before.target is event.source
        if event.event == "submit_started":
            assert not submitted
            submitted = True
        elif event.event == "restored":
            assert archive.is_copy
        elif event.source is not event.target:
            person = event.event == "resolved"
            assert is_legal(before.target, event.target, submitted=submitted, person=person)
            assert not person or event.reason
            submitted = submitted and not (person or event.source is REJECTED)


def _check_stage(archive: Archive, entry: OutboxEntry) -> None:
    expected = archive.expected[entry.entry_id]
    match expected.stage:
        case Stage.DRAFT:
            assert entry.status is OutboxStatus.DRAFT
        case Stage.CANCELLED:
            assert entry.status is OutboxStatus.CANCELLED
        case Stage.SETTLED:
            assert entry.status is SENT
        case Stage.APPROVED:
            assert entry.status in (QUEUED, SENDING, UNCONFIRMED, HELD, REJECTED, SENT)
            assert entry.reason or entry.status in (QUEUED, SENDING, SENT)
            if entry.status is QUEUED or (entry.status is SENDING and entry.submit_started_at is None):
                assert expected.licence is not None
                assert not expected.licence.used
                assert entry.approval is not None
                assert entry.approval.content_hash == entry.content_hash


def _check_proof(case: ModelCase, archive: Archive, entry: OutboxEntry) -> None:
    """The portal holds it: by our click, or by a colleague who wrote the very same."""
    assert entry.proof is not None
    posts = {post.message_id: post.text for post in case.posts}
    assert all(entry.draft.text in posts[key] for key in (entry.proof.message_id, *entry.proof.others))
    assert archive.is_copy or archive.expected[entry.entry_id].clicks


def _check_absence(world: World, archive: Archive, entry: OutboxEntry) -> None:
    licence = archive.expected[entry.entry_id].licence
    if licence is not None and licence.used_at is not None:
        waited = world.clock.monotonic() - licence.used_at
        assert waited >= GRACE, "nobody can be sure before the portal's grace is over"


def check_alarms(world: World) -> None:
    """Whoever found a reply doubled says so, in the archive and in the run's outcome."""
    for archive, window, outcome in world.outcomes:
        for result in outcome.of(SENT):
            entry = archive.entry(result.entry_id)
            case = window.model[str(entry.draft.case_id)]
            clicks = archive.expected[entry.entry_id].clicks
            looks = [look for look in window.looks if look.thread.case_id == case.case_id]
            first = next(look for look in looks if look.shows(result.message_ids[0]))
            doubled = [post for post in case.posts if post.click in clicks[-1:] and first.shows(post.message_id)]
            if len(doubled) > 1 and all(case.ever[post.message_id].body == entry.draft.text for post in doubled):
                assert result in outcome.alarms
                assert entry.proof is not None
                assert entry.proof.matches >= len(doubled)
    world.outcomes.clear()


def check_end(archive: Archive) -> None:
    """When the portal is well again and time went by, nothing is left open but what people have to settle."""
    entries = archive.entries()
    blocked = {entry.draft.case_id for entry in entries if entry.status is HELD and entry.submit_started_at is not None}
    for entry in entries:
        assert entry.status not in (SENDING, UNCONFIRMED)
        assert entry.status is not QUEUED or entry.draft.case_id in blocked
