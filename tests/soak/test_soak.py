"""Two short seeds of the soak, one for each skin; `make soak` plays as many as wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.browser_room import BrowserRoom
from tests.soak.soak import short_waits
from tests.soak.soak import soak
from tests.soak.survival import Survival


@pytest.fixture(scope="module")
def room(browser_room: BrowserRoom) -> BrowserRoom:
    return browser_room


@pytest.mark.parametrize("seed", [12, 27])
def test_under_random_faults_nothing_is_lost_nothing_twice_and_every_run_tells_the_truth(
    room: BrowserRoom, tmp_path: Path, seed: int
) -> None:
    """Whatever the portal did, the archive equals what could be observed, and the ledger has each reply once."""
    survival = Survival()

    with short_waits():
        done = soak(seed, room=room, home=tmp_path / "home", survival=survival)

    assert [] == done.misses
    assert sum(survival.met.values()) > 0
