"""Every request in order, as the portal saw it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import Any

from mock_portal.clock import iso


def engine_of(user_agent: str) -> str:
    """Which engine a User-Agent claims."""
    if "Firefox/" in user_agent:
        return "firefox"
    if re.search(r"Chrom(e|ium)/|HeadlessChrome|CriOS", user_agent):
        return "chromium"
    return "webkit" if "AppleWebKit/" in user_agent else "other"


@dataclass
class Seen:
    """One request. `status` is None while it runs and 0 when the connection was cut instead of an answer."""

    sequence: int
    method: str
    path: str
    engine: str
    tags: list[str]
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    account: str | None = None
    status: int | None = None
    faults: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "sequence": self.sequence,
            "time": iso(self.time),
            "method": self.method,
            "path": self.path,
            "account": self.account,
            "engine": self.engine,
            "status": self.status,
            "tags": self.tags,
            "faults": self.faults,
        }


class RequestLog:
    """In the order of arrival."""

    def __init__(self) -> None:
        self._seen: list[Seen] = []

    def arrive(self, *, method: str, path: str, engine: str, tags: list[str]) -> Seen:
        seen = Seen(len(self._seen) + 1, method, path, engine, tags)
        self._seen.append(seen)
        return seen

    def as_json(self) -> dict[str, Any]:
        return {
            "requests": [seen.as_json() for seen in self._seen],
            "counts": {
                "total": len(self._seen),
                "by_engine": dict(Counter(seen.engine for seen in self._seen)),
                "by_path": dict(Counter(f"{seen.method} {seen.path.partition('?')[0]}" for seen in self._seen)),
            },
        }
