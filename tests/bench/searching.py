"""How long the first hits of a search take, and how much longer the same answer takes without the index."""

from __future__ import annotations

import time
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import islice

from storage import archive
from storage.database import Database
from storage.opening import open_archive
from storage.search import search
from tests.bench.archive_made import COMMON_CJK
from tests.bench.archive_made import COMMON_WORDS
from tests.bench.archive_made import MESSAGES
from tests.bench.archive_made import RARE_CJK
from tests.bench.archive_made import archive_of
from tests.bench.archive_made import case_id
from tests.bench.archive_made import order_number
from tests.bench.archive_made import records
from tests.bench.measure import Bench
from tests.bench.measure import Row
from tests.bench.measure import Verdict
from tests.bench.measure import WrongResult
from tests.bench.measure import percentile
from tests.bench.measure import reached

HITS = 20
MOST_MS = 100.0
GOAL_MESSAGES = 1_000_000
TURNS = 5


def measure(bench: Bench) -> Iterator[Row]:
    """A row for each kind of query, then one for what the index is worth."""
    cases = bench.sizes.messages // MESSAGES
    begun = time.perf_counter()
    path = archive_of(bench.folder, cases)
    bench.tell(f"archive of {cases * MESSAGES} messages: {time.perf_counter() - begun:.0f} s")
    smaller = "" if cases * MESSAGES >= GOAL_MESSAGES else f"{GOAL_MESSAGES:,} messages"
    database = open_archive(path, create=False)
    slowest = 0.0
    for kind, queries in _queries(cases).items():
        times, used = _times(database, queries)
        middle, high, processor = percentile(times, 0.5), percentile(times, 0.95), percentile(used, 0.95)
        slowest = max(slowest, processor)
        yield Row(
            what=f"first {HITS} hits, {kind}, {cases * MESSAGES:,} messages, {len(times)} searches",
            goal=f"p95 <= {MOST_MS:g} ms at {GOAL_MESSAGES:,}",
            measured=f"p50 {middle:.1f}, p95 {high:.1f} ms; of the processor p95 {processor:.1f} ms, which is judged",
            verdict=reached(processor <= MOST_MS),
            left_out=smaller,
            figures={"p50 ms": middle, "p95 ms": high, "slowest ms": max(times), "processor p95 ms": processor},
        )
    scan = _scan(database, COMMON_CJK[0])
    database.close()
    yield Row(
        what="reading all messages for a text, against the slowest p95, of the processor",
        goal="none",
        measured=f"{scan / slowest:,.0f}x",
        verdict=Verdict.NO_GOAL,
        figures={"scan ms": scan},
    )


def _queries(cases: int) -> dict[str, Sequence[str]]:
    spread = range(0, cases, max(1, cases // 20))
    pieces = [body[40:42] for record in islice(records(cases), 20) for body in (record.messages[3].body,)]
    return {
        "rare words": [order_number(case) for case in spread],
        "common words": [*COMMON_WORDS, "refund order", "seller account shipment", '"the order"'],
        "pairs of characters from the texts": [RARE_CJK, *pieces] if cases > 7 else pieces,
        "common pairs of characters": COMMON_CJK,
    }


def _times(database: Database, queries: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of every search, by the clock and of the processor, which a busy machine hardly changes."""
    times, used = [], []
    for _ in range(TURNS):
        for query in queries:
            begun, before = time.perf_counter(), time.process_time()
            hits = search(database, query, limit=HITS).hits
            used.append((time.process_time() - before) * 1000)
            times.append((time.perf_counter() - begun) * 1000)
            if not hits:
                raise WrongResult(f"{query!r} was not found")
            if query.startswith("FBA") and [hit.ref.case_id for hit in hits] != [case_id(int(query[3:-1]))]:
                raise WrongResult(f"{query} was found in other cases")
    return times, used


def _scan(database: Database, wanted: str) -> float:
    begun = time.process_time()
    found = sum(
        any(wanted in message.body for message in case.record.messages) for case in archive.iterate_cases(database)
    )
    if not found:
        raise WrongResult(f"{wanted} was not found")
    return (time.process_time() - begun) * 1000
