"""Backups of the mock portal through real browsers, against its own truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.extract.snapshot import Engine
from storage.journal import RunOutcome
from tests.e2e.backup.real_house import RealHouse
from tests.e2e.backup.truth_check import differences

Start = Callable[..., tuple[Any, RealHouse]]


@pytest.mark.parametrize("engine", [Engine.CHROMIUM, Engine.FIREFOX])
def test_a_backup_equals_the_portals_truth(mock_house: Start, engine: Engine) -> None:
    """Ids, subjects, statuses, tabs, times, authors, texts and files, in either engine."""
    mock, house = mock_house(cases=12)
    house.start, house.at_once, house.deadline = engine, 4, 15.0

    outcome = house.run()

    assert outcome.error is None
    with_truth = house.open_archive()
    assert [] == differences(with_truth, house.account.name, mock.truth())
    with_truth.close()
    assert (RunOutcome.COMPLETE, None, ()) == (outcome.outcome, outcome.error, outcome.recoveries)
