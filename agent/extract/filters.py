"""The closed set of filters. Each turns a text into a text, into nothing, or says why it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Sequence
from functools import partial
from urllib.parse import unquote
from urllib.parse import urljoin
from urllib.parse import urlsplit

from agent.extract.text import fold
from agent.extract.text import text_of_markup
from agent.profile.model.fields import Filter
from agent.profile.model.fields import SimpleFilter


class Unreadable(ValueError):
    """A value is there but makes no sense; the text says why and quotes it."""


_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,'’٬\s]\d{3})+|[+-]?\d+")


def apply_filters(text: str, filters: Sequence[Filter], *, base: str) -> str | None:
    """The filters in order; `None` as soon as one finds nothing. Raises `Unreadable`."""
    value: str | None = text
    for step in filters:
        if value is None:
            return None
        value = _apply(value, step, base)
    return value


def to_integer(text: str) -> int:
    """A whole number, thousands separated in any way. Raises `Unreadable`."""
    number = text.strip()
    if not _GROUPED.fullmatch(number):
        msg = f"{text!r} is not a whole number"
        raise Unreadable(msg)
    return int(re.sub(r"[^\d+-]", "", number))


def _apply(text: str, step: Filter, base: str) -> str | None:
    if step.part is not None:
        match = re.search(step.part, text, re.DOTALL)
        return None if match is None else (match[1] if match.re.groups else match[0])
    if step.cut is not None:
        return re.sub(step.cut, "", text, flags=re.DOTALL)
    if step.replace is not None:
        pattern, replacement = step.replace
        return re.sub(pattern, replacement, text, flags=re.DOTALL)
    if step.map is not None:
        return _mapped(text, step.map)
    assert step.simple is not None, "a filter has exactly one key"
    return _SIMPLE[step.simple](text) if step.simple is not SimpleFilter.ABSOLUTE else _absolute(base, text)


def _mapped(text: str, table: dict[str, str]) -> str:
    wanted = fold(text)
    if wanted not in table and "*" not in table:
        msg = f"{text!r} is not in the map"
        raise Unreadable(msg)
    return table.get(wanted, table.get("*", ""))


def _absolute(base: str, text: str) -> str:
    try:
        return urljoin(base, text.strip())
    except ValueError as exc:
        msg = f"{text!r} is not a URL"
        raise Unreadable(msg) from exc


def _basename(text: str) -> str:
    try:
        path = urlsplit(text).path
    except ValueError:
        path = text
    return path.rstrip("/").rpartition("/")[2]


_SIMPLE: dict[SimpleFilter, Callable[[str], str]] = {
    SimpleFilter.FOLD: fold,
    SimpleFilter.LOWER: str.lower,
    SimpleFilter.UPPER: str.upper,
    SimpleFilter.DIGITS: partial(re.sub, r"\D", ""),
    SimpleFilter.INTEGER: lambda text: str(to_integer(text)),
    SimpleFilter.UNQUOTE: unquote,
    SimpleFilter.BASENAME: _basename,
    SimpleFilter.UNMARKED: text_of_markup,
}
