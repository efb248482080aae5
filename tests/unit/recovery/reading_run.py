"""One run's reader on the scripted portal, with what tests want to know of it."""

from __future__ import annotations

from dataclasses import dataclass

from agent.clock import ManualClock
from agent.extract.reading import Reading
from agent.profile.account import AccountFacts
from agent.recovery.account_lock import this_process
from agent.recovery.climb import Reader
from agent.recovery.logbook import Logbook
from agent.recovery.steps import Budgets
from agent.recovery.stop import StopToken
from storage import journal
from storage.database import Database
from storage.records import Tab
from tests.unit.recovery.scripted_portal import OURS
from tests.unit.recovery.scripted_portal import ScriptedPortal

ACCOUNT = AccountFacts(
    name="acme", base_url="https://portal.test", user="ann", account_name=OURS.account_name or "", marketplace="US"
)


@dataclass(slots=True)
class ReadingRun:
    portal: ScriptedPortal
    reader: Reader
    clock: ManualClock
    database: Database
    run_id: str
    thrown: list[bool]  #: the stop switch: not empty when it is thrown

    @classmethod
    def start(cls, database: Database, portal: ScriptedPortal, *, budgets: Budgets | None = None) -> ReadingRun:
        clock = ManualClock()
        run_id = journal.start_run(database, ACCOUNT.name, scope="all", holder=this_process(), at=clock.now())
        thrown: list[bool] = []
        logbook = Logbook(
            database=database,
            run_id=run_id,
            account=ACCOUNT.name,
            clock=clock,
            versions={engine: f"{engine} 1.0" for engine in portal.engines},
            usual=portal.environment,
        )
        stop = StopToken(ACCOUNT.name, lambda: bool(thrown))
        reader = Reader(portal, account=ACCOUNT, logbook=logbook, clock=clock, stop=stop, budgets=budgets)
        return cls(portal, reader, clock, database, run_id, thrown)

    @property
    def attempts(self) -> list[tuple[str, str, str, str | None]]:
        """What the journal says was attempted: verdict before, rung, engine, result."""
        rows = journal.recoveries_of(self.database, self.run_id)
        return [(row.verdict, row.rung, row.engine, row.result) for row in rows]

    @property
    def sign_ins(self) -> list[str | None]:
        rows = journal.list_sign_ins(self.database, ACCOUNT.name)
        return [row.outcome for row in reversed(rows)]

    async def read_case(self, case_id: str = "1") -> Reading:
        return await self.reader.read(self.portal.case_request(case_id, None))

    async def read_list(self, tab: Tab = Tab.ALL) -> Reading:
        return await self.reader.read(self.portal.list_request(tab))
