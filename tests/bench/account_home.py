"""One account of a mock portal, backed up by the command line in a process of its own, as a person would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import Self

from agent.config.places import Places
from mock_portal.ready import Ready
from mock_portal.server import MockPortal
from storage.opening import open_archive
from tests.bench.measure import WrongResult
from tests.e2e.backup.truth_check import differences

#: Between two looks at a running backup.
LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class AccountHome:
    """A home for the portal's first account. The profile's pace for the mock portal is none, four pages at a time."""

    path: Path
    account: str
    environ: dict[str, str]

    @classmethod
    def at(cls, ready: Ready, path: Path, *, engine: str = "chromium", profile: str | None = None) -> Self:
        """`profile`: the text of one to use instead of the bundled one."""
        path.mkdir(parents=True)
        temporary = path / "tmp"
        temporary.mkdir()
        section = ready.caselog_toml.partition("\n[accounts.")[0]
        if profile is not None:
            bundled = section.partition('profile = "')[2].partition('"')[0]
            section = section.replace(f'profile = "{bundled}"', 'profile = "bench"')
            Places.under(path).profiles.mkdir(parents=True)
            (Places.under(path).profiles / "bench.toml").write_text(profile, encoding="utf-8")
        text = f'{section}\n[engines]\nfirst = "{engine}"\n'
        Places.under(path).config_file.write_text(text, encoding="utf-8")
        environ = {**os.environ, **ready.environment, "TMPDIR": str(temporary)}
        return cls(path, ready.accounts[0].name, environ)

    def backup(self, *options: str, watch: Callable[[subprocess.Popen[bytes]], None] = lambda _: None) -> Backup:
        """Run it to its end, calling `watch` now and then. Raises `WrongResult` unless the run was complete."""
        command = [sys.executable, "-m", "agent.cli.main", "--home", str(self.path), "backup", "--json", *options]
        told = self.path / "told.json"
        begun = time.perf_counter()
        with told.open("wb") as output, subprocess.Popen(command, env=self.environ, stdout=output) as running:
            while not _ended(running):
                watch(running)
        seconds = time.perf_counter() - begun
        if running.returncode:
            raise WrongResult(f"caselog backup ended with {running.returncode}")
        return Backup(seconds, json.loads(told.read_text(encoding="utf-8"))["runs"][0])

    def check(self, portal: MockPortal) -> None:
        """Raise `WrongResult` unless the archive is what the portal holds."""
        database = open_archive(Places.under(self.path).archive, create=False)
        try:
            found = differences(database, self.account, portal.truth())
        finally:
            database.close()
        if found:
            raise WrongResult(f"the archive is not the portal's truth: {len(found)} differences, first: {found[0]}")


@dataclass(frozen=True, slots=True)
class Backup:
    """One run of the command: the whole process's seconds, and the object that it printed."""

    seconds: float
    run: dict[str, Any]


def _ended(running: subprocess.Popen[bytes]) -> bool:
    try:
        running.wait(LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True
