"""A home whose commands run as processes of their own, which are killed with everything that they started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from agent.browser.rundir import usual_root
from mock_portal.server import MockPortal
from storage.database import Database
from storage.opening import open_archive
from storage.verify import Remedy
from storage.verify import verify
from tests.e2e.command import Ran
from tests.e2e.command import ask_command
from tests.e2e.command import run_command
from tests.e2e.crash import stalling

PROFILE = """
title = "The mock portal, in a hurry"
extends = "{profile}"
[politeness]
deadline = 6
[delivery]
grace = 2
pause = 0
"""

#: Long enough for any test; the portal cancels what still waits when it stops.
FOR_EVER = 3600.0


@dataclass(frozen=True, slots=True)
class Stall:
    """Where a command stops: at a call of the program's (`seam`), or in an answer that the portal owes (`fault`)."""

    seam: str = ""
    moment: str = "before"
    turn: int = 1
    fault: dict[str, Any] | None = None


@dataclass(frozen=True)
class CrashHome:
    """One account's home at one portal. Temporary files of its commands lie in a folder of their own."""

    portal: MockPortal
    folder: Path

    @classmethod
    def at(cls, portal: MockPortal, folder: Path, *, profile: str = "") -> CrashHome:
        """A home for all of the portal's accounts; `profile` says what their portal profile has beside the usual."""
        home = cls(portal, folder)
        for each in (folder, home.temporary, folder / "profiles"):
            each.mkdir(parents=True, exist_ok=True)
        sections = portal.ready.caselog_toml.replace("lanes =", 'session_key = { env = "SESSION_KEY" }\nlanes =')
        bundled = sections.partition('profile = "')[2].partition('"')[0]
        sections = sections.replace(f'profile = "{bundled}"', 'profile = "quick"')
        (folder / "profiles" / "quick.toml").write_text(PROFILE.format(profile=bundled) + profile, encoding="utf-8")
        (folder / "caselog.toml").write_text(sections, encoding="utf-8")
        return home

    @property
    def account(self) -> str:
        return self.portal.ready.accounts[0].name

    @property
    def temporary(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-tmp")

    @property
    def environ(self) -> dict[str, str]:
        places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.temporary))
        return {**os.environ, **self.portal.ready.environment, **places, "SESSION_KEY": "a key for tests"}

    def run(self, *arguments: str) -> Ran:
        return run_command(self.folder, *arguments, environ=self.environ)

    def ask(self, *arguments: str) -> Ran:
        """What has become of things; see `ask_command`."""
        return ask_command(self.folder, *arguments, environ=self.environ)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return self._popen("-m", "agent.cli.main", "--home", str(self.folder), *arguments)

    def start_to(self, stall: Stall, *arguments: str) -> subprocess.Popen[bytes]:
        """Run the command up to the point, where it stands still."""
        command = ("--home", str(self.folder), *arguments)
        if stall.fault is not None:
            self.portal.set_faults({"seconds": FOR_EVER, "times": 1, **stall.fault})
            process = self._popen("-m", "agent.cli.main", *command)
            wait_until(lambda: any(each["fired"] for each in self.portal.faults()), process)
            self.portal.set_faults()
        else:
            marker = self.folder / "stalled"
            marker.unlink(missing_ok=True)
            point = (stall.seam, stall.moment, str(stall.turn), str(marker))
            process = self._popen(str(Path(stalling.__file__)), *point, *command)
            wait_until(marker.exists, process)
        return process

    def kill_at(self, stall: Stall, *arguments: str) -> Path:
        """Run the command up to the point, then kill all of it; returns the folder of its browsers."""
        return kill_tree(self.start_to(stall, *arguments))

    @contextmanager
    def archive(self) -> Iterator[Database]:
        database = open_archive(self.folder / "data" / "archive.sqlite3", create=False)
        try:
            yield database
        finally:
            database.close()

    def damage(self) -> list[str]:
        """What `verify` finds, but for files that a stopped run left and the next one uses."""
        with self.archive() as database:
            return [str(each) for each in verify(database) if each.remedy is not Remedy.NOTHING]

    def leftovers(self, run_folder: Path) -> list[str]:
        """Files and processes of a dead run that are still there."""
        stray = [str(path) for path in self.temporary.iterdir()]
        stray += [str(path) for path in self.folder.rglob(".*")]
        stray += [str(path) for path in (run_folder,) if path.exists()]
        return stray + [str(process) for process in naming(run_folder)]

    def _popen(self, *arguments: str) -> subprocess.Popen[bytes]:
        environ = {**self.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        return subprocess.Popen(
            [sys.executable, *arguments], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )


def wait_until(what: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Until it is so; the process must not end before."""
    until = time.monotonic() + 120
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "the point was never reached"
        time.sleep(0.02)


def kill_tree(process: subprocess.Popen[bytes]) -> Path:
    """Kill a command with its driver and its browsers, as if the power had gone; returns its browsers' folder."""
    folder = next(usual_root().resolve().glob(f"run-{process.pid}-*"), usual_root() / f"run-{process.pid}-none")
    doomed = [*psutil.Process(process.pid).children(recursive=True), *naming(folder)]
    process.kill()
    for each in doomed:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            continue
    process.communicate()
    psutil.wait_procs(doomed)
    return folder


def naming(folder: Path) -> list[psutil.Process]:
    """The processes whose command line names the folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(folder) in word for word in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found
