"""Real browsers, a portal on loopback, an archive: whole backup runs as the command line makes them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from agent.backup.outcome import Outcome
from agent.backup.rules import PortalRules
from agent.backup.run import Setting
from agent.backup.run import run_backup
from agent.backup.work import Options
from agent.clock import SystemClock
from agent.config.model import AccountSettings
from agent.config.places import Places
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.portal.opening import open_portal
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.profile.load import load_profile
from agent.profile.model.profile import PortalProfile
from agent.recovery.steps import Budgets
from agent.recovery.stop import StopToken
from agent.secrets import Redactor
from agent.secrets import Secrets
from storage import archive
from storage import journal
from storage.database import Database
from storage.opening import open_archive
from storage.records import CaseRef
from tests.e2e.backup.truth_check import differences
from tests.e2e.browser_room import BrowserRoom


@dataclass(slots=True)
class RealHouse:
    """One account's archive. `deadline` is the profile's, shorter: a blank page should not cost a test its time."""

    room: BrowserRoom
    home: Path
    account: AccountSettings
    environ: dict[str, str]
    start: Engine = Engine.CHROMIUM
    deadline: float = 3.0
    at_once: int = 1  #: one after the other, so that a test can say what comes first
    rows: int | None = None  #: on a page of the list, instead of the profile's
    budgets: Budgets = field(default_factory=Budgets)
    stop: StopToken = field(default_factory=lambda: StopToken("test"))
    on_progress: Callable[[str, int, int | None], None] = lambda *_: None

    @property
    def places(self) -> Places:
        return Places.under(self.home)

    @contextmanager
    def archive(self) -> Iterator[Database]:
        database = open_archive(self.places.archive)
        try:
            yield database
        finally:
            database.close()

    @property
    def profile(self) -> PortalProfile:
        profile = load_profile(self.account.profile)
        changes: dict[str, Any] = {"politeness": profile.politeness.model_copy(update={"deadline": self.deadline})}
        if self.rows is not None and profile.list.page_size is not None:
            size = profile.list.page_size.model_copy(update={"rows": self.rows})
            changes["list"] = profile.list.model_copy(update={"page_size": size})
        return profile.model_copy(update=changes)

    def run(self, **options: Any) -> Outcome:
        return self.room.run(self.backup(**options))

    async def backup(self, **options: Any) -> Outcome:
        with self.archive() as database:
            return await run_backup(self._setting(database), Options(**options))

    async def open_portal(self, environment: Environment) -> Portal:
        return await open_portal(
            self.account,
            self.profile,
            browsers=self.room.browsers,
            environment=environment,
            secrets=Secrets(environ=self.environ, redactor=Redactor()),
            clock=SystemClock(),
            places=self.places,
        )

    def _setting(self, database: Database) -> Setting:
        facts = AccountFacts.of(self.account)
        return Setting(
            database=database,
            account=facts,
            rules=PortalRules.of(self.profile, facts),
            open_portal=self.open_portal,
            engines={found.engine: found.version for found in reversed(self.room.browsers.discovery.found)},
            usual=Environment(self.start),
            at_once=self.at_once,
            clock=SystemClock(),
            stop=self.stop,
            budgets=self.budgets,
            progress=self.on_progress,
        )

    def attempts(self, outcome: Outcome) -> list[tuple[str, str, str, str | None]]:
        """What the journal says was attempted: verdict before, rung, engine, result."""
        with self.archive() as database:
            rows = journal.recoveries_of(database, outcome.run_id)
        assert all(row.engine_version for row in rows)
        return [(row.verdict, row.rung, row.engine, row.result) for row in rows]

    def sign_ins(self, outcome: Outcome) -> int:
        with self.archive() as database:
            return journal.count_sign_ins(database, outcome.run_id)

    def evidence_files(self, outcome: Outcome) -> set[str]:
        """The names of the evidence that the journal knows, all of it on the disk."""
        with self.archive() as database:
            paths = [database.folder / item.path for item in journal.evidence_of(database, outcome.run_id)]
        assert all(path.is_file() for path in paths)
        return {path.name for path in paths}

    def archived(self) -> set[str]:
        """The ids of the cases that the archive holds."""
        with self.archive() as database:
            return set(archive.case_states(database, self.account.name))

    def bodies(self, case_id: str) -> list[str]:
        with self.archive() as database:
            case = archive.get_case(database, CaseRef(account=self.account.name, case_id=case_id))
        return [message.body for message in case.record.messages]

    def absences(self) -> dict[str, str]:
        """The cases that are absent now, and the last that the change log says of each."""
        with self.archive() as database:
            states = archive.case_states(database, self.account.name)
            events = {change.ref.case_id: change.event.value for change in archive.read_changes(database)}
        return {case_id: events[case_id] for case_id, state in states.items() if state.absent_since is not None}

    def against(self, truth: dict[str, Any]) -> list[str]:
        """Every way in which the archive is not the truth."""
        with self.archive() as database:
            return differences(database, self.account.name, truth)
