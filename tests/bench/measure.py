"""What a bench reports: rows with a goal, what was measured and what was not; a table for people, JSON for programs.

Only ratios within one run on one machine mean anything; the bare figures behind them are for whoever doubts a ratio.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


class Verdict(StrEnum):
    """How a row stands to its goal."""

    MET = "met"
    MISSED = "not met"
    NO_GOAL = "no goal"  #: helps to read the other rows
    NOT_MEASURED = "not measured"  #: this machine cannot, or the size is not the goal's
    NOT_BUILT = "not built yet"
    FAILED = "failed"  #: the bench broke, or what it did was wrong


STYLES = {Verdict.MET: "green", Verdict.MISSED: "yellow", Verdict.FAILED: "bold red"}


class WrongResult(Exception):
    """What was measured did the wrong thing, so that its speed means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure against one goal. `left_out` says what was not measured; `figures` are the numbers behind it."""

    what: str
    goal: str
    measured: str
    verdict: Verdict
    left_out: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured; the defaults take some minutes each on two cores."""

    cases: int = 60  #: in the portal of a full backup
    archived: int = 400  #: before an incremental run
    changed: int = 4  #: between the runs
    histories: tuple[int, int] = (500, 5_000)  #: cases in the archives whose memory is compared
    messages: int = 100_000  #: in the archive that is searched and exported
    replies: int = 5
    navigations: int = 200
    rounds: int = 2


@dataclass(frozen=True, slots=True)
class Bench:
    """What a bench works with. `folder` has a short path and goes with the run; benches may share what lies there."""

    folder: Path
    sizes: Sizes

    def tell(self, text: str) -> None:
        print(f"  {text}", file=sys.stderr, flush=True)


Measure = Callable[[Bench], Iterator[Row]]


def reached(holds: bool) -> Verdict:
    return Verdict.MET if holds else Verdict.MISSED


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def print_table(results: Mapping[str, list[Row]]) -> None:
    """To standard error, so that standard output can be the JSON."""
    grid = Table(title="Ratios of this run on this machine; no absolute claims", show_lines=True)
    for heading in ("bench", "what", "goal", "measured", "verdict", "not measured"):
        grid.add_column(heading, overflow="fold")
    for name, rows in results.items():
        for row in rows:
            verdict = Text(row.verdict.value, style=STYLES.get(row.verdict, "dim"))
            grid.add_row(name, row.what, row.goal, row.measured, verdict, row.left_out)
    Console(stderr=True, width=None if sys.stderr.isatty() else 180).print(grid)


def load() -> float | None:
    """How many processes have wanted a core of late; `None` where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def as_json(results: Mapping[str, list[Row]], sizes: Sizes, loads: Mapping[str, float | None]) -> str:
    """One object. It says what kind of machine this was, not which. A load above its cores spoils what clocks tell."""
    value = {
        "machine": {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()},
        "load before": dict(loads),
        "sizes": asdict(sizes),
        "rows": [{"bench": name, **asdict(row)} for name, rows in results.items() for row in rows],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
