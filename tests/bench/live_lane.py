"""A whole backup over the live lane, sign-in included, against the barest Playwright loop and against crawlee.

All read the same pages and files of the same portal with the same browser, four at a time, in turns. caselog alone
finds them, compares, and keeps files, revisions, a search index and a journal; the others are told what there is.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from agent.browser.launch import LaunchSpec
from agent.browser.launch import launch_arguments
from agent.browser.launch import sandbox_possible
from agent.browser.running import Browsers
from agent.extract.snapshot import Engine
from mock_portal.server import MockPortal
from mock_portal.settings import PortalSettings
from tests.bench.account_home import AccountHome
from tests.bench.footprint import processor_seconds
from tests.bench.measure import Bench
from tests.bench.measure import Row
from tests.bench.measure import Verdict
from tests.bench.measure import WrongResult
from tests.bench.measure import reached
from tests.bench.portal_log import PortalLog
from tests.bench.rival import environment
from tests.bench.rival.job import Job

ROOT = Path(__file__).parent.parent.parent
AT_ONCE = 4
WANTED = 3.0
WAYS = ("caselog", "bare loop", "crawlee")


@dataclass(slots=True)
class Race:
    """Seconds of every turn: of the whole process, of the reading alone as the portal saw it, and of the processor."""

    bench: Bench
    settings: PortalSettings
    launch: dict[str, Any]
    crawlee: Path
    whole: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    reading: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    processor: dict[str, list[float]] = field(default_factory=lambda: {way: [] for way in WAYS})
    paths: list[str] = field(default_factory=list)
    files: dict[str, list[str]] = field(default_factory=dict)

    def round(self, number: int) -> None:
        """One turn each, every one at a portal of its own: no code is used twice, nothing is warm."""
        for way in WAYS:
            with MockPortal(self.settings) as portal, tempfile.TemporaryDirectory(dir=self.bench.folder) as folder:
                used = processor_seconds()
                seconds = self._turn(way, portal, Path(folder))
                used = processor_seconds() - used
                reading = PortalLog.of(portal).seconds_of_reading()
            self.whole[way].append(seconds)
            self.reading[way].append(reading)
            self.processor[way].append(used)
            self.bench.tell(f"round {number} {way}: {seconds:.1f} s, reading {reading:.1f} s, processor {used:.1f} s")

    def _turn(self, way: str, portal: MockPortal, folder: Path) -> float:
        if way == "caselog":
            home = AccountHome.at(portal.ready, folder / "home")
            done = home.backup()
            home.check(portal)
            log = PortalLog.of(portal)
            self.paths = log.lists + log.case_pages
            self.files = {path: [file for file in log.files if file.startswith(f"{path}/")] for path in self.paths}
            return done.seconds
        program = sys.executable if way == "bare loop" else str(self.crawlee)
        module = "tests.bench.rival.bare" if way == "bare loop" else "tests.bench.rival.crawl"
        job = self._job(portal, folder)
        begun = time.perf_counter()
        told = subprocess.run(
            [program, "-m", module], input=job.as_text(), capture_output=True, text=True, cwd=ROOT, check=False
        )
        seconds = time.perf_counter() - begun
        if told.returncode:
            raise WrongResult(f"{way}: {told.stderr[-2000:]}")
        self._check(way, portal, json.loads(told.stdout))
        return seconds

    def _job(self, portal: MockPortal, folder: Path) -> Job:
        account = portal.ready.accounts[0]
        return Job(
            url=portal.ready.url,
            user=account.user,
            password=account.password,
            totp=account.totp_secret,
            launch=self.launch,
            paths=self.paths,
            files=self.files,
            at_once=AT_ONCE,
            database=str(folder / "rival.db"),
        )

    def _check(self, way: str, portal: MockPortal, told: dict[str, int]) -> None:
        """Every page and file was given out, once for each time it was wanted, and what was stored is all there is."""
        log, cases = PortalLog.of(portal), portal.truth()["cases"]
        if sorted(self.paths) != sorted(log.lists + log.case_pages) or told["pages"] != len(self.paths):
            raise WrongResult(f"{way} read other pages")
        if sorted(log.files) != sorted(file for files in self.files.values() for file in files):
            raise WrongResult(f"{way} fetched other files")
        messages = sum(len(case["messages"]) for case in cases)
        if way == "crawlee" and (told["cases"], told["messages"]) != (len(cases), messages):
            raise WrongResult(f"crawlee stored {told} of {len(cases)} cases, {messages} messages")


def measure(bench: Bench) -> Iterator[Row]:
    """Two rows each for the whole run, the reading without start-up and sign-in, and the processor's time."""
    settings = PortalSettings(cases=bench.sizes.cases)
    race = Race(bench, settings, asyncio.run(_launch(bench.folder)), environment.python())
    for number in range(1, bench.sizes.rounds + 1):
        race.round(number)
    yield from _rows("end to end", race.whole, race)
    yield from _rows("reading alone", race.reading, race)
    yield from _rows("processor time", race.processor, race, has_goal=False)


def _rows(part: str, seconds: dict[str, list[float]], race: Race, *, has_goal: bool = True) -> Iterator[Row]:
    sizes, files = race.bench.sizes, sum(map(len, race.files.values()))
    to_crawlee, spread = _ratio(seconds["crawlee"], seconds["caselog"])
    yield Row(
        what=f"{part}, crawlee's / caselog's; {sizes.cases} cases, {len(race.paths)} pages, {files} files",
        goal=f">= {WANTED:g}x" if has_goal else "none",
        measured=f"{to_crawlee:.2f}x ({spread} in {sizes.rounds} rounds)",
        verdict=reached(to_crawlee >= WANTED) if has_goal else Verdict.NO_GOAL,
        left_out="Firefox, latency; crawlee keeps no files",
        figures={"seconds": seconds},
    )
    to_bare, spread = _ratio(seconds["caselog"], seconds["bare loop"])
    most, _ = _ratio(seconds["crawlee"], seconds["bare loop"])
    yield Row(
        what=f"{part}, caselog's / the bare loop's",
        goal="none",
        measured=f"{to_bare:.2f}x ({spread}); crawlee's / the bare loop's, the most that can be had: {most:.2f}x",
        verdict=Verdict.NO_GOAL,
        left_out="the bare loop extracts and stores nothing",
    )


def _ratio(above: list[float], below: list[float]) -> tuple[float, str]:
    each = [one / other for one, other in zip(above, below, strict=True)]
    return statistics.fmean(above) / statistics.fmean(below), f"{min(each):.2f} to {max(each):.2f}"


async def _launch(folder: Path) -> dict[str, Any]:
    """How caselog starts its Chromium here; the others start theirs in the same way."""
    async with Browsers(folder / "r") as browsers:
        found = browsers.discovery.best(Engine.CHROMIUM)
    return launch_arguments(LaunchSpec(found, sandbox=sandbox_possible()))
