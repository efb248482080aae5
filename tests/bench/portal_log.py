"""What a mock portal saw of its visitors: the one witness that treats every way of reading alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from typing import Self

from mock_portal.server import MockPortal

_CASE = re.compile(r"/cases/(\d+)(?:\?|$)")


@dataclass(frozen=True, slots=True)
class PortalLog:
    """The requests of one visit, in their order."""

    requests: Sequence[dict[str, Any]]

    @classmethod
    def of(cls, portal: MockPortal, *, after: int = 0) -> Self:
        """Those after the first `after`."""
        return cls(portal.requests()["requests"][after:])

    @property
    def pages(self) -> list[str]:
        """The documents behind the sign-in that were given out, by their paths."""
        return [str(each["path"]) for each in self._documents()]

    @property
    def lists(self) -> list[str]:
        return [path for path in self.pages if path.startswith("/cases?")]

    @property
    def case_pages(self) -> list[str]:
        return [path for path in self.pages if _CASE.match(path)]

    @property
    def cases(self) -> set[str]:
        return {found[1] for found in map(_CASE.match, self.pages) if found}

    @property
    def files(self) -> list[str]:
        return [str(each["path"]) for each in self.requests if "file" in each["tags"] and each["status"] == 200]

    @property
    def posts(self) -> int:
        return sum("submit" in each["tags"] for each in self.requests)

    def seconds_of_cases(self) -> float:
        """From the first case's page to the last request: reading and storing, without start-up and listing."""
        first = next(each for each in self._documents() if _CASE.match(each["path"]))
        return (_time(self.requests[-1]) - _time(first)).total_seconds()

    def seconds_of_reading(self) -> float:
        """From the first list or case page to the last request: without start-up and sign-in."""
        first = next(each for each in self._documents() if each["path"].startswith("/cases"))
        return (_time(self.requests[-1]) - _time(first)).total_seconds()

    def _documents(self) -> list[dict[str, Any]]:
        return [each for each in self.requests if "document" in each["tags"] and each["status"] == 200]


def _time(request: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(request["time"])
