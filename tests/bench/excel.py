"""Excel of a whole archive: memory above what the process had before, and time against openpyxl alone.

Each export runs in a process of its own, since a peak never falls.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook

from storage.opening import open_archive
from storage.records import CaseRecord
from storage.workbook import export_xlsx
from tests.bench.archive_made import MESSAGES
from tests.bench.archive_made import archive_of
from tests.bench.archive_made import records
from tests.bench.footprint import own_peak
from tests.bench.measure import Bench
from tests.bench.measure import Row
from tests.bench.measure import Verdict
from tests.bench.measure import WrongResult
from tests.bench.measure import reached

MOST = 60.0
GOAL_MESSAGES = 100_000


def measure(bench: Bench) -> Iterator[Row]:
    cases = bench.sizes.messages // MESSAGES
    messages = cases * MESSAGES
    source = archive_of(bench.folder, cases)
    ours = _run(bench, "ours", str(source), cases)
    plain = _run(bench, "plain", str(source), cases)
    above = ours["peak"] - ours["base"]
    yield Row(
        what=f"Excel of {messages:,} messages, peak above the base",
        goal=f"<= {MOST:g} MiB at {GOAL_MESSAGES:,}, streaming",
        measured=f"{above:.0f} MiB above {ours['base']:.0f}",
        verdict=reached(above <= MOST),
        left_out="" if messages >= GOAL_MESSAGES else f"{GOAL_MESSAGES:,} messages",
        figures={"MiB": ours, "written": ours["rows"]},
    )
    yield Row(
        what="the same, processor time against openpyxl's write-only sheet with the messages' rows alone",
        goal="none",
        measured=f"{ours['seconds'] / plain['seconds']:.1f}x; "
        f"{ours['seconds'] / ours['rows'] * 1000:.2f} s per 1,000 rows",
        verdict=Verdict.NO_GOAL,
        left_out="the plain sheet has no cases, links, changes or colours",
        figures={"seconds": ours["seconds"], "plain seconds": plain["seconds"]},
    )


def _run(bench: Bench, way: str, source: str, cases: int) -> dict[str, float]:
    target = bench.folder / f"{way}.xlsx"
    command = [sys.executable, "-m", "tests.bench.excel", way, source, str(target), str(cases)]
    told: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    found = _count_rows(target)
    if found != told["rows"] or found < cases * MESSAGES:
        raise WrongResult(f"{way}: {found} rows in the workbook, {told['rows']} told, {cases * MESSAGES} messages")
    bench.tell(f"{way}: {told['seconds']:.0f} s, {told['peak']:.0f} MiB")
    return told


def _count_rows(path: Path) -> int:
    """Of all sheets, their headings left out."""
    count = 0
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet"):
                with package.open(name) as sheet:
                    count += _occurrences(iter(lambda: sheet.read(1 << 20), b""), b"<row ") - 1
    return count


def _occurrences(pieces: Iterator[bytes], wanted: bytes) -> int:
    """Also of those that two pieces share."""
    count, rest = 0, b""
    for piece in pieces:
        count += (rest + piece).count(wanted)
        rest = piece[1 - len(wanted) :]
    return count


def export_ours(source: Path, target: Path) -> dict[str, float]:
    database = open_archive(source, create=False)
    base, begun = own_peak(), time.process_time()
    rows = export_xlsx(database, target, at=datetime.now(UTC))
    seconds = time.process_time() - begun
    database.close()
    return {"base": base, "peak": own_peak(), "seconds": seconds, "rows": sum(rows.values())}


def export_plain(target: Path, cases: int) -> dict[str, float]:
    """What the library needs for the messages' rows; making the texts is not counted."""
    base, seconds = own_peak(), 0.0
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("messages")
    sheet.append(["heading"] * 11)
    for record in records(cases):
        rows = [_cells(record, number) for number in range(len(record.messages))]
        begun = time.process_time()
        for row in rows:
            sheet.append(row)
        seconds += time.process_time() - begun
    begun = time.process_time()
    workbook.save(target)
    seconds += time.process_time() - begun
    return {"base": base, "peak": own_peak(), "seconds": seconds, "rows": cases * MESSAGES}


def _cells(record: CaseRecord, number: int) -> list[object]:
    """The values that our own sheet of messages has."""
    message = record.messages[number]
    return [
        record.account,
        record.case_id,
        number + 1,
        message.direction.value,
        message.author,
        message.sent_at.replace(tzinfo=None),
        message.sent_at_raw,
        message.body,
        None,
        None,
        message.message_id,
    ]


if __name__ == "__main__":
    chosen, archived, written, count = sys.argv[1:]
    done = export_ours(Path(archived), Path(written)) if chosen == "ours" else export_plain(Path(written), int(count))
    print(json.dumps(done))
