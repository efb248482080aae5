"""A scripted portal, an archive and a clock, and one backup run after the other over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from agent.backup.absence import Losses
from agent.backup.outcome import Outcome
from agent.backup.rules import PortalRules
from agent.backup.run import Setting
from agent.backup.run import run_backup
from agent.backup.work import Options
from agent.clock import ManualClock
from agent.errors import NoEngine
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.profile.load import parse_profile
from agent.recovery.steps import Budgets
from agent.recovery.stop import StopToken
from storage import archive
from storage.archive import CaseState
from storage.database import Database
from storage.records import CaseRef
from storage.records import Tab
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.scripted_portal import ScriptedCase
from tests.unit.recovery.scripted_portal import ScriptedPortal

PROFILE: dict[str, Any] = {
    "title": "Scripted",
    "locales": ["en"],
    "statuses": {"closed": "closed"},
    "dates": {"default": {"formats": {"*": "iso"}, "zone": "UTC"}},
    "sign_in": {
        "url": "/login",
        "handlers": [{"name": "password", "when": "form", "steps": [{"fill": "input", "value": "{password}"}]}],
        "signed_in": "nav",
    },
    "identity": {"account_name": ".account"},
    "tabs": {
        "all": {"url": "/list/all"},
        "mine": {"url": "/list/mine"},
        "attention": {"url": "/list/attention"},
        "filtered": {"url": "/list/filtered", "history": True},
    },
    "list": {"ready": "table", "rows": "tr", "empty": ".empty", "id": ".id", "updated": ".updated"},
    "case": {
        "url": "/case/{case_id}",
        "ready": "h1",
        "subject": "h1",
        "status": ".status",
        "direction": [{"author_like": "", "means": "portal"}],
        "messages": [{"name": "thread", "items": ".message", "author": ".who", "sent_at": ".when", "body": ".text"}],
    },
}


@dataclass(slots=True)
class House:
    """`tell` changes a run's setting; the portal stays signed in from run to run."""

    database: Database
    portal: ScriptedPortal
    clock: ManualClock = field(default_factory=ManualClock)
    stop: StopToken = field(default_factory=lambda: StopToken(ACCOUNT.name))
    row_changes_with_message: bool = False
    at_once: int = 3
    progress: list[tuple[str, int, int | None]] = field(default_factory=list)
    opened: list[Environment] = field(default_factory=list)
    missing_engines: tuple[Engine, ...] = ()
    losses: Losses = field(default_factory=Losses)
    account: AccountFacts = ACCOUNT

    async def open_portal(self, environment: Environment) -> Portal:
        self.opened.append(environment)
        if environment.engine in self.missing_engines:
            raise NoEngine(environment.engine.value)
        self.portal.environment = environment
        self.portal.closed = False
        return self.portal

    async def run(self, **options: Any) -> Outcome:
        """One backup, an hour after the one before."""
        self.clock.advance(3600)
        self.portal.log.clear()
        return await run_backup(self.setting(), Options(**options))

    def setting(self) -> Setting:
        told = {"changes_with_message": "updated", "fingerprint": ["updated"]} if self.row_changes_with_message else {}
        profile = parse_profile("scripted", {**PROFILE, "list": {**PROFILE["list"], **told}})
        rules = PortalRules.of(profile, self.account)
        return Setting(
            database=self.database,
            account=self.account,
            rules=rules,
            open_portal=self.open_portal,
            engines={engine: f"{engine} 1.0" for engine in (Engine.CHROMIUM, Engine.FIREFOX)},
            usual=Environment(),
            at_once=self.at_once,
            clock=self.clock,
            stop=self.stop,
            budgets=Budgets(),
            progress=lambda *step: self.progress.append(step),
            losses=self.losses,
        )

    def states(self) -> Mapping[str, CaseState]:
        return archive.case_states(self.database, self.account.name)

    def bodies(self, case_id: str) -> list[str]:
        case = archive.get_case(self.database, CaseRef(account=self.account.name, case_id=case_id))
        return [message.body for message in case.record.messages]

    def events(self, outcome: Outcome) -> list[tuple[str, str]]:
        """The case and the event of each change that a run logged."""
        changes = archive.read_changes(self.database, run_id=outcome.run_id)
        return [(change.ref.case_id, change.event.value) for change in changes]

    def absent(self) -> list[str]:
        return sorted(case_id for case_id, state in self.states().items() if state.absent_since is not None)

    def case_reads(self) -> list[str]:
        return [path for path in self.portal.reads() if path.startswith("/case/")]


def some_cases(count: int = 3, **settings: Any) -> list[ScriptedCase]:
    return [ScriptedCase(str(number), **settings) for number in range(1, count + 1)]


def everywhere() -> set[Tab]:
    return {Tab.ALL, Tab.MINE, Tab.FILTERED}
