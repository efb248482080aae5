"""Does the memory of the Python process grow with the history? Two sizes, each in a process of its own.

The process writes the cases, plans a run over all of them, searches, exports and verifies: what a run and a person do
with an archive, without the pages.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

from agent.backup.plan import PlanRules
from agent.backup.plan import plan
from storage import archive
from storage.database import Database
from storage.export import export_jsonl
from storage.opening import open_archive
from storage.records import CaseStatus
from storage.records import CaseSummary
from storage.search import search
from storage.verify import verify
from storage.workbook import export_xlsx
from tests.bench.archive_made import ACCOUNT
from tests.bench.archive_made import COMMON_WORDS
from tests.bench.archive_made import MESSAGES
from tests.bench.archive_made import NOON
from tests.bench.archive_made import case_id
from tests.bench.archive_made import fill
from tests.bench.archive_made import order_number
from tests.bench.footprint import own_peak
from tests.bench.measure import Bench
from tests.bench.measure import Row
from tests.bench.measure import WrongResult
from tests.bench.measure import reached

MOST = 150.0
GOAL_CASES = 10_000
#: A peak that differs by less is called flat: allocators round up.
FLAT = 0.10


def measure(bench: Bench) -> Iterator[Row]:
    small, large = bench.sizes.histories
    peaks = {cases: _peaks(bench, cases) for cases in (small, large)}
    last = {cases: max(steps.values()) for cases, steps in peaks.items()}
    growth = last[large] / last[small] - 1
    thousand = (last[large] - last[small]) / (large - small) * 1000
    step = _hungriest(peaks[small], peaks[large])
    yield Row(
        what=f"peak of the Python process, {large} cases against {small}, {MESSAGES} messages each",
        goal=f"flat (within {FLAT:.0%})",
        measured=f"{growth:+.0%}: {thousand:.2f} MiB per 1,000 cases, the most when {step}",
        verdict=reached(growth <= FLAT),
        left_out="the pages and the engine's driver: see navigations",
        figures={"MiB after each step": peaks},
    )
    yield Row(
        what=f"the same peak at {large} cases",
        goal=f"<= {MOST:g} MiB at {GOAL_CASES}",
        measured=f"{last[large]:.0f} MiB",
        verdict=reached(last[large] <= MOST),
        left_out="" if large >= GOAL_CASES else f"{GOAL_CASES} cases",
    )


def _hungriest(small: dict[str, float], large: dict[str, float]) -> str:
    """The step that raises the larger history's peak more than the smaller one's."""
    more = {step: large[step] - small[step] for step in small}
    raised = {step: more[step] - before for step, before in zip(more, [0.0, *more.values()], strict=False)}
    return max(raised, key=lambda step: raised[step])


def _peaks(bench: Bench, cases: int) -> dict[str, float]:
    folder = bench.folder / f"memory-{cases}"
    command = [sys.executable, "-m", "tests.bench.memory", str(folder), str(cases)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    steps: dict[str, float] = json.loads(told.stdout)
    bench.tell(f"{cases} cases: " + ", ".join(f"{name} {peak:.0f}" for name, peak in steps.items()) + " MiB")
    return steps


def live(folder: Path, cases: int) -> dict[str, float]:
    """The peak after each step of one archive's life."""
    database = open_archive(folder / "archive.db")
    steps = {"opened": own_peak()}
    fill(database, cases)
    steps["written"] = own_peak()
    _plan(database, cases)
    steps["planned"] = own_peak()
    found = [search(database, word).hits for word in (*COMMON_WORDS, order_number(cases // 2))]
    if not all(found):
        raise WrongResult("a word that is there was not found")
    steps["searched"] = own_peak()
    with (folder / "cases.jsonl").open("w", encoding="utf-8") as output:
        _want(export_jsonl(database, output), cases)
    steps["exported as JSON Lines"] = own_peak()
    rows = export_xlsx(database, folder / "archive.xlsx", at=datetime.now(UTC))
    _want(rows["messages"], cases * MESSAGES)
    steps["exported to Excel"] = own_peak()
    _want(len(list(verify(database))), 0)
    steps["verified"] = own_peak()
    database.close()
    return steps


def _plan(database: Database, cases: int) -> None:
    """As a run does: every row of the list, and every case's state, at once."""
    rows = [
        CaseSummary(
            case_id=case_id(case),
            subject=f"Case {case}",
            status=CaseStatus.CLOSED,
            status_raw="Closed",
            fingerprint=f"listed {case}",
            row=(("subject", f"Case {case}"), ("status", "Closed")),
        )
        for case in range(cases)
    ]
    planned = plan(
        rows,
        archive.case_states(database, ACCOUNT),
        PlanRules(row_changes_with_message=True),
        attention=set(),
        now=NOON,
    )
    _want(len(planned.fetch) + len(planned.unchanged), cases)


def _want(found: int, right: int) -> None:
    if found != right:
        raise WrongResult(f"{found} instead of {right}")


if __name__ == "__main__":
    print(json.dumps(live(Path(sys.argv[1]), int(sys.argv[2]))))
