"""Anybody does anything at any moment, and the outbox keeps its promises: never twice, never lost, all on record."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from contextlib import suppress
from pathlib import Path

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
from storage.errors import NotFound
from storage.errors import OutboxError
from storage.outbox import OutboxStatus
from storage.records import CaseStatus
from storage.records import Direction
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
VERDICTS = (Verdict.BLANK, Verdict.ERROR, Verdict.LOGIN)

cases = st.sampled_from(CASES)
numbers = st.integers(0, 7)
dooms = st.none() | st.builds(Doom, st.sampled_from(Fate), st.integers(1, 16), st.booleans())
goals = st.sampled_from([OutboxStatus.SENT, OutboxStatus.QUEUED, OutboxStatus.DRAFT, OutboxStatus.CANCELLED])


class Story(RuleBasedStateMachine):
    """People, processes, a portal and a clock."""

    template: Path

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.world = World(Path(folder), self.template, check_click)
        self.stack.enter_context(world_of(self.world.processes, self.world.clock))
        self.stack.callback(self.world.close)

    def archive(self, number: int) -> Archive:
        return self.world.archives[number % len(self.world.archives)]

    def entry(self, number: int) -> tuple[Archive, int]:
        """Any entry of any archive."""
        everything = [(archive, entry) for archive in self.world.archives for entry in archive.expected]
        return everything[number % len(everything)]

    def has_entries(self) -> bool:
        return any(archive.expected for archive in self.world.archives)

    def has_room(self) -> bool:
        return sum(len(archive.expected) for archive in self.world.archives) < 6

    # People

    @precondition(has_room)
    @rule(case=cases, text=st.sampled_from(TEXTS), files=st.sampled_from([(), ("a.pdf",)]), batch=st.booleans())
    def add(self, case: str, text: str, files: tuple[str, ...], batch: bool) -> None:
        self.world.add(self.archive(0), case, text, files, "b" if batch else "")

    @precondition(has_room)
    @rule(case=cases, text=st.sampled_from(TEXTS))
    def queue(self, case: str, text: str) -> None:
        """Add and approve in one step, so that stories reach the portal."""
        self.add(case, text, (), False)
        self.world.approve(self.archive(0), max(self.archive(0).expected))

    @precondition(has_entries)
    @rule(number=numbers)
    def approve(self, number: int) -> None:
        with suppress(OutboxError):
            self.world.approve(*self.entry(number))

    @rule(number=numbers, meanwhile=st.none() | cases)
    def approve_batch(self, number: int, meanwhile: str | None) -> None:
        archive = self.archive(number)
        with suppress(OutboxError, NotFound):
            digest = outbox.batch_digest(archive.database, "b").digest
            if meanwhile is not None:
                self.world.back_up(archive, meanwhile)
            self.world.approve_batch(archive, "b", digest)

    @precondition(has_entries)
    @rule(number=numbers, text=st.sampled_from(TEXTS))
    def edit(self, number: int, text: str) -> None:
        with suppress(OutboxError):
            self.world.edit(*self.entry(number), text)

    @precondition(has_entries)
    @rule(number=numbers)
    def cancel(self, number: int) -> None:
        with suppress(OutboxError):
            self.world.cancel(*self.entry(number))

    @precondition(has_entries)
    @rule(number=numbers, goal=goals, look=st.booleans())
    def resolve(self, number: int, goal: OutboxStatus, look: bool) -> None:
        with suppress(OutboxError):
            self.world.resolve(*self.entry(number), goal, look=look)

    @rule(number=numbers, case=cases)
    def back_up(self, number: int, case: str) -> None:
        self.world.back_up(self.archive(number), case)

    @rule(number=numbers, with_instance=st.booleans())
    def copy(self, number: int, with_instance: bool) -> None:
        if len(self.world.archives) < 3:
            self.world.copy(self.archive(number), with_instance=with_instance)

    # Processes

    @rule(number=numbers, doom=dooms)
    def send(self, number: int, doom: Doom | None) -> None:
        self.world.send(self.archive(number), doom)

    @precondition(lambda self: self.world.running())
    @rule(number=numbers, doom=dooms)
    def wake(self, number: int, doom: Doom | None) -> None:
        running = self.world.running()
        running[number % len(running)].go(doom)

    @precondition(lambda self: self.world.running())
    @rule(number=numbers)
    def kill(self, number: int) -> None:
        running = self.world.running()
        running[number % len(running)].kill()

    # The portal

    @rule(case=cases, click=st.sampled_from(CLICKS))
    def next_click(self, case: str, click: Click) -> None:
        self.world.cases[case].clicks.append(click)

    @rule(case=cases, fill=st.sampled_from(FILLS))
    def next_form(self, case: str, fill: Fill) -> None:
        self.world.cases[case].fills.append(fill)

    @rule(case=cases, way=st.sampled_from([*VERDICTS, False]), times=st.integers(1, 6))
    def unreadable(self, case: str, way: Verdict | bool, times: int) -> None:
        self.world.cases[case].looks.extend([way] * times)

    @rule(case=cases, way=st.sampled_from([*VERDICTS, Verdict.OK]), times=st.integers(1, 2))
    def no_form(self, case: str, way: Verdict, times: int) -> None:
        self.world.cases[case].opens.extend([way] * times)

    @rule(case=cases)
    def portal_answers(self, case: str) -> None:
        self.world.cases[case].write("And another thing.", direction=Direction.PORTAL)

    @rule(case=cases, text=st.sampled_from([*TEXTS, "I have called them."]))
    def colleague_answers(self, case: str, text: str) -> None:
        self.world.cases[case].colleague_writes(text)

    @rule(case=cases, number=numbers)
    def message_changes(self, case: str, number: int) -> None:
        if self.world.cases[case].thread:
            self.world.cases[case].edit(number, f"Edited, see {number}.")

    @rule(case=cases, number=numbers)
    def message_vanishes(self, case: str, number: int) -> None:
        if self.world.cases[case].thread:
            self.world.cases[case].remove(number)

    @rule(case=cases, status=st.sampled_from([CaseStatus.CLOSED, CaseStatus.NEEDS_USER]))
    def case_changes(self, case: str, status: CaseStatus) -> None:
        self.world.cases[case].status = status

    @rule(case=cases)
    def case_goes_or_returns(self, case: str) -> None:
        self.world.cases[case].exists = not self.world.cases[case].exists

    # Time

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


def test_every_story_keeps_the_promises(migrated: Path) -> None:
    """Crashes, late and lost answers, re-sent clicks, colleagues, copies and pauses: once, held, or found out."""
    Story.template = migrated
    run_state_machine_as_test(Story, settings=settings(max_examples=60, stateful_step_count=25))
