"""`verify --live` reads archived cases again, between two proofs of the account, and stores nothing of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.backup.comparison import Result
from agent.backup.live_check import LiveCheck
from agent.backup.live_check import check_live
from agent.errors import PortalUnreachable
from agent.errors import WrongAccount
from agent.extract.reading import Identity
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import Verdict
from storage import journal
from storage.database import Database
from tests.unit.backup.backup_house import House
from tests.unit.backup.backup_house import some_cases
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.scripted_portal import OURS
from tests.unit.recovery.scripted_portal import ScriptedPortal
from tests.unit.recovery.scripted_portal import Trouble
from tests.unit.recovery.scripted_portal import message
from tests.unit.recovery.scripted_portal import times


@pytest.fixture
def archived(house: Callable[[ScriptedPortal], House], run_async: Callable[..., Any]) -> House:
    """Three cases, backed up."""
    made = house(ScriptedPortal(some_cases(3)))
    run_async(made.run())
    made.portal.log.clear()
    return made


@pytest.fixture
def check(archived: House, run_async: Callable[..., Any]) -> Callable[..., LiveCheck]:
    def checked(sample: int = 10) -> LiveCheck:
        found: LiveCheck = run_async(check_live(archived.setting(), sample=sample, seed=1))
        return found

    return checked


def results(checked: LiveCheck) -> dict[str, Result]:
    return {each.case_id: each.result for each in checked.compared}


def test_each_case_is_told(archived: House, check: Callable[..., LiveCheck]) -> None:
    """A new message, an edited one and a case that is gone are told apart; the archive's content stays as it was."""
    before = {case_id: archived.bodies(case_id) for case_id in "123"}
    archived.portal.cases[0].messages.append(message(2))
    archived.portal.cases[1].messages[0] = message(1, body="Edited")
    archived.portal.cases[2].exists = False

    checked = check()

    assert {"1": Result.NEWER, "2": Result.DIFFERENT, "3": Result.NOT_READ} == results(checked)
    assert before == {case_id: archived.bodies(case_id) for case_id in "123"}


def test_it_is_no_backup(archived: House, check: Callable[..., LiveCheck]) -> None:
    """The journal has a run of its own scope that is not complete; the last backup stays the last backup."""
    last = journal.last_complete_run(archived.database, ACCOUNT.name)

    checked = check(2)

    run = journal.get_run(archived.database, checked.run_id)
    assert ("verify", "partial") == (run.scope, run.outcome)
    assert {"sample": 2, "seed": 1, "equal": 2, "newer": 0, "different": 0, "not_read": 0} == run.numbers
    assert last == journal.last_complete_run(archived.database, ACCOUNT.name)
    assert 2 == len(archived.case_reads())


def test_nothing_is_said_of_another_accounts_cases(archived: House, check: Callable[..., LiveCheck]) -> None:
    """The header is read before and after; when it is another account's by then, no case is compared."""
    seen = []

    def header(request: Any) -> Identity:
        seen.append(request)
        return OURS if request.kind is PageKind.LIST and len(seen) == 1 else Identity("Somebody Else", "US")

    archived.portal.header = header

    checked = check()

    assert isinstance(checked.error, WrongAccount)
    assert () == checked.compared


def test_portal_out_of_reach_is_no_difference(archived: House, check: Callable[..., LiveCheck]) -> None:
    """Nobody connected: the run has failed and says so, instead of three cases that are not to be had."""
    archived.portal.faults.append(times(99, Trouble(verdict=Verdict.ERROR, status=None, reason="no route")))

    checked = check()

    assert isinstance(checked.error, PortalUnreachable)
    assert "failed" == journal.get_run(archived.database, checked.run_id).outcome


def test_blank_page_is_recovered_from(archived: House, check: Callable[..., LiveCheck]) -> None:
    """A page that stays blank for a moment is read again like in a backup."""
    archived.portal.faults.append(times(1, Trouble(verdict=Verdict.BLANK), path="/case/2"))

    assert {Result.EQUAL} == set(results(check()).values())


def test_empty_archive_asks_nobody(
    house: Callable[[ScriptedPortal], House], archive_database: Database, run_async: Callable[..., Any]
) -> None:
    """Without an archived case nothing is opened, and nobody signs in."""
    empty = house(ScriptedPortal([]))

    checked = run_async(check_live(empty.setting(), sample=3, seed=1))

    assert ((), (), []) == (checked.sample, checked.compared, empty.opened)
