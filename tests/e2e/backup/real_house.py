"""Real browsers, a portal on loopback, an archive: whole backup runs as the command line makes them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from collections.abc import Coroutine
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any
from typing import TypeVar

from agent.backup.outcome import Outcome
from agent.backup.rules import PortalRules
from agent.backup.run import Setting
from agent.backup.run import run_backup
from agent.backup.work import Options
from agent.browser.running import Browsers
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

T = TypeVar("T")


class BrowserRoom:
    """An event loop in a thread of its own with browsers that many runs share."""

    def __init__(self, root: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.browsers = Browsers(root)
        self.run(self.browsers.__aenter__())

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        self.run(self.browsers.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


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
    budgets: Budgets = field(default_factory=Budgets)
    stop: StopToken = field(default_factory=lambda: StopToken("test"))
    on_progress: Callable[[str, int, int | None], None] = lambda *_: None

    @property
    def places(self) -> Places:
        return Places.under(self.home)

    def open_archive(self) -> Database:
        return open_archive(self.places.archive)

    @property
    def profile(self) -> PortalProfile:
        profile = load_profile(self.account.profile)
        polite = profile.politeness.model_copy(update={"deadline": self.deadline})
        return profile.model_copy(update={"politeness": polite})

    def run(self, **options: Any) -> Outcome:
        return self.room.run(self.backup(**options))

    async def backup(self, **options: Any) -> Outcome:
        facts, clock = AccountFacts.of(self.account), SystemClock()
        secrets = Secrets(environ=self.environ, redactor=Redactor())
        database = self.open_archive()

        async def open_at(environment: Environment) -> Portal:
            return await open_portal(
                self.account,
                self.profile,
                browsers=self.room.browsers,
                environment=environment,
                secrets=secrets,
                clock=clock,
                places=self.places,
            )

        setting = Setting(
            database=database,
            account=facts,
            rules=PortalRules.of(self.profile, facts),
            open_portal=open_at,
            engines={found.engine: found.version for found in reversed(self.room.browsers.discovery.found)},
            usual=Environment(self.start),
            at_once=self.at_once,
            clock=clock,
            stop=self.stop,
            budgets=self.budgets,
            progress=self.on_progress,
        )
        try:
            return await run_backup(setting, Options(**options))
        finally:
            database.close()

    def attempts(self, outcome: Outcome) -> list[tuple[str, str, str, str | None]]:
        """What the journal says was attempted: verdict before, rung, engine, result."""
        database = self.open_archive()
        try:
            rows = journal.recoveries_of(database, outcome.run_id)
            assert all(row.engine_version for row in rows)
            return [(row.verdict, row.rung, row.engine, row.result) for row in rows]
        finally:
            database.close()

    def sign_ins(self, outcome: Outcome) -> int:
        database = self.open_archive()
        try:
            return journal.count_sign_ins(database, outcome.run_id)
        finally:
            database.close()

    def evidence_files(self, outcome: Outcome) -> set[str]:
        """The names of the evidence that the journal knows, all of it on the disk."""
        database = self.open_archive()
        try:
            paths = [database.folder / item.path for item in journal.evidence_of(database, outcome.run_id)]
        finally:
            database.close()
        assert all(path.is_file() for path in paths)
        return {path.name for path in paths}

    def archived(self) -> set[str]:
        """The ids of the cases that the archive holds."""
        database = self.open_archive()
        try:
            return set(archive.case_states(database, self.account.name))
        finally:
            database.close()
