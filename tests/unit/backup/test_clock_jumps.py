"""A clock that is set while a run goes on: what is stored stays sane, waits are not stretched, the next run goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from agent.clock import ManualClock
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from storage import journal
from storage.journal import RunOutcome
from storage.verify import Remedy
from storage.verify import verify
from tests.unit.backup.backup_house import House
from tests.unit.backup.backup_house import some_cases
from tests.unit.recovery.reading_run import ACCOUNT
from tests.unit.recovery.scripted_portal import ScriptedPortal
from tests.unit.recovery.scripted_portal import Trouble


class SetClock(ManualClock):
    """A clock that somebody sets; its monotonic side does not notice."""

    def set_by(self, change: timedelta) -> None:
        self._now += change


@pytest.mark.parametrize("days", [3, -3, 400, -400])
def test_clock_that_is_set_in_mid_run(
    house: Callable[[ScriptedPortal], House], run_async: Callable[..., Any], days: int
) -> None:
    """Forward or back: the run is complete, lasts as long as it lasted, ends after it began, and so does the next."""
    clock = SetClock()
    portal = ScriptedPortal(some_cases(4))
    portal.clock = clock
    home = house(portal)
    home.clock = clock
    asked = []

    def set_once(request: PageRequest, _portal: ScriptedPortal) -> Trouble | None:
        asked.append(request)
        if len(asked) == 6:
            clock.set_by(timedelta(days=days))
            return Trouble(verdict=Verdict.THROTTLED, status=429, retry_after=20.0)
        return None

    portal.faults.append(set_once)

    first = run_async(home.run())
    second = run_async(home.run(full=True))

    runs = [journal.get_run(home.database, outcome.run_id) for outcome in (first, second)]
    assert [RunOutcome.COMPLETE] * 2 == [run.outcome for run in runs]
    assert all(run.finished_at is not None and run.finished_at >= run.started_at for run in runs)
    assert 20.0 <= first.seconds < 120.0
    assert (4, 0, 4) == (first.counts.new, second.counts.new, second.counts.unchanged)
    assert [] == [finding for finding in verify(home.database) if finding.remedy is not Remedy.NOTHING]


def test_dead_run_of_a_later_time(house: Callable[[ScriptedPortal], House], run_async: Callable[..., Any]) -> None:
    """A run that died while the clock was ahead is closed by the next, and does not end before it began."""
    home = house(ScriptedPortal(some_cases(1)))
    later = home.clock.now() + timedelta(days=9)
    holder = journal.get_run(home.database, run_async(home.run()).run_id).holder
    dead = journal.start_run(home.database, ACCOUNT.name, scope="all", holder=holder, at=later)

    run_async(home.run())

    closed = journal.get_run(home.database, dead)
    assert (RunOutcome.INTERRUPTED, later) == (closed.outcome, closed.finished_at)
