"""Which faults were met and what became of it, as the table that README shows."""

from __future__ import annotations

from collections import Counter
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from typing import Any

from mock_portal.faults.kinds import KINDS
from storage.journal import PageRead
from storage.journal import RecoveryAttempt
from storage.outbox import OutboxEntry
from tests.soak.run_seen import RunSeen

COLUMNS = (("classic", "chromium"), ("classic", "firefox"), ("hill", "chromium"), ("hill", "firefox"))
BELIEVED = frozenset({"ok", "empty", "gone"})
#: Rungs from the gentlest on, then what came of pages that no rung cured.
ORDER = (
    "read on",
    "wait",
    "reload",
    "fresh",
    "sign_in",
    "switch_engine",
    "mobile",
    "relaunch",
    "given up",
    "run ended",
)


@dataclass(slots=True)
class Survival:
    """Counts over many seeds."""

    met: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    became: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def note(self, skin: str, run: RunSeen, pages: Iterable[PageRead], attempts: Iterable[RecoveryAttempt]) -> None:
        """Book what the portal did to one run, by its own log, and what the run's journal says of the pages."""
        for (kind, engine), times in run.met.items():
            self.met[kind, skin, engine] += times
        cures = {attempt.url: attempt.rung for attempt in attempts if attempt.result in BELIEVED}
        for page in pages:
            for kind in _during(page, run.requests):
                self.became[kind][_end(page, cures, run)] += 1

    def note_replies(self, entries: Iterable[OutboxEntry], requests: list[dict[str, Any]]) -> None:
        """Book what became of the replies whose submission met a fault."""
        ends = {entry.draft.case_id: f"{entry.status.value}{_reason(entry)}" for entry in entries}
        for asked in requests:
            if {"submit", "upload"} & set(asked["tags"]):
                case = next((case for case in ends if case and case in asked["path"]), None)
                for kind in asked["faults"]:
                    self.became[kind][ends[case] if case else "see replies"] += 1

    def table(self) -> Iterator[str]:
        """Markdown; one row for each kind that exists, met or not."""
        yield (
            "| survived fault | "
            + " | ".join(f"{skin}, {engine}" for skin, engine in COLUMNS)
            + " | what became of it |"
        )
        yield "|---|" + "---:|" * len(COLUMNS) + "---|"
        for kind in KINDS:
            times = " | ".join(str(self.met[kind, skin, engine]) for skin, engine in COLUMNS)
            ends = self.became[kind]
            ordered = sorted(ends, key=lambda end: (ORDER.index(end) if end in ORDER else len(ORDER), end))
            yield f"| `{kind}` | {times} | {', '.join(f'{end} {ends[end]}' for end in ordered)} |"


def _reason(entry: OutboxEntry) -> str:
    return f" ({entry.reason.partition(':')[0]})" if entry.reason else ""


def _during(page: PageRead, requests: list[dict[str, Any]]) -> set[str]:
    """The faults that fired while a page was read; with several pages at a time a neighbour's may be among them."""
    begun = page.at - timedelta(milliseconds=page.milliseconds)
    engine = page.engine.partition("/")[0]
    return {
        kind
        for asked in requests
        if begun <= datetime.fromisoformat(asked["time"]) <= page.at and asked["engine"] == engine
        for kind in asked["faults"]
    }


def _end(page: PageRead, cures: dict[str, str], run: RunSeen) -> str:
    if page.verdict in BELIEVED:
        return "read on"
    if page.url in cures:
        return cures[page.url]
    return "run ended" if run.error is not None else "given up"
