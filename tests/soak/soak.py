"""Plays one seed's story: runs with faults between changes, then calm, judged after every step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.backup.outcome import Outcome
from agent.delivery.send import SendOutcome
from agent.portal import limiter
from agent.recovery import ladder
from mock_portal.server import MockPortal
from mock_portal.settings import PortalSettings
from storage.archive import ArchivedCase
from storage.journal import RunOutcome
from storage.outbox import OutboxStatus
from tests.e2e.backup.truth_check import differences
from tests.e2e.browser_room import BrowserRoom
from tests.soak.judge_backup import differences_from
from tests.soak.judge_backup import judge_backup
from tests.soak.judge_replies import judge_replies
from tests.soak.run_seen import RunSeen
from tests.soak.run_seen import judge_manners
from tests.soak.soak_house import SoakHouse
from tests.soak.story import Story
from tests.soak.survival import Survival
from tests.soak.witness import Span
from tests.soak.witness import Witness

_OPEN = (OutboxStatus.QUEUED, OutboxStatus.SENDING, OutboxStatus.UNCONFIRMED)


@dataclass(slots=True)
class Soak:
    """One seed's portal and archive. `misses` are the promises that did not hold."""

    story: Story
    portal: MockPortal
    house: SoakHouse
    witness: Witness
    misses: list[str] = field(default_factory=list)
    runs: list[RunSeen] = field(default_factory=list)
    _removed: list[str] = field(default_factory=list)
    _contents: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def play(self) -> None:
        story = self.story
        story.begin("first backup")
        self._backup(story.reading_faults(), moving=True)
        story.begin("replies")
        self._change()
        self._write_replies()
        self._send(story.sending_faults())
        story.begin("second backup")
        self._change()
        self._backup(story.reading_faults(ending=True), moving=True)
        self._settle()

    def note(self, survival: Survival) -> None:
        """Add what this seed met and how it ended to the table."""
        for run in self.runs:
            survival.note(self.story.skin, run, self.house.pages(run.run_id), self.house.attempts(run.run_id))
        survival.note_replies(self.house.entries(), [asked for run in self.runs for asked in run.requests])

    def _write_replies(self) -> None:
        """Queue replies to whatever is archived whole; some carry files, some say the same twice."""
        cases = [case.record for case in self.house.archived().values() if case.absent_since is None]
        able = [case for case in cases if case.can_reply and case.complete]
        for reply in self.story.replies(able):
            self.house.approve(reply.case, reply.text, batch=reply.batch, files=reply.files)

    def _send(self, faults: list[dict[str, Any]]) -> None:
        entries = self.house.entries()
        if not any(entry.status in _OPEN for entry in entries):
            return
        with self._seen(faults) as done:
            done(self.house.send())
        run = self.runs[-1]
        self._judge_archive(run, self.house.archived())
        self._judge_replies(run, final=False)

    def _judge_replies(self, run: RunSeen, *, final: bool) -> None:
        met = {kind for each in self.runs for kind in each.kinds}
        self._miss(run, judge_replies(self.house.entries(), self.portal.ledger(), self.witness, met, final=final))

    def _backup(self, faults: list[dict[str, Any]], *, moving: bool = False) -> RunSeen:
        before = self.house.archived()
        turns = self.story.rng.sample(range(1, 20), 2) if moving else []
        ticks = 0

        def tick(*_: object) -> None:
            nonlocal ticks
            ticks += 1
            if ticks in turns:
                self._change()

        with self._seen(faults) as done:
            done(self.house.backup_telling(tick))
        run = self.runs[-1]
        now = self.house.archived()
        self._miss(run, judge_backup(run, self.witness, before, now))
        self._judge_archive(run, now)
        return run

    def _change(self) -> None:
        """Let the portal move on by itself."""
        truth = self.portal.truth()
        wanted = self.story.changes(truth)
        if "restore" in wanted:
            wanted = {"restore": wanted["restore"] + self._removed}
            self._removed = []
        self._removed += wanted.get("remove", [])
        self.portal.advance(**wanted)

    @contextmanager
    def _seen(self, faults: list[dict[str, Any]]) -> Iterator[Any]:
        """Watch one run: its time, its requests, and what it says in the end."""
        self.portal.set_faults(*faults)
        asked = len(self.portal.requests()["requests"])
        begin = datetime.now(UTC)

        def done(outcome: Outcome | SendOutcome) -> None:
            span = Span(begin, datetime.now(UTC))
            requests = self.portal.requests()["requests"][asked:]
            self.portal.set_faults()
            self.witness.look()
            self.runs.append(RunSeen(span, self.house.last_run(), requests, outcome, self.story.pages))

        yield done

    def _judge_archive(self, run: RunSeen, now: dict[str, ArchivedCase]) -> None:
        """Manners, health, and that nothing that was archived once is lost."""
        self._miss(run, judge_manners(run, sign_ins=self.house.sign_ins(run.run_id)))
        self._miss(run, self.house.findings())
        for case_id in now:
            held = self.house.contents(case_id)
            lost = self._contents.get(case_id, set()) - held
            self._miss(run, [f"{case_id} lost {message} {body!r}" for message, body in sorted(lost)])
            self._contents[case_id] = held

    def _settle(self) -> None:
        """Without faults every reply finds its end, a backup completes, and the archive is the truth."""
        self._send([])
        self._send([])
        run = self._backup([])
        self._judge_replies(run, final=True)
        assert isinstance(run.outcome, Outcome)
        if run.outcome.outcome is not RunOutcome.COMPLETE:
            self._miss(run, [f"a calm run: {run.outcome}"])
        self._miss(run, self._against_truth())

    def _against_truth(self) -> list[str]:
        truth = self.portal.truth()
        gone = {case_id for case_id, case in self.house.archived().items() if case.absent_since is not None}
        unlisted = {str(case["id"]) for case in truth["cases"] if not case["listed"]}
        told = [case for case in truth["cases"] if case["listed"]]
        with self.house.archive() as database:
            found = differences(database, self.house.account, {**truth, "cases": told})
        # What is listed no more stays in the archive, marked; that it was archived before is not certain.
        found = [line for line in found if line.removeprefix("extra ") not in gone]
        for case in truth["cases"]:
            case_id = str(case["id"])
            if case_id in unlisted and case_id in gone:
                found += differences_from(self.house.archived()[case_id], [case])
        return found

    def _miss(self, run: RunSeen, found: list[str]) -> None:
        number = self.runs.index(run) + 1
        self.misses += [f"seed {self.story.seed}, run {number} ({run.run_id}): {line}" for line in found]


def soak(seed: int, *, room: BrowserRoom, home: Path, survival: Survival) -> Soak:
    """Play one seed, and add what was survived."""
    story = Story(seed)
    home.mkdir(parents=True)
    settings = PortalSettings(skin=story.skin, seed=seed, cases=story.cases, window_days=story.window, otp_period=2)
    with MockPortal(settings) as portal:
        account = portal.ready.accounts[0].name
        house = SoakHouse.at(portal.ready, account, room=room, home=home)
        house.hurry(pages=story.pages)
        house.first = story.engine
        made = Soak(story, portal, house, Witness(portal, account))
        made.play()
        made.note(survival)
        return made


@contextmanager
def short_waits() -> Iterator[None]:
    """Let a reload wait less than it does at a real portal, and a run that was told to slow down not wait minutes."""
    usual = ladder.RELOAD_WAITS, limiter.SLOWEST_GAP
    ladder.RELOAD_WAITS, limiter.SLOWEST_GAP = (0.1, 0.3), 2.0
    try:
        yield
    finally:
        ladder.RELOAD_WAITS, limiter.SLOWEST_GAP = usual
