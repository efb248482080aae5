"""A whole sending run of one account, from taking the account to closing the run."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent.clock import Clock
from agent.delivery.desk import Desk
from agent.delivery.reconcile import settle_unread
from agent.delivery.rules import SendingRules
from agent.delivery.send import SendOutcome
from agent.delivery.send import send
from agent.delivery.threads import CaseThreads
from agent.delivery.threads import ReadWhole
from agent.errors import CaselogError
from agent.errors import StopRequested
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.log import get_logger
from agent.portal.protocol import Portal
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from agent.recovery.account_lock import hold_account
from agent.recovery.account_lock import this_process
from agent.recovery.climb import Reader
from agent.recovery.logbook import Logbook
from agent.recovery.opening import open_at_start
from agent.recovery.steps import Budgets
from agent.recovery.stop import StopToken
from storage import journal
from storage import outbox
from storage.database import Database
from storage.errors import ArchiveError
from storage.journal import RunOutcome
from storage.outbox import OutboxStatus
from storage.records import Tab

log = get_logger(__name__)

#: The scope under which a sending run stands in the journal; it is never "complete", since it proves nothing.
SCOPE = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSetting:
    """What a sending run works with. `engines` are those that can be had, with their versions; `usual` is the start.

    `whole_reader` makes what reads a case's pages one after the other. `scratch` is the run's private folder.
    """

    database: Database
    account: AccountFacts
    profile: PortalProfile
    open_portal: Callable[[Environment], Awaitable[Portal]]
    whole_reader: Callable[[Portal, Reader], ReadWhole]
    engines: Mapping[Engine, str]
    usual: Environment
    clock: Clock
    stop: StopToken
    budgets: Budgets
    scratch: Path | None = None


async def run_send(setting: SendSetting) -> SendOutcome:
    """Send what is due. What ends the run early is in the outcome's `ended_by`.

    Nothing is opened when there is nothing to do. Raises `AccountBusy`, and errors of the archive.
    """
    database, name, clock = setting.database, setting.account.name, setting.clock
    with hold_account(database, name, purpose="outbox send", clock=clock) as lock:
        if not has_work(database, name):
            return SendOutcome(name)
        run_id = journal.start_run(database, name, scope=SCOPE, holder=this_process(), at=clock.now())
        logbook = Logbook(
            database=database,
            run_id=run_id,
            account=name,
            clock=clock,
            versions=setting.engines,
            usual=setting.usual,
        )
        outcome = SendOutcome(name)
        ended = RunOutcome.FAILED
        try:
            portal = await open_at_start(setting)
            try:
                outcome = await _send_from(setting, portal, logbook, lock)
            finally:
                await portal.close()
            ended = RunOutcome.PARTIAL if outcome.ended_by is None else RunOutcome.FAILED
        except CaselogError as error:
            outcome.ended_by = error
        finally:
            # The archive may be what is broken; the first error is the one to tell.
            with suppress(ArchiveError):
                if outcome.ended_by is not None and not isinstance(outcome.ended_by, StopRequested):
                    for result in settle_unread(database, name, this_process(), at=clock.now()):
                        outcome.add(result)
                logbook.flush()
                journal.finish_run(database, run_id, outcome=ended, numbers=outcome.to_json(), at=clock.now())
        return outcome


def has_work(database: Database, account: str) -> bool:
    """Whether there is anything to send or to find out."""
    open_ends = (OutboxStatus.SENDING, OutboxStatus.UNCONFIRMED)
    return bool(outbox.due(database, account) or outbox.list_entries(database, account=account, statuses=open_ends))


async def _send_from(setting: SendSetting, portal: Portal, logbook: Logbook, lock: str) -> SendOutcome:
    account, name = setting.account, setting.account.name
    reader = Reader(
        portal,
        account=account,
        logbook=logbook,
        clock=setting.clock,
        stop=setting.stop,
        budgets=setting.budgets,
    )
    threads = CaseThreads(
        portal=portal,
        reader=reader,
        account=account,
        tabs=tuple(tab for tab in Tab if tab in setting.profile.tabs),
        read_whole=setting.whole_reader(portal, reader),
    )
    await threads.prove()
    desk = Desk(
        account=account,
        database=setting.database,
        portal=portal,
        threads=threads,
        rules=SendingRules.of(setting.profile),
        clock=setting.clock,
        stop=setting.stop,
        holder=this_process(),
        holds_account=lambda: journal.holds_account(setting.database, name, lock),
        scratch=setting.scratch,
    )
    return await send(desk)
