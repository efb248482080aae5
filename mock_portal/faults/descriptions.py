"""Which descriptions of faults are refused, and why: nothing may be set that could never do what it says."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from mock_portal.faults.kinds import COMMON_OPTIONS
from mock_portal.faults.kinds import KINDS
from mock_portal.faults.kinds import LIMITS
from mock_portal.faults.kinds import Kind
from mock_portal.site.routing import Route

_CHOICES = {"engine": ("chromium", "firefox"), "how": ("add", "remove", "bump"), "page": ("cvf", "challenge")}


def problems(at: int, description: Any, routes: Sequence[Route]) -> list[str]:
    if not isinstance(description, dict):
        return [f"fault {at}: not an object"]
    kind = KINDS.get(str(description.get("kind")))
    if kind is None:
        return [f"fault {at}: unknown kind {description.get('kind')!r}; known: {', '.join(KINDS)}"]
    found = list(_types(kind, description)) or list(_contradictions(kind, description, routes))
    return [f"fault {at} ({kind.name}): {problem}" for problem in found]


def _types(kind: Kind, description: dict[str, Any]) -> Iterator[str]:
    allowed = {"kind": str, **COMMON_OPTIONS, **kind.options}
    for key, value in description.items():
        if key not in allowed:
            yield f"unknown key {key!r}; known: {', '.join(allowed)}"
        elif not _fits(value, allowed[key]):
            yield f"{key} = {value!r} is not of type {allowed[key].__name__}"


def _fits(value: Any, wanted: type) -> bool:
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, wanted)


def _contradictions(kind: Kind, description: dict[str, Any], routes: Sequence[Route]) -> Iterator[str]:
    for key, known in _CHOICES.items():
        if key in description and description[key] not in known:
            yield f"{key} = {description[key]!r}; known: {', '.join(known)}"
    for key, (least, most) in LIMITS.items():
        value = description.get(key, least)
        if value < least or (most is not None and value > most):
            yield f"{key} = {value!r}; {least} {'or more' if most is None else f'to {most}'}"
    if kind.name == "script_throws" and "engine" not in description:
        yield "engine is missing"
    try:
        path = re.compile(description.get("path", ""))
    except re.error as error:
        yield f"path is no regular expression: {error}"
    else:
        if path.pattern and (missed := _never_met(kind, path, routes)):
            yield f"path = {path.pattern!r} is {', '.join(missed)}, where this kind does nothing"


def _never_met(kind: Kind, path: re.Pattern[str], routes: Sequence[Route]) -> list[str]:
    """The routes that the path plainly means, if the kind can meet none of them.

    A path that fits no bare address, as one with a query, may mean anything.
    """
    numbers = re.findall(r"\d+", path.pattern) or ["1"]
    meant = [route for route in routes if any(path.search(_address(route, number)) for number in numbers)]
    if any(kind.meets(route.method, route.tags, by_path=True) for route in meant):
        return []
    return [f"{route.method} {route.path}" for route in meant]


def _address(route: Route, number: str) -> str:
    """One address of the route, with that number in the place of a case's."""
    numbered = re.sub(r"\{\w+:\\d\+\}", number, route.path)
    return re.sub(r"\{[^{}]*\}", "x", numbered)
