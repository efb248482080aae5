"""What could be observed of each case, and when: the portal's history as intervals of states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import Any

from mock_portal.server import MockPortal

ALWAYS = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)

#: One case in the truth's words; `None` while its link does not open.
State = dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Span:
    """The time that one run took."""

    begin: datetime
    end: datetime

    def meets(self, begin: datetime, end: datetime) -> bool:
        return begin <= self.end and end >= self.begin


@dataclass(slots=True)
class Witness:
    """Looks at one account's history. Made before anything changes; `look` after each run sees late messages."""

    portal: MockPortal
    account: str
    _first: dict[str, State] = field(init=False)
    _looks: list[tuple[datetime, dict[str, State]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._first = self._now()

    def look(self) -> None:
        self._looks.append((datetime.now(UTC), self._now()))

    def _now(self) -> dict[str, State]:
        return {str(case["id"]): case for case in self.portal.truth(self.account)["cases"]}

    def case_ids(self) -> set[str]:
        return {*self._first, *(event["case"] for event in self._events() if event["case"])}

    def states(self, case_id: str, during: Span) -> list[State]:
        """Every state of the case that could be observed at some moment of `during`."""
        told = list(self._told(case_id))
        ends = [*(begin for begin, _ in told[1:]), NEVER]
        return [state for (begin, state), end in zip(told, ends, strict=True) if during.meets(begin, end)]

    def hidden(self, during: Span) -> set[str]:
        """Cases that a fault left out of some list."""
        events = (event for event in self._events() if event["event"] == "cases_hidden")
        return {case_id for event in events if during.meets(*[_moment(event)] * 2) for case_id in event["ids"]}

    def happened(self, case_id: str, since: datetime) -> set[str]:
        """What the history says of a case from then on."""
        return {event["event"] for event in self._events() if event["case"] == case_id and _moment(event) >= since}

    def _told(self, case_id: str) -> Iterator[tuple[datetime, State]]:
        yield ALWAYS, self._first.get(case_id)
        told = [(_moment(event), event["shows"]) for event in self._events() if event["case"] == case_id]
        told += [(at, seen.get(case_id)) for at, seen in self._looks]
        yield from sorted(told, key=lambda each: each[0])

    def _events(self) -> list[dict[str, Any]]:
        return [event for event in self.portal.history() if event["account"] == self.account]


def _moment(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])
