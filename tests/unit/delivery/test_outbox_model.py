"""Anybody does anything at any moment, and the outbox keeps its promises: never twice, never lost, all on record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule
from hypothesis.stateful import run_state_machine_as_test

from agent.extract.snapshot import Verdict
from agent.portal.protocol import SubmitAnswer
from storage import outbox
from storage.errors import OutboxError
from storage.errors import StaleApproval
from storage.outbox import OutboxStatus
from tests.unit.delivery.model_portal import ModelCase
from tests.unit.delivery.outbox_checks import check_alarms
from tests.unit.delivery.outbox_checks import check_archive
from tests.unit.delivery.outbox_checks import check_click
from tests.unit.delivery.outbox_checks import check_end
from tests.unit.delivery.outbox_world import CASES
from tests.unit.delivery.outbox_world import Archive
from tests.unit.delivery.outbox_world import World
from tests.unit.delivery.processes import Doom
from tests.unit.delivery.processes import Fate
from tests.unit.delivery.processes import world_of
from tests.unit.delivery.sending_portal import BLANK
from tests.unit.delivery.sending_portal import DROPPED
from tests.unit.delivery.sending_portal import LATE
from tests.unit.delivery.sending_portal import REFUSED
from tests.unit.delivery.sending_portal import Click
from tests.unit.delivery.sending_portal import Fill
from tests.unit.delivery.sending_run import TEXT

#: Short ones, which must stand alone, and long ones, of which one holds the other.
TEXTS = (TEXT, f"{TEXT} Kind regards", "Yes, please.", "Thank you.")

CLICKS = (
    BLANK,
    LATE,
    DROPPED,
    REFUSED,
    Click(dies=True),
    Click(times=0, dies=True),
    Click(times=0),
    Click(shown_after=33, answer=SubmitAnswer.UNCLEAR),
    Click(shown_after=3600, answer=SubmitAnswer.UNCLEAR),
    Click(answer=SubmitAnswer.REFUSED, words="Something went wrong."),
    Click(answer=SubmitAnswer.REFUSED, words="Something went wrong.", shown_after=3600),
    Click(times=0, answer=SubmitAnswer.NOT_CLICKED, words="gone"),
    Click(times=2),
    Click(times=2, shown_after=20, answer=SubmitAnswer.UNCLEAR),
    Click(shown_as="Your message was too long to be shown."),
    Click(without=("a.pdf",)),
)
FILLS = (Fill(text="other"), Fill(files=()), Fill(refused="Too large"), Fill(dies=True))
WAYS = (Verdict.BLANK, Verdict.ERROR, Verdict.LOGIN, False)


class Decision(StrEnum):
    """What a person does with a reply."""

    APPROVE = "approve"
    EDIT = "edit"
    CANCEL = "cancel"
    SENT = "sent"
    QUEUE_AGAIN = "queue again"
    REDRAFT = "redraft"


RESOLVED = {
    Decision.SENT: OutboxStatus.SENT,
    Decision.QUEUE_AGAIN: OutboxStatus.QUEUED,
    Decision.REDRAFT: OutboxStatus.DRAFT,
    Decision.CANCEL: OutboxStatus.CANCELLED,
}

#: What may happen in a case that is none of our doing; the number says to which message.
EVENTS: dict[str, Callable[[ModelCase, int], None]] = {
    "the portal answers": lambda case, _: case.happens_to_say("And another thing."),
    "a colleague answers": lambda case, _: case.colleague_writes("I have called them."),
    "a colleague writes the same": lambda case, n: case.colleague_writes(TEXTS[n % len(TEXTS)]),
    "a message changes": lambda case, n: case.edit(n, f"Edited, see {n}."),
    "a message vanishes": lambda case, n: case.remove(n),
    "the case is closed or opened": lambda case, _: case.close_or_open(),
    "the case goes or returns": lambda case, _: case.go_or_return(),
}

cases = st.sampled_from(CASES)
texts = st.sampled_from(TEXTS)
numbers = st.integers(0, 7)
dooms = st.none() | st.builds(Doom, st.sampled_from(Fate), st.integers(1, 16), st.booleans())
clicks = st.sampled_from(CLICKS)


class Story(RuleBasedStateMachine):
    """People, processes, a portal and a clock."""

    template: Path

    @initialize(replies=st.lists(st.tuples(cases, texts), min_size=1, max_size=3), clicks=st.lists(clicks, max_size=2))
    def begin(self, replies: list[tuple[str, str]], clicks: list[Click]) -> None:
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.world = World(Path(folder), self.template, check_click)
        self.stack.enter_context(world_of(self.world.processes, self.world.clock))
        self.stack.callback(self.world.close)
        for case, text in replies:
            self.queue(case, text, ())
        for each in self.world.cases.values():
            each.clicks.extend(clicks)

    def archive(self, number: int) -> Archive:
        return self.world.archives[number % len(self.world.archives)]

    def entry(self, number: int) -> tuple[Archive, int]:
        """Any entry of any archive."""
        everything = [(archive, entry) for archive in self.world.archives for entry in archive.expected]
        return everything[number % len(everything)]

    def has_room(self) -> bool:
        return sum(len(archive.expected) for archive in self.world.archives) < 6

    # People

    @precondition(has_room)
    @rule(case=cases, text=texts, files=st.sampled_from([(), ("a.pdf",)]))
    def queue(self, case: str, text: str, files: tuple[str, ...]) -> None:
        self.world.add(self.archive(0), case, text, files, "")
        self.world.approve(self.archive(0), max(self.archive(0).expected))

    @precondition(has_room)
    @rule(texts=st.lists(st.tuples(cases, texts), min_size=1, max_size=2), meanwhile=st.none() | cases)
    def queue_batch(self, texts: list[tuple[str, str]], meanwhile: str | None) -> None:
        """Approve by the digest, which says no if the thread was read anew with a message more."""
        for case, text in texts:
            self.world.add(self.archive(0), case, text, (), "b")
        digest = outbox.batch_digest(self.archive(0).database, "b").digest
        if meanwhile is not None:
            self.world.back_up(self.archive(0), meanwhile)
        with suppress(StaleApproval):
            self.world.approve_batch(self.archive(0), "b", digest)

    @rule(number=numbers, decision=st.sampled_from(Decision), look=st.booleans(), text=texts)
    def decide(self, number: int, decision: Decision, look: bool, text: str) -> None:
        """Do what the reply's state allows; with a `look`, its case is backed up first."""
        archive, entry_id = self.entry(number)
        if look:
            self.world.back_up(archive, archive.expected[entry_id].case_id)
        with suppress(OutboxError):
            if archive.entry(entry_id).status is OutboxStatus.HELD and decision in RESOLVED:
                self.world.resolve(archive, entry_id, RESOLVED[decision], look=look)
            elif decision is Decision.APPROVE:
                self.world.approve(archive, entry_id)
            elif decision is Decision.EDIT:
                self.world.edit(archive, entry_id, text)
            elif decision is Decision.CANCEL:
                self.world.cancel(archive, entry_id)

    @rule(number=numbers)
    def let_it_go_on(self, number: int) -> None:
        """Look at the case, and queue what waits for somebody to do that."""
        decision = Decision.QUEUE_AGAIN if self.stands(number) is OutboxStatus.HELD else Decision.APPROVE
        self.decide(number, decision, True, TEXT)

    def stands(self, number: int) -> OutboxStatus:
        archive, entry_id = self.entry(number)
        return archive.entry(entry_id).status

    @precondition(lambda self: len(self.world.archives) < 3)
    @rule(number=numbers, with_instance=st.booleans())
    def copy(self, number: int, with_instance: bool) -> None:
        self.world.copy(self.archive(number), with_instance=with_instance)

    # Processes

    @rule(number=numbers, doom=dooms)
    def send(self, number: int, doom: Doom | None) -> None:
        self.world.send(self.archive(number), doom)

    @rule(number=numbers, fate=st.sampled_from(Fate), after=st.integers(5, 9), before=st.booleans())
    def send_and_stop_around_the_click(self, number: int, fate: Fate, after: int, before: bool) -> None:
        self.world.send(self.archive(number), Doom(fate, after, before))

    @precondition(lambda self: self.world.running())
    @rule(number=numbers, doom=dooms, slept=st.sampled_from([0, 3, 700]))
    def wake(self, number: int, doom: Doom | None, slept: float) -> None:
        running = self.world.running()
        self.world.clock.advance(slept)
        running[number % len(running)].go(doom)

    @precondition(lambda self: self.world.running())
    @rule(number=numbers)
    def kill(self, number: int) -> None:
        running = self.world.running()
        running[number % len(running)].kill()

    @precondition(lambda self: self.world.running())
    @rule(number=numbers)
    def seem_dead(self, number: int) -> None:
        """Others find no such process, and take over what it holds; it goes on."""
        running = self.world.running()
        running[number % len(running)].seems_dead = True

    # The portal, and time

    @rule(case=cases, click=clicks)
    def next_click(self, case: str, click: Click) -> None:
        self.world.cases[case].clicks.append(click)

    @rule(case=cases, fill=st.none() | st.sampled_from(FILLS), way=st.sampled_from(WAYS), times=st.integers(1, 6))
    def trouble(self, case: str, fill: Fill | None, way: Verdict | bool, times: int) -> None:
        """The form or the thread fails for a while."""
        if fill is not None:
            self.world.cases[case].fills.append(fill)
        elif isinstance(way, Verdict) and times < 3:
            self.world.cases[case].opens.extend([way] * times)
        else:
            self.world.cases[case].looks.extend([way] * times)

    @rule(case=cases, event=st.sampled_from(sorted(EVENTS)), number=numbers)
    def happens(self, case: str, event: str, number: int) -> None:
        EVENTS[event](self.world.cases[case], number)

    @rule(seconds=st.sampled_from([1, 10, 60, 3600, 90_000]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @rule(seconds=st.sampled_from([-90_000, -60, 60, 90_000]))
    def clock_jumps(self, seconds: float) -> None:
        self.world.clock.jump(seconds)

    @invariant()
    def promises_are_kept(self) -> None:
        for archive in self.world.archives:
            check_archive(self.world, archive)
        check_alarms(self.world)

    def teardown(self) -> None:
        if not hasattr(self, "stack"):
            return
        with self.stack:
            for process in self.world.running():
                process.kill()
            for case in self.world.cases.values():
                case.heal()
            for archive in self.world.archives:
                for _ in range(2):
                    self.world.send(archive)
                    self.world.clock.advance(90_000)
                    check_archive(self.world, archive)
                self.world.send(archive)
                check_archive(self.world, archive)
                check_end(archive)
            check_alarms(self.world)


@pytest.mark.timeout(7200)
def test_every_story_keeps_the_promises(empty_archive: Path) -> None:
    """Crashes, late and lost answers, re-sent clicks, colleagues, copies and pauses: once, held, or found out."""
    Story.template = empty_archive
    # A story costs more than an example of most tests: half of what the profile gives, `soak` included.
    usual = settings()
    fewer = settings(max_examples=usual.max_examples // 2, stateful_step_count=usual.stateful_step_count // 2)
    run_state_machine_as_test(Story, settings=fewer)
