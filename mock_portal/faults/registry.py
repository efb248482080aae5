"""Which faults are set, and which of them fire for a request.

A decision is a function of the seed, the fault and how often it was asked before by the same engine, whatever the
path: two runs that ask the same get the same. (Only `per_minute` looks at a clock.) A fault that fires and finds
nothing to do gets its shot back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from random import Random
from typing import Any

from mock_portal.faults.descriptions import problems
from mock_portal.faults.kinds import KINDS
from mock_portal.faults.kinds import Kind
from mock_portal.site.routing import Route
from mock_portal.site.routing import Tag


class InvalidFaults(ValueError):
    """Every problem of a list of fault descriptions; nothing was changed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass
class Fault:
    """One fault that was set, with what happened to it so far, per engine."""

    id: int
    kind: Kind
    description: dict[str, Any]
    matched: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    #: of the asset that this fault breaks: how many broken ones were put out, and which of them are mended by now
    broken: Counter[str] = field(default_factory=Counter)
    mended: set[tuple[str, int]] = field(default_factory=set)
    #: when requests were answered that were not too many, per engine
    answered: dict[str, list[float]] = field(default_factory=dict)
    #: what was chosen once and stays, by account
    chosen: dict[str, frozenset[str]] = field(default_factory=dict)

    def give_back(self, engine: str) -> None:
        self.fired[engine] -= 1

    def is_asked_too_fast(self, engine: str, at: float) -> bool:
        """Whether the last minute has seen its fill; a request that has to wait is none of those."""
        last = [time for time in self.answered.get(engine, ()) if time > at - 60]
        full = len(last) >= int(self.option("per_minute", 0))
        self.answered[engine] = last if full else [*last, at]
        return full

    def spoils_asset(self, engine: str, number: int) -> bool:
        """Whether this copy of the asset is broken: once for each number; whoever asks anew gets a good one."""
        fresh = (engine, number) not in self.mended
        self.mended.add((engine, number))
        return fresh

    def option(self, name: str, default: Any = None) -> Any:
        return self.description.get(name, default)

    def as_json(self) -> dict[str, Any]:
        return {**self.description, "id": self.id, "matched": dict(self.matched), "fired": dict(self.fired)}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is, as far as faults look at it."""

    method: str
    path: str
    engine: str
    tags: frozenset[Tag]
    account: str | None
    #: in seconds of any clock that only goes on
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """A fault that applies to a request; it may have no shots left."""

    fault: Fault
    fires: bool


class FaultRegistry:
    """The faults of one portal, in the order in which they were set."""

    def __init__(self, *, seed: int) -> None:
        #: what the portal serves; without them a path is not held against its kind
        self.routes: Sequence[Route] = ()
        self._seed = seed
        self._faults: list[Fault] = []
        self._last_id = 0

    def replace(self, descriptions: Iterable[Any]) -> None:
        """Set exactly these; counters begin anew. Raises `InvalidFaults`."""
        wanted = list(descriptions)
        if found := [problem for at, each in enumerate(wanted) for problem in problems(at, each, self.routes)]:
            raise InvalidFaults(found)
        self._faults = [self._made(each) for each in wanted]

    def as_json(self) -> list[dict[str, Any]]:
        return [fault.as_json() for fault in self._faults]

    def find(self, fault_id: int) -> Fault | None:
        return next((fault for fault in self._faults if fault.id == fault_id), None)

    def match(self, asked: Asked) -> list[Match]:
        """All that apply; asking counts."""
        return [Match(fault, self._shoot(fault, asked)) for fault in self._faults if _applies(fault, asked)]

    def _made(self, description: dict[str, Any]) -> Fault:
        self._last_id += 1
        return Fault(self._last_id, KINDS[description["kind"]], dict(description))

    def _shoot(self, fault: Fault, asked: Asked) -> bool:
        engine = asked.engine
        number = fault.matched[engine]
        fault.matched[engine] += 1
        if number < fault.option("after", 0):
            return False
        times = fault.option("times")
        if times is not None and fault.fired[engine] >= times:
            return False
        if not fault.is_asked_too_fast(engine, asked.at):
            return False
        draw = Random(f"{self._seed}:{fault.id}:{engine}:{number}").random()  # noqa: S311 - repeatable on purpose
        if draw >= fault.option("probability", 1.0):
            return False
        fault.fired[engine] += 1
        return True


def _applies(fault: Fault, asked: Asked) -> bool:
    kind, path = fault.kind, fault.option("path")
    if not kind.meets(asked.method, asked.tags, by_path=path is not None):
        return False
    if path is not None and re.search(path, asked.path) is None:
        return False
    if fault.option("account") not in (None, asked.account):
        return False
    # a page that breaks by a feature is the same for every engine that asks for it
    return kind.name == "script_throws" or fault.option("engine") in (None, asked.engine)
