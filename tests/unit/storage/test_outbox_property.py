from __future__ import annotations

import itertools
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import rule
from hypothesis.stateful import run_state_machine_as_test

from storage import outbox
from storage.errors import OutboxError
from storage.opening import open_archive
from storage.outbox import TRANSITIONS
from storage.outbox import Baseline
from storage.outbox import Draft
from storage.outbox import OutboxStatus
from storage.outbox import Proof
from storage.outbox import When
from storage.outbox import is_legal
from storage.process import Holder

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOLDER = Holder(host="desk", pid=4711, process_started_at=NOON)

ARROWS = """
DRAFT -> QUEUED | CANCELLED
QUEUED -> SENDING | DRAFT | CANCELLED | HELD
SENDING -> QUEUED | HELD | SENT | REJECTED | UNCONFIRMED
UNCONFIRMED -> SENT | HELD
HELD -> SENT | QUEUED | DRAFT | CANCELLED
REJECTED -> DRAFT | CANCELLED
SENT ->
CANCELLED ->
"""


def test_transitions() -> None:
    """The table of moves is the one that the design draws."""
    drawn = {}
    for line in ARROWS.strip().splitlines():
        source, targets = line.split("->")
        drawn[OutboxStatus[source.strip()]] = {
            OutboxStatus[name.strip()] for name in targets.split("|") if name.strip()
        }
    assert drawn == {source: set(targets) for source, targets in TRANSITIONS.items()}


@pytest.mark.parametrize(("source", "target"), list(itertools.product(OutboxStatus, OutboxStatus)))
def test_conditions(source: OutboxStatus, target: OutboxStatus) -> None:
    """A submit opens the ways after it, closes those before it; only a person moves what is held; a restore holds."""
    every = set(itertools.product((False, True), repeat=3))
    legal = {each for each in every if is_legal(source, target, submitted=each[0], person=each[1], restored=each[2])}
    expected: dict[When | None, set[tuple[bool, ...]]] = {
        None: set(),
        When.ALWAYS: every,
        When.BEFORE_SUBMIT: {each for each in every if not each[0]},
        When.AFTER_SUBMIT: {each for each in every if each[0]},
        When.BY_PERSON: {each for each in every if each[1]},
        When.BY_RESTORE: {each for each in every if each[2]},
    }
    assert expected[TRANSITIONS[source].get(target)] == legal
    if source is OutboxStatus.HELD:
        assert not is_legal(source, target, submitted=True)
    if source is OutboxStatus.SENDING and target in (OutboxStatus.QUEUED, OutboxStatus.HELD):
        assert not is_legal(source, target, submitted=True)


class Outbox(RuleBasedStateMachine):
    """Anybody does anything with three replies to two cases, at any time; refusals are part of the game."""

    template: Path
    entries = st.integers(1, 3)

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        shutil.copy(self.template, Path(self.folder.name) / "a.db")
        self.database = open_archive(Path(self.folder.name) / "a.db", at=NOON)
        self.tokens: dict[int, str] = {}
        for number in range(3):
            draft = Draft(account="acme", case_id=str(number // 2), text=f"text {number}")
            outbox.add(self.database, draft, author="ann", at=NOON)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    def attempt(self, function: Any, *arguments: Any, **named: Any) -> Any:
        with suppress(OutboxError):
            return function(self.database, *arguments, at=NOON, **named)
        return None

    @rule(entry=entries)
    def approve(self, entry: int) -> None:
        seen = outbox.get_entry(self.database, entry).content_hash
        self.attempt(outbox.approve, entry, seen_hash=seen, seen_message_ids=(), approver="bob")

    @rule(entry=entries, text=st.sampled_from(["x", "y"]))
    def edit(self, entry: int, text: str) -> None:
        self.attempt(outbox.edit, entry, author="ann", text=text)

    @rule(entry=entries)
    def claim(self, entry: int) -> None:
        token = self.attempt(outbox.claim, entry, holder=HOLDER)
        if token is not None:
            self.tokens[entry] = token

    @rule(entry=entries)
    def begin(self, entry: int) -> None:
        baseline = Baseline(message_ids=(), occurrences=0, taken_at=NOON)
        with suppress(OutboxError):
            outbox.record_baseline(self.database, entry, self.tokens.get(entry, ""), baseline)
        self.attempt(outbox.submit_started, entry, self.tokens.get(entry, ""))

    @rule(
        entry=entries,
        ending=st.sampled_from(
            [outbox.release, outbox.hold, outbox.mark_rejected, outbox.mark_unconfirmed, outbox.mark_sent]
        ),
    )
    def end(self, entry: int, ending: Any) -> None:
        token = self.tokens.get(entry, "")
        if ending is outbox.mark_sent:
            self.attempt(ending, entry, token, Proof(message_id="m"))
        else:
            self.attempt(ending, entry, token, reason="so")

    @rule(entry=entries)
    def die(self, entry: int) -> None:
        self.attempt(outbox.release_dead_claim, entry, self.tokens.get(entry, ""))

    @rule(entry=entries, found=st.booleans())
    def reconcile(self, entry: int, found: bool) -> None:
        if found:
            self.attempt(outbox.reconcile_sent, entry, Proof(message_id="m"))
        else:
            self.attempt(outbox.reconcile_held, entry, reason="not there")

    @rule(entry=entries, goal=st.sampled_from(list(OutboxStatus)))
    def resolve(self, entry: int, goal: OutboxStatus) -> None:
        self.attempt(outbox.resolve, entry, goal, person="ann", reason="I looked")

    @rule(entry=entries)
    def cancel(self, entry: int) -> None:
        self.attempt(outbox.cancel, entry, actor="ann")

    @invariant()
    def history_is_legal(self) -> None:
        """Events form a chain of legal moves that ends at the entry's status; a second submit needs a person."""
        for entry in outbox.list_entries(self.database):
            events = outbox.events_of(self.database, entry.entry_id)
            assert events[-1].target == entry.status
            submitted = False
            for before, event in itertools.pairwise(events):
                assert before.target == event.source
                if event.event == "submit_started":
                    assert not submitted
                    submitted = True
                elif event.source != event.target:
                    person = event.event == "resolved"
                    assert is_legal(before.target, event.target, submitted=submitted, person=person)
                    # A rejected reply is certainly not there; otherwise only a person lets a second submit happen.
                    submitted = submitted and not (person or event.source is OutboxStatus.REJECTED)

    @invariant()
    def one_in_flight(self) -> None:
        """No conversation has two entries that may be under way; what is due may be claimed."""
        busy = Counter(
            entry.draft.case_id
            for entry in outbox.list_entries(self.database)
            if entry.status in (OutboxStatus.SENDING, OutboxStatus.UNCONFIRMED)
            or (entry.status is OutboxStatus.HELD and entry.submit_started_at is not None)
        )
        assert all(count == 1 for count in busy.values())
        assert not {entry.draft.case_id for entry in outbox.due(self.database)} & set(busy)

    @invariant()
    def approved_as_shown(self) -> None:
        """What waits or is under way is exactly what was approved."""
        for entry in outbox.list_entries(self.database):
            if entry.status in (OutboxStatus.QUEUED, OutboxStatus.SENDING):
                assert entry.approval is not None
                assert entry.content_hash == entry.approval.content_hash


def test_any_order_of_events(empty_archive: Path) -> None:
    """Whatever people, dispatchers and crashes do in whatever order, histories stay legal and one is in flight."""
    Outbox.template = empty_archive
    run_state_machine_as_test(
        Outbox,
        settings=settings(
            max_examples=settings().max_examples // 3,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
