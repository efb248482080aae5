"""Browsers, renderers and drivers killed under a run: it goes on, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from agent.extract.snapshot import Engine
from mock_portal.pytest_plugin import PortalFactory
from storage.journal import RunOutcome
from tests.e2e.backup.conftest import start_house
from tests.e2e.browser_room import BrowserRoom

Victims = Callable[[Path], list[psutil.Process]]


def running(word: str) -> list[psutil.Process]:
    """The processes with this on their command line, without ourselves. One that ends meanwhile is no trouble."""
    every = psutil.process_iter(["cmdline", "environ", "ppid"])
    others = [process for process in every if process.pid != psutil.Process().pid]
    return [process for process in others if any(word in each for each in process.info["cmdline"] or [])]


def driver(folder: Path) -> list[psutil.Process]:
    """The run's own driver, which starts with its folder for temporary files; other tests' drivers run beside it."""
    return [each for each in running("run-driver") if (each.info["environ"] or {}).get("TMPDIR") == str(folder)]


def browser(folder: Path) -> list[psutil.Process]:
    (above,) = driver(folder)
    return [process for process in running(str(folder)) if process.info["ppid"] == above.pid]


def renderers(folder: Path) -> list[psutil.Process]:
    """All that draw Chromium's pages: which of them has ours and which is a spare one cannot be told from outside."""
    (above,) = browser(folder)
    below = {process.pid for process in above.children(recursive=True)}
    return [process for process in running("--type=renderer") if process.pid in below]


@pytest.mark.parametrize(
    ("engine", "victims"),
    [
        (Engine.CHROMIUM, browser),
        pytest.param(Engine.CHROMIUM, renderers, marks=pytest.mark.long),
        pytest.param(Engine.CHROMIUM, driver, marks=pytest.mark.long),
        (Engine.FIREFOX, browser),
        pytest.param(Engine.FIREFOX, driver, marks=pytest.mark.long),
    ],
)
def test_a_death_in_mid_run_costs_a_relaunch_and_nothing_else(
    caselog_portal: PortalFactory, tmp_path: Path, engine: Engine, victims: Victims
) -> None:
    """Killed after the first case: the next page is read after a relaunch, with the session that was there."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        room = BrowserRoom(root)
        _, house = start_house(room, caselog_portal, tmp_path, cases=2)
        house.start = engine
        killed: list[int] = []

        def kill_once(what: str, done: int, total: int | None) -> None:
            if what == "cases" and not killed:
                for doomed in victims(room.browsers.directory):
                    killed.append(doomed.pid)
                    doomed.kill()
                    doomed.wait(10)

        house.on_progress = kill_once
        outcome = house.run()
        room.close()

        assert {("engine_died", "relaunch", engine.value, "ok")} == set(house.attempts(outcome))
        assert (RunOutcome.COMPLETE, None, 2) == (outcome.outcome, outcome.error, len(house.archived()))
        assert (1, "relaunch") == (house.sign_ins(outcome), outcome.recoveries[0].cured_by)
        assert ([], []) == (running(str(root)), list(root.iterdir()))
