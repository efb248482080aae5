"""What is wrong with a request to let time pass, found out before anything is changed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from mock_portal.book import CaseBook
from mock_portal.data.model import Status
from mock_portal.site.skin import Skin
from mock_portal.world import World

#: per list what its entries hold: a case's id, or an object of these keys, of which the first so many are needed
_ENTRIES: dict[str, tuple[dict[str, type], int]] = {
    "messages": ({"case": str, "text": str, "status": str, "touch": bool}, 1),
    "new_cases": ({"subject": str, "text": str}, 0),
    "edit": ({"case": str, "n": int, "text": str}, 3),
    "vanish": ({"case": str, "n": int}, 2),
}
_COUNTED = ("messages", "new_cases", "close")
_LISTS = (*_ENTRIES, "close", "unlist", "remove", "restore")
_STATUSES = tuple(status.value for status in Status)


def problems(world: World, skin: Skin, wanted: dict[str, Any]) -> list[str]:
    """All of them; the first kind that is found decides whether the next ones can be looked for."""
    found = [*_account(world, wanted), *_time(world, wanted)]
    for key in _LISTS:
        found += _shape(key, wanted.get(key, []))
    if found:
        return found
    book = world.book(world.account(wanted.get("account")))
    lists = [key for key in _LISTS if isinstance(wanted.get(key), list)]
    return [problem for key in lists for problem in _named(book, skin, key, wanted[key])]


def _account(world: World, wanted: dict[str, Any]) -> Iterator[str]:
    name = wanted.get("account")
    try:
        world.account(name)
    except (KeyError, TypeError):
        yield f"account: {name!r} is unknown"


def _time(world: World, wanted: dict[str, Any]) -> Iterator[str]:
    given = {key: wanted[key] for key in ("days", "seconds") if key in wanted}
    bad = [key for key, value in given.items() if not (_is(value, float) and math.isfinite(value) and value >= 0)]
    yield from (f"{key}: {given[key]!r} is no number of {key} to come" for key in bad)
    try:
        world.clock.now() + timedelta(**({} if bad else given))
    except OverflowError:
        yield f"{' and '.join(given)}: no calendar goes that far"


def _shape(key: str, value: Any) -> Iterator[str]:
    if key in _COUNTED and _is(value, int):
        if value < 0:
            yield f"{key}: {value} is no number of cases"
    elif not isinstance(value, list):
        yield f"{key}: a list is wanted{', or a number' if key in _COUNTED else ''}"
    else:
        for at, each in enumerate(value):
            yield from (f"{key}[{at}]: {problem}" for problem in _entry(key, each))


def _entry(key: str, value: Any) -> Iterator[str]:
    if key not in _ENTRIES:
        if not isinstance(value, str):
            yield "a case's id is wanted"
        return
    kinds, needed = _ENTRIES[key]
    if not isinstance(value, dict):
        yield "an object is wanted"
        return
    yield from (f"{name} is missing" for name in list(kinds)[:needed] if name not in value)
    for name, each in value.items():
        if name not in kinds:
            yield f"unknown key {name!r}; known: {', '.join(kinds)}"
        elif not _is(each, kinds[name]):
            yield f"{name} = {each!r} is not of type {kinds[name].__name__}"
        elif name == "status" and each not in _STATUSES:
            yield f"status = {each!r}; known: {', '.join(_STATUSES)}"


def _named(book: CaseBook, skin: Skin, key: str, entries: list[Any]) -> Iterator[str]:
    """Whether what a list names is there, and named once."""
    if key not in ("messages", "new_cases"):
        marks = Counter((each["case"], each["n"]) if isinstance(each, dict) else each for each in entries)
        yield from (f"{key}: {mark!r} is named {count} times" for mark, count in marks.items() if count > 1)
    for at, each in enumerate(entries if key != "new_cases" else []):
        case_id = each["case"] if isinstance(each, dict) else each
        case = book.get(case_id)
        if key == "restore":
            if not book.is_away(case_id):
                yield f"restore[{at}]: case {case_id} is not away"
        elif case is None:
            yield f"{key}[{at}]: there is no case {case_id}"
        elif key == "close" and case.status.is_final:
            yield f"close[{at}]: case {case_id} is closed"
        elif key in ("edit", "vanish") and not 1 <= each["n"] <= len(shown := skin.thread(case.thread)):
            yield f"{key}[{at}]: case {case_id} shows {len(shown)} messages, n = {each['n']}"


def _is(value: Any, wanted: type) -> bool:
    """Whether JSON's value is of that type; true and false are no numbers."""
    kinds = (int, float) if wanted is float else wanted
    return isinstance(value, kinds) and (wanted is bool or not isinstance(value, bool))
