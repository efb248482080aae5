"""The goals whose parts do not exist yet, so that nobody takes their absence for a success."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.measure import Bench
from tests.bench.measure import Row
from tests.bench.measure import Verdict

GOALS = (
    (
        "full backup of a server-rendered portal over the fetch lane, four tabs, archive and search index",
        ">= 50x crawlee's PlaywrightCrawler and scrapy-playwright; <= 1.5x httpx + selectolax + the same rows",
        "no fetch lane",
    ),
    ("hill skin over its JSON lane", ">= 50x its own live lane at 4 pages, same records", "no JSON lane"),
    (
        "at 150 ms latency, 32 in flight, after start-up",
        ">= 85 % of in-flight / latency",
        "no lane reads more than pages",
    ),
)


def measure(_bench: Bench) -> Iterator[Row]:
    for what, goal, why in GOALS:
        yield Row(what=what, goal=goal, measured=why, verdict=Verdict.NOT_BUILT, left_out="all of it")
