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
from tests.e2e.backup.real_house import BrowserRoom

Victim = Callable[[Path], psutil.Process]


def naming(folder: Path) -> list[psutil.Process]:
    """The processes whose command line names the run's folder, without ourselves."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(folder) in word for word in words) and process.pid != psutil.Process().pid:
            found.append(process)
    return found


def driver(folder: Path) -> psutil.Process:
    """The run's own driver, which starts with its folder for temporary files; other tests' drivers run beside it."""
    drivers = [child for child in psutil.Process().children() if "run-driver" in child.cmdline()]
    return next(child for child in drivers if child.environ().get("TMPDIR") == str(folder))


def browser(folder: Path) -> psutil.Process:
    pid = driver(folder).pid
    return next(process for process in naming(folder) if process.ppid() == pid)


def renderer(folder: Path) -> psutil.Process:
    """Chromium's newest process that draws pages; Firefox shuts down whole when one of its own is killed."""
    drawing = [
        process
        for process in browser(folder).children(recursive=True)
        if {"--type=renderer", "-contentproc"} & set(process.cmdline())
        and "--extension-process" not in process.cmdline()
    ]
    return max(drawing, key=lambda process: process.create_time())


@pytest.mark.parametrize(
    ("engine", "victim"),
    [
        (Engine.CHROMIUM, browser),
        (Engine.CHROMIUM, renderer),
        (Engine.CHROMIUM, driver),
        (Engine.FIREFOX, browser),
        (Engine.FIREFOX, driver),
    ],
)
def test_a_death_in_mid_run_costs_a_relaunch_and_nothing_else(
    caselog_portal: PortalFactory, tmp_path: Path, engine: Engine, victim: Victim
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
                doomed = victim(room.browsers.directory)
                killed.append(doomed.pid)
                doomed.kill()
                doomed.wait(10)

        house.on_progress = kill_once
        outcome = house.run()
        room.close()

        assert {("engine_died", "relaunch", engine.value, "ok")} == set(house.attempts(outcome))
        assert (RunOutcome.COMPLETE, None, 2) == (outcome.outcome, outcome.error, len(house.archived()))
        assert (1, "relaunch") == (house.sign_ins(outcome), outcome.recoveries[0].cured_by)
        assert ([], []) == (naming(root), list(root.iterdir()))
