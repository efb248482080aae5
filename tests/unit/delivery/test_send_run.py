"""A whole sending run: the lock, the account, the journal, and what ends it."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import pytest

from agent.delivery.run import SendSetting
from agent.delivery.run import run_send
from agent.delivery.send import SendOutcome
from agent.delivery.threads import ReadWhole
from agent.errors import AccessDenied
from agent.errors import AccountBusy
from agent.errors import CaselogError
from agent.errors import NoEngine
from agent.errors import WrongAccount
from agent.extract.reading import Identity
from agent.extract.reading import Reading
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.portal.protocol import Portal
from agent.profile.load import load_profile
from agent.recovery.account_lock import this_process
from agent.recovery.climb import Reader
from agent.recovery.steps import Budgets
from storage import journal
from storage.journal import RunOutcome
from storage.outbox import OutboxStatus
from storage.records import CaseRecord
from tests.conftest import AsyncRunner
from tests.unit.delivery.sending_portal import CASE
from tests.unit.delivery.sending_run import SendingRun
from tests.unit.delivery.test_send_crash import run_killed
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.scripted_portal import OURS
from tests.unit.recovery.scripted_portal import ScriptedCase

UNCONFIRMED = OutboxStatus.UNCONFIRMED
LIST, THREAD = "read /list/all?page=1", f"read /case/{CASE}"


@dataclass(frozen=True)
class Whole:
    """Implements `WholeThread`: the page was read, the thread is the portal's own."""

    record: CaseRecord | None
    readings: tuple[Reading, ...]


def setting_of(run: SendingRun, open_portal: Callable[[Environment], Awaitable[Portal]] | None = None) -> SendSetting:
    run.portal.cases.append(ScriptedCase(CASE))

    async def open_at(environment: Environment) -> Portal:
        return run.portal

    def whole_reader(portal: Portal, reader: Reader) -> ReadWhole:
        async def read(request: PageRequest) -> Whole:
            reading = await reader.read(request)
            return Whole(run.portal.record(), (reading,))

        return read

    return SendSetting(
        database=run.database,
        account=ACCOUNT,
        profile=load_profile("mock-classic"),
        open_portal=open_portal or open_at,
        whole_reader=whole_reader,
        engines={Engine.CHROMIUM: "1", Engine.FIREFOX: "1"},
        usual=Environment(),
        clock=run.clock,
        stop=run.stop,
        budgets=Budgets(),
    )


def test_a_run_from_lock_to_journal(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """The header first, then the thread; the run stands in the journal and never counts as a complete backup."""
    entry = run.queue()

    outcome = run_async(run_send(setting_of(run)))

    (journalled,) = journal.list_runs(run.database, "acme")
    assert OutboxStatus.SENT is run.entry(entry).status
    assert [LIST, THREAD, "open", "fill", "click", "close", THREAD] == run.portal.log
    assert ("send", RunOutcome.PARTIAL, outcome.to_json()) == (
        journalled.scope,
        journalled.outcome,
        dict(journalled.numbers),
    )
    assert journal.last_complete_run(run.database, "acme") is None
    assert run.portal.closed


def test_nothing_to_do_opens_nothing(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """No browser and no visit for an empty queue."""
    assert SendOutcome("acme") == run_async(run_send(setting_of(run)))
    assert ([], []) == (run.portal.log, list(journal.list_runs(run.database, "acme")))


def test_a_thread_without_a_header_lies_between_two_headers(
    run: SendingRun, run_async: AsyncRunner[SendOutcome]
) -> None:
    """Where a case's page does not say whose it is, the list does: before and after."""
    run.queue()
    run.portal.header = lambda request: OURS if request.kind is PageKind.LIST else None

    run_async(run_send(setting_of(run)))

    assert [LIST, THREAD, LIST, "open", "fill", "click", "close", THREAD, LIST] == run.portal.log


@pytest.mark.parametrize("header", [None, Identity(None, "US"), Identity("Acme Store", None)])
def test_nothing_is_sent_where_the_header_is_no_proof(
    run: SendingRun, run_async: AsyncRunner[SendOutcome], header: Identity | None
) -> None:
    """A portal that does not say whose pages these are is not written to."""
    entry = run.queue()
    run.portal.header = lambda request: header

    outcome = run_async(run_send(setting_of(run)))

    assert isinstance(outcome.ended_by, WrongAccount)
    assert ["added", "approved"] == run.moves(entry)
    assert [LIST] == run.portal.log


def test_the_account_is_worked_on_by_one_process(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """While another process holds the account nothing is looked at."""
    run.queue()
    elsewhere = replace(this_process(), host="another-host")
    journal.lock_account(run.database, "acme", holder=elsewhere, purpose="backup", at=run.clock.now())

    with pytest.raises(AccountBusy):
        run_async(run_send(setting_of(run)))

    assert [] == run.portal.log


async def shut_out(environment: Environment) -> Portal:
    raise AccessDenied("acme", "closed to us", "https://portal.test/")


@pytest.mark.parametrize(
    ("hours", "expected"), [(23, (UNCONFIRMED, None)), (25, (OutboxStatus.HELD, "never_confirmed"))]
)
def test_a_reply_that_nobody_could_look_for_in_a_day_is_held(
    run: SendingRun, run_async: AsyncRunner[Any], hours: int, expected: tuple[OutboxStatus, str | None]
) -> None:
    """An account that is closed to us must not keep its unconfirmed reply out of a person's hands for ever."""
    entry = run.queue()
    run_async(run_killed(run, at=7, before=False))
    run_async(run_send(setting_of(run, shut_out)))
    run.clock.advance(hours * 3600)

    outcome = run_async(run_send(setting_of(run, shut_out)))

    assert isinstance(outcome.ended_by, AccessDenied)
    status, why = run.stands(entry)
    assert expected == (status, None if status is UNCONFIRMED else str(why).partition(":")[0])
    assert (status is OutboxStatus.HELD) == (entry in outcome.results)


def test_what_a_dead_process_held_is_freed_though_the_portal_is_closed_to_us(
    run: SendingRun, run_async: AsyncRunner[Any]
) -> None:
    """Nothing was submitted, so nobody has to look: the entry waits in the queue, where it can be cancelled."""
    entry = run.queue()
    run_async(run_killed(run, at=1, before=False))

    run_async(run_send(setting_of(run, shut_out)))

    assert OutboxStatus.QUEUED is run.entry(entry).status


def test_without_an_engine_everything_stays_queued(run: SendingRun, run_async: AsyncRunner[SendOutcome]) -> None:
    """The error is in the outcome, the run is closed, the entry waits."""
    entry = run.queue()

    async def none(environment: Environment) -> Portal:
        raise NoEngine("chromium", ("nowhere",))

    outcome = run_async(run_send(setting_of(run, none)))

    assert isinstance(outcome.ended_by, CaselogError)
    assert OutboxStatus.QUEUED is run.entry(entry).status
    assert [RunOutcome.FAILED] == [each.outcome for each in journal.list_runs(run.database, "acme")]
