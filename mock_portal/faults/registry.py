"""Which faults are set, and which of them fire for a request.

A decision is a function of the seed, the fault and how often it was asked before by the same engine: two runs that
ask the same get the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from random import Random
from typing import Any

from mock_portal.faults.kinds import COMMON_OPTIONS
from mock_portal.faults.kinds import KINDS
from mock_portal.faults.kinds import Kind
from mock_portal.site.routing import Tag

_ENGINES = ("chromium", "firefox")
_SHIFTS = ("add", "remove", "bump")


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
    spoiled: Counter[str] = field(default_factory=Counter)

    def spoils_asset(self, engine: str) -> bool:
        """Whether the asset that this fault breaks is broken this time; counted apart from the pages that need it."""
        if self.option("engine") not in (None, engine):
            return False
        self.spoiled[engine] += 1
        return bool(self.spoiled[engine] <= self.option("times", 1))

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


@dataclass(frozen=True, slots=True)
class Match:
    """A fault that applies to a request; it may have no shots left."""

    fault: Fault
    fires: bool


class FaultRegistry:
    """The faults of one portal, in the order in which they were set."""

    def __init__(self, *, seed: int) -> None:
        self._seed = seed
        self._faults: list[Fault] = []
        self._last_id = 0

    def replace(self, descriptions: Iterable[Any]) -> None:
        """Set exactly these; counters begin anew. Raises `InvalidFaults`."""
        wanted = list(descriptions)
        problems = [problem for at, each in enumerate(wanted) for problem in _problems(at, each)]
        if problems:
            raise InvalidFaults(problems)
        self._faults = [self._made(each) for each in wanted]

    def as_json(self) -> list[dict[str, Any]]:
        return [fault.as_json() for fault in self._faults]

    def find(self, fault_id: int) -> Fault | None:
        return next((fault for fault in self._faults if fault.id == fault_id), None)

    def match(self, asked: Asked) -> list[Match]:
        """All that apply; asking counts."""
        return [Match(fault, self._shoot(fault, asked.engine)) for fault in self._faults if _applies(fault, asked)]

    def _made(self, description: dict[str, Any]) -> Fault:
        self._last_id += 1
        return Fault(self._last_id, KINDS[description["kind"]], dict(description))

    def _shoot(self, fault: Fault, engine: str) -> bool:
        number = fault.matched[engine]
        fault.matched[engine] += 1
        if number < fault.option("after", 0):
            return False
        times = fault.option("times")
        if times is not None and fault.fired[engine] >= times:
            return False
        draw = Random(f"{self._seed}:{fault.id}:{engine}:{number}").random()  # noqa: S311 - repeatable on purpose
        if draw >= fault.option("probability", 1.0):
            return False
        fault.fired[engine] += 1
        return True


def _applies(fault: Fault, asked: Asked) -> bool:
    kind, path = fault.kind, fault.option("path")
    if Tag.CONTROL in asked.tags or asked.method not in kind.methods:
        return False
    if path is None and not (kind.tags & asked.tags):
        return False
    if path is not None and re.search(path, asked.path) is None:
        return False
    if fault.option("account") not in (None, asked.account):
        return False
    # a page that breaks by a feature is the same for every engine that asks for it
    return kind.name == "script_throws" or fault.option("engine") in (None, asked.engine)


def _problems(at: int, description: Any) -> list[str]:
    if not isinstance(description, dict):
        return [f"fault {at}: not an object"]
    kind = KINDS.get(str(description.get("kind")))
    if kind is None:
        return [f"fault {at}: unknown kind {description.get('kind')!r}; known: {', '.join(KINDS)}"]
    allowed = {"kind": str, **COMMON_OPTIONS, **kind.options}
    found = []
    for key, value in description.items():
        if key not in allowed:
            found.append(f"fault {at} ({kind.name}): unknown key {key!r}; known: {', '.join(allowed)}")
        elif not _fits(value, allowed[key]):
            found.append(f"fault {at} ({kind.name}): {key} = {value!r} is not of type {allowed[key].__name__}")
    return found or _contradictions(at, kind, description)


def _fits(value: Any, wanted: type) -> bool:
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, wanted)


def _contradictions(at: int, kind: Kind, description: dict[str, Any]) -> list[str]:
    found = []
    where = f"fault {at} ({kind.name})"
    engine = description.get("engine")
    if engine not in (None, *_ENGINES):
        found.append(f"{where}: engine = {engine!r}; known: {', '.join(_ENGINES)}")
    if kind.name == "script_throws" and engine is None:
        found.append(f"{where}: engine is missing")
    if description.get("how", "add") not in _SHIFTS:
        found.append(f"{where}: how = {description['how']!r}; known: {', '.join(_SHIFTS)}")
    try:
        re.compile(description.get("path") or "")
    except re.error as error:
        found.append(f"{where}: path is no regular expression: {error}")
    return found
