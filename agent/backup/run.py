"""One backup run of one account, from taking the account to closing the run."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field

from agent.backup.absence import Losses
from agent.backup.outcome import Counts
from agent.backup.outcome import Outcome
from agent.backup.rules import PortalRules
from agent.backup.work import BackupWork
from agent.backup.work import Options
from agent.clock import Clock
from agent.errors import CaselogError
from agent.errors import EngineError
from agent.errors import RunStopped
from agent.errors import StopRequested
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.log import get_logger
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.recovery.account_lock import hold_account
from agent.recovery.account_lock import this_process
from agent.recovery.climb import Reader
from agent.recovery.evidence import EvidenceKeeper
from agent.recovery.logbook import Logbook
from agent.recovery.opening import open_at_start
from agent.recovery.steps import Budgets
from agent.recovery.stop import StopToken
from storage import journal
from storage.database import Database
from storage.errors import ArchiveError
from storage.journal import RunOutcome

log = get_logger(__name__)

#: What is done, how much of it, of how much (`None`: not known yet).
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a run works with. `engines` are those that can be had, with their versions; `usual` is the normal start.

    `losses` is shared by the accounts of one command at one portal.
    """

    database: Database
    account: AccountFacts
    rules: PortalRules
    open_portal: Callable[[Environment], Awaitable[Portal]]
    engines: Mapping[Engine, str]
    usual: Environment
    at_once: int
    clock: Clock
    stop: StopToken
    budgets: Budgets
    progress: Progress
    losses: Losses = field(default_factory=Losses)

    def logbook(self, run_id: str) -> Logbook:
        return Logbook(
            database=self.database,
            run_id=run_id,
            account=self.account.name,
            clock=self.clock,
            versions=self.engines,
            usual=self.usual,
        )


async def run_backup(setting: Setting, options: Options) -> Outcome:
    """Back up one account. What ends a run early is in the outcome's `error`; the journal is closed in any case.

    Raises `AccountBusy`, and errors of the archive.
    """
    database, name, clock = setting.database, setting.account.name, setting.clock
    with hold_account(database, name, purpose="backup", clock=clock):
        run_id = journal.start_run(database, name, scope=options.scope, holder=this_process(), at=clock.now())
        log.info("run_started", run=run_id, account=name, scope=options.scope)
        closing = _Closing(setting, options, run_id, clock.monotonic())
        work: BackupWork | None = None
        try:
            portal = await open_at_start(setting)
            try:
                work = _prepare(setting, options, portal, run_id)
                await work.do()
            finally:
                await portal.close()
        except (RunStopped, EngineError) as error:
            return closing.close(work, error)
        except BaseException as error:
            # The journal may be what is broken; the first error is the one to tell.
            with suppress(ArchiveError):
                closing.close(work, None, RunOutcome.FAILED if isinstance(error, Exception) else RunOutcome.INTERRUPTED)
            raise
        return closing.close(work, None)


def _prepare(setting: Setting, options: Options, portal: Portal, run_id: str) -> BackupWork:
    logbook = setting.logbook(run_id)
    reader = Reader(
        portal,
        account=setting.account,
        logbook=logbook,
        clock=setting.clock,
        stop=setting.stop,
        budgets=setting.budgets,
        evidence=EvidenceKeeper(portal, logbook, every_page=options.evidence),
    )
    return BackupWork(
        database=setting.database,
        account=setting.account,
        rules=setting.rules,
        options=options,
        portal=portal,
        reader=reader,
        logbook=logbook,
        run_id=run_id,
        at_once=setting.at_once,
        clock=setting.clock,
        progress=setting.progress,
        losses=setting.losses,
    )


@dataclass(frozen=True, slots=True)
class _Closing:
    """Says how a run went, to the journal and to the caller."""

    setting: Setting
    options: Options
    run_id: str
    begun: float

    def close(self, work: BackupWork | None, error: CaselogError | None, outcome: RunOutcome | None = None) -> Outcome:
        if work is not None:
            work.logbook.flush()
        report = Outcome(
            run_id=self.run_id,
            account=self.setting.account.name,
            scope=self.options.scope,
            outcome=outcome or _verdict(work, error),
            certificates={} if work is None else work.certificates,
            counts=Counts() if work is None else work.counts,
            pages={} if work is None else dict(work.reader.pages),
            recoveries=() if work is None else tuple(work.reader.recoveries),
            engine="" if work is None else work.portal.environment.engine.value,
            seconds=self.setting.clock.monotonic() - self.begun,
            missed=() if work is None else tuple(work.missed()),
            error=error,
        )
        journal.finish_run(
            self.setting.database,
            self.run_id,
            outcome=report.outcome,
            numbers=report.to_json(),
            at=self.setting.clock.now(),
        )
        log.info("run_closed", run=self.run_id, outcome=report.outcome.value, error=error and type(error).__name__)
        return report


def _verdict(work: BackupWork | None, error: CaselogError | None) -> RunOutcome:
    if error is not None:
        return RunOutcome.PARTIAL if isinstance(error, StopRequested) else RunOutcome.FAILED
    whole = work is not None and work.options.scope == "all" and not list(work.missed())
    return RunOutcome.COMPLETE if whole else RunOutcome.PARTIAL
