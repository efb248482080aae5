"""`make bench`: measures what exists against the goals. Prints a table and JSON; a missed goal is no error.

Exit code 1: a bench broke, or what it did was wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from pathlib import Path

from tests.bench import excel
from tests.bench import incremental
from tests.bench import live_lane
from tests.bench import memory
from tests.bench import navigations
from tests.bench import replies
from tests.bench import searching
from tests.bench import unbuilt
from tests.bench.measure import Bench
from tests.bench.measure import Measure
from tests.bench.measure import Row
from tests.bench.measure import Sizes
from tests.bench.measure import Verdict
from tests.bench.measure import as_json
from tests.bench.measure import load
from tests.bench.measure import print_table

BENCHES: dict[str, Measure] = {
    "live": live_lane.measure,
    "incremental": incremental.measure,
    "memory": memory.measure,
    "search": searching.measure,
    "excel": excel.measure,
    "replies": replies.measure,
    "navigations": navigations.measure,
    "unbuilt": unbuilt.measure,
}


def main() -> int:
    arguments = _arguments()
    asked = arguments.parse_args()
    if unknown := [name for name in asked.names if name not in BENCHES]:
        arguments.error(f"no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    sizes = Sizes(
        cases=asked.cases,
        archived=asked.archived,
        changed=asked.changed,
        histories=tuple(asked.histories),
        messages=asked.messages,
        replies=asked.replies,
        navigations=asked.navigations,
        rounds=asked.rounds,
    )
    results: dict[str, list[Row]] = {}
    loads: dict[str, float | None] = {}
    # A short path: the browsers' sockets lie below it.
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        for name in asked.names or BENCHES:
            loads[name] = load()
            print(f"{name} (load {loads[name]}, {os.cpu_count()} cores)", file=sys.stderr, flush=True)
            results[name] = _rows(BENCHES[name], Bench(Path(folder), sizes))
    text = as_json(results, sizes, loads)
    if asked.json is None:
        sys.stdout.write(text)
    else:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(text, encoding="utf-8")
    print_table(results)
    return int(any(row.verdict is Verdict.FAILED for rows in results.values() for row in rows))


def _rows(measure: Measure, bench: Bench) -> list[Row]:
    rows: list[Row] = []
    try:
        rows.extend(measure(bench))
    except Exception as error:  # noqa: BLE001 - the other benches have their own answers
        traceback.print_exc()
        rows.append(Row(what=type(error).__name__, goal="", measured=str(error), verdict=Verdict.FAILED))
    return rows


def _arguments() -> argparse.ArgumentParser:
    given = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    usual = Sizes()
    given.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    given.add_argument("--json", type=Path, help="where the JSON goes, instead of standard output")
    given.add_argument("--cases", type=int, default=usual.cases, help="in the portal of the live lane's backup")
    given.add_argument("--rounds", type=int, default=usual.rounds, help="turns of each way to read it")
    given.add_argument("--archived", type=int, default=usual.archived, help="cases before the incremental run")
    given.add_argument("--changed", type=int, default=usual.changed, help="of them between the runs")
    given.add_argument("--histories", type=int, nargs=2, default=usual.histories, help="cases of two archives")
    given.add_argument("--messages", type=int, default=usual.messages, help="in the archive for search and Excel")
    given.add_argument("--replies", type=int, default=usual.replies)
    given.add_argument("--navigations", type=int, default=usual.navigations, help="cases that both engines read")
    return given


if __name__ == "__main__":
    sys.exit(main())
