"""Does the memory of the browsers stay on its level over many navigations, and is anything left when the run is over?

A full backup in either engine, watched from outside. Its archive has to be the portal's truth.
"""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import psutil

from agent.browser.rundir import usual_root
from mock_portal.server import MockPortal
from mock_portal.settings import PortalSettings
from tests.bench import memory
from tests.bench.account_home import AccountHome
from tests.bench.footprint import Descendants
from tests.bench.footprint import peak_of
from tests.bench.measure import Bench
from tests.bench.measure import Row
from tests.bench.measure import Verdict
from tests.bench.measure import WrongResult
from tests.bench.measure import reached
from tests.bench.portal_log import PortalLog

GOAL_NAVIGATIONS = 500
#: How far the last quarter's level may lie above the second's; the first one is the browser's warming up.
PLATEAU = 0.10


@dataclass(slots=True)
class Watch:
    """Looks at a running backup: pages given out so far, MiB of its driver and browsers, and its own peak."""

    portal: MockPortal
    samples: list[tuple[int, float]] = field(default_factory=list)
    peaks: list[tuple[int, float]] = field(default_factory=list)
    pid: int = 0
    below: Descendants | None = None

    def look(self, running: subprocess.Popen[bytes]) -> None:
        if self.below is None:
            self.pid, self.below = running.pid, Descendants(psutil.Process(running.pid))
        pss, peak = self.below.pss(), peak_of(running.pid)
        navigations = len(PortalLog.of(self.portal).pages)
        if pss is not None and peak is not None and navigations:
            self.samples.append((navigations, pss))
            self.peaks.append((navigations, peak))

    def level(self, quarter: int) -> float | None:
        """The median of the samples in one quarter (1 to 4) of the navigations."""
        last = self.samples[-1][0] if self.samples else 0
        # After the last navigation the browser is being closed.
        going = [(count, mib) for count, mib in self.samples if count < last]
        inside = [mib for count, mib in going if last * (quarter - 1) < 4 * count <= last * quarter]
        return statistics.median(inside) if inside else None

    def peak(self, share: float) -> float:
        """The Python process's peak when this share of the navigations was done."""
        last = self.peaks[-1][0]
        return max(mib for count, mib in self.peaks if count <= share * last)

    def left(self, temporary: Path) -> list[str]:
        """Processes that still run, and what lies in the temporary folders."""
        processes = [process.name() for process in self.below.left()] if self.below else []
        runs = [path.name for path in usual_root().glob(f"run-{self.pid}-*")]
        return processes + runs + [path.name for path in temporary.iterdir()]


def measure(bench: Bench) -> Iterator[Row]:
    for engine in ("chromium", "firefox"):
        settings = PortalSettings(cases=bench.sizes.navigations, window_days=None)
        with MockPortal(settings) as portal:
            home, watch = AccountHome.at(portal.ready, bench.folder / engine, engine=engine), Watch(portal)
            done = home.backup(watch=watch.look)
            if done.run["engine"] != engine:
                raise WrongResult(f"{engine} was to read, {done.run['engine']} did")
            home.check(portal)
            navigations = len(PortalLog.of(portal).pages)
        recoveries = len(done.run["recoveries"])
        bench.tell(f"{engine}: {navigations} navigations, {recoveries} recoveries, {done.seconds:.0f} s")
        yield from _rows(engine, navigations, watch, home)


def _rows(engine: str, navigations: int, watch: Watch, home: AccountHome) -> Iterator[Row]:
    fewer = "" if navigations >= GOAL_NAVIGATIONS else f"{GOAL_NAVIGATIONS} navigations"
    early, late = watch.level(2), watch.level(4)
    what = f"{engine} and driver over {navigations} navigations, last quarter against the second"
    goal = f"plateau (within {PLATEAU:.0%})"
    if early is None or late is None:
        measured = "this system does not tell PSS, or the run was too short"
        yield Row(what=what, goal=goal, measured=measured, verdict=Verdict.NOT_MEASURED)
    else:
        highest = max(mib for _, mib in watch.samples)
        yield Row(
            what=what,
            goal=goal,
            measured=f"{late / early - 1:+.0%}: {early:.0f} to {late:.0f} MiB, at most {highest:.0f}",
            verdict=reached(late / early <= 1 + PLATEAU),
            left_out=fewer,
            figures={"samples": watch.samples},
        )
        yield _python(engine, watch)
    left = watch.left(home.path / "tmp")
    yield Row(
        what=f"{engine}: processes and temporary folders left behind",
        goal="none",
        measured=", ".join(left) or "none",
        verdict=reached(not left),
    )


def _python(engine: str, watch: Watch) -> Row:
    half, whole = watch.peak(0.5), watch.peak(1)
    return Row(
        what=f"the Python process of that run with {engine}: its peak, against that of the first half",
        goal=f"flat (within {PLATEAU:.0%}), <= {memory.MOST:g} MiB at {memory.GOAL_CASES:,} cases",
        measured=f"{whole / half - 1:+.0%}: {half:.0f} to {whole:.0f} MiB",
        verdict=reached(whole <= memory.MOST and whole / half <= 1 + PLATEAU),
        left_out=f"{memory.GOAL_CASES:,} cases",
        figures={"peaks": watch.peaks},
    )
