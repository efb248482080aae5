"""Reads a sample of archived cases again and compares. Stores nothing of what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from agent.backup.comparison import Compared
from agent.backup.comparison import Result
from agent.backup.comparison import compare
from agent.backup.run import Setting
from agent.backup.sample import choose
from agent.backup.streak import Streak
from agent.backup.threads import Thread
from agent.backup.threads import ThreadReader
from agent.errors import CaselogError
from agent.errors import EngineError
from agent.errors import RunStopped
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.portal.protocol import Portal
from agent.recovery.account_lock import hold_account
from agent.recovery.account_lock import this_process
from agent.recovery.climb import Reader
from agent.recovery.identity import Guard
from agent.recovery.logbook import Logbook
from agent.recovery.opening import open_at_start
from agent.recovery.rows import find_rows
from storage import archive
from storage import journal
from storage.journal import RunOutcome
from storage.records import CaseRef
from storage.verify.hashes import stored_hashes

#: The scope under which such a run stands in the journal: it backs nothing up.
SCOPE = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCheck:
    """How a check of `sample` cases went. `error` is what ended it early: then nothing is said about any case."""

    run_id: str
    sample: tuple[str, ...]
    compared: tuple[Compared, ...]
    error: CaselogError | None = None

    def count(self, result: Result) -> int:
        return sum(each.result is result for each in self.compared)


async def check_live(setting: Setting, *, sample: int, seed: int) -> LiveCheck:
    """Compare up to `sample` cases with the portal. Raises `AccountBusy`, and errors of the archive."""
    database, name, clock = setting.database, setting.account.name, setting.clock
    with hold_account(database, name, purpose="verify", clock=clock):
        chosen = choose(archive.case_states(database, name).values(), sample, seed=seed)
        run_id = journal.start_run(database, name, scope=SCOPE, holder=this_process(), at=clock.now())
        logbook = setting.logbook(run_id)
        outcome = RunOutcome.FAILED
        compared: tuple[Compared, ...] = ()
        try:
            compared = await _compare(setting, logbook, chosen)
            outcome = RunOutcome.PARTIAL
        except (RunStopped, EngineError) as error:
            return LiveCheck(run_id=run_id, sample=chosen, compared=(), error=error)
        finally:
            logbook.flush()
            numbers = {"sample": len(chosen), "seed": seed}
            numbers |= {result.value: sum(each.result is result for each in compared) for result in Result}
            journal.finish_run(database, run_id, outcome=outcome, numbers=numbers, at=clock.now())
        return LiveCheck(run_id=run_id, sample=chosen, compared=compared)


async def _compare(setting: Setting, logbook: Logbook, chosen: Sequence[str]) -> tuple[Compared, ...]:
    if not chosen:  # then there is nothing to sign in for
        return ()
    portal = await open_at_start(setting)
    try:
        reader = Reader(
            portal,
            account=setting.account,
            logbook=logbook,
            clock=setting.clock,
            stop=setting.stop,
            budgets=setting.budgets,
        )
        threads = await _Look(setting, portal, reader).read(chosen)
    finally:
        await portal.close()
    return tuple(_judge(setting, case_id, thread) for case_id, thread in threads.items())


def _judge(setting: Setting, case_id: str, thread: Thread) -> Compared:
    if thread.record is None:
        return Compared(case_id=case_id, result=Result.NOT_READ, reason=thread.verdict.value)
    ref = CaseRef(account=setting.account.name, case_id=case_id)
    archived = archive.get_case(setting.database, ref)
    return compare(archived, stored_hashes(setting.database, ref), thread.record)


@dataclass(slots=True)
class _Look:
    """Reads the cases one after the other, between two headers that show the configured account."""

    setting: Setting
    portal: Portal
    reader: Reader
    _guard: Guard[None] = field(init=False)

    def __post_init__(self) -> None:
        self._guard = Guard(self.setting.account)

    async def read(self, case_ids: Sequence[str]) -> dict[str, Thread]:
        """Ends early, with whole cases, when a person wants an end. Raises a `RunStopped`."""
        reading = ThreadReader(self.portal, self._read, self.setting.rules.assemble)
        streak = Streak(self.setting.account.name)
        found: dict[str, Thread] = {}
        await self._prove()
        wanted = frozenset(case_ids if self.portal.case_needs_row else ())
        tabs, stop = self.setting.rules.tabs, self.reader.stop
        rows = await find_rows(self.portal, self._read, tabs, wanted, finishing=lambda: stop.finishing)
        for number, case_id in enumerate(case_ids):
            if stop.finishing:
                break
            self.setting.progress("cases", number, len(case_ids))
            thread = await reading.read_thread(self.portal.case_request(case_id, rows.get(case_id)))
            stopped = streak.note(thread.readings[0])
            if stopped is not None:
                raise stopped
            found[case_id] = thread
        await self._prove()
        return found

    async def _read(self, request: PageRequest) -> Reading:
        reading = await self.reader.read(request)
        self._guard.shows(reading)
        return reading

    async def _prove(self) -> None:
        self._guard.require(await self.reader.read(self.portal.list_request(self.setting.rules.tabs[0])))
