"""A date format against a text: the parts that the text gives, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from functools import lru_cache

from babel import Locale

#: Seconds.
DAY = 86400
#: Directional marks that some locales put round numbers.
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u2066\u2067\u2068\u2069"))
_OFFSET = r"(?:(?:GMT|UTC)\s*[+\-\u2212]\s*\d{1,2}(?::?\d{2})?|[+\-\u2212]\d{2}(?::?\d{2})?|Z|UTC|GMT)"
_PIECES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|ère|e|ª|°|\.?º)?",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "f": r"(?P<f>\d{1,6})",
    "z": rf"(?P<z>{_OFFSET})",
    "Z": rf"(?P<z>{_OFFSET})|(?P<Z>[A-Za-z]{{2,5}})",
    "%": "%",
}
_PIECES["e"] = _PIECES["d"]
#: What some portals write instead of "12:00 PM" and "12:00 AM".
_NOON = re.compile(r"\b(?:12\s+)?(noon|midnight)\b", re.IGNORECASE)
#: A year that has every day, for a date that shows none.
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Parts:
    """What a text says: an instant (`epoch`, in seconds) or a wall clock with or without a zone.

    A wall clock without `has_year` has its day of the year, one with `days_ago` only its time of day.
    """

    granularity: int
    wall: datetime | None = None
    has_year: bool = True
    days_ago: int | None = None
    epoch: float | None = None
    weekday: int | None = None
    offset: timedelta | None = None
    zone_name: str | None = None


def match_format(text: str, written: str, locale: str, days: Mapping[str, int] = {}) -> Parts | None:
    """The parts of a text that fits a format from its beginning to its end; `days` are words like "yesterday"."""
    clean = text.translate(_MARKS).strip()
    if written in _NAMED:
        return _NAMED[written](clean)
    pattern = _pattern(written, locale, tuple(days))
    match = next(filter(None, map(pattern.fullmatch, _spellings(clean))), None)
    if match is None:
        return None
    return _parts({k: v for k, v in match.groupdict().items() if v is not None}, locale, days)


def _spellings(text: str) -> Iterator[str]:
    yield text
    if _NOON.search(text):
        noon = "noon" in text.casefold()
        for clock in ("12:00 pm", "12 pm") if noon else ("12:00 am", "12 am"):
            yield _NOON.sub(clock, text)


def date_shape(written: str, locale: str) -> re.Pattern[str]:
    """What a text in this format looks like; of times that are an instant, what is no other number."""
    if written in _NAMED:
        return re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}(?::?\d{2}){0,2})?" if written == "iso" else "(?!)")
    return _pattern(written, locale, ())


def date_words(locale: str) -> frozenset[str]:
    """The words of a locale's dates, folded."""
    names = _names(locale)
    return frozenset(word.casefold() for known in (names.months, names.weekdays, names.halves) for word in known)


def _parts(found: dict[str, str], locale: str, days: Mapping[str, int]) -> Parts | None:
    names = _names(locale)
    year = int(found["Y"]) if "Y" in found else 2000 + int(found["y"]) if "y" in found else _LEAP_YEAR
    month = int(found["m"]) if "m" in found else names.months[_bare(found["b"])] if "b" in found else 1
    hour = int(found.get("H", 0))
    if "I" in found:
        hour = int(found["I"])
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if names.halves[_bare(found["p"])] else 0)
    micro = int(found.get("f", "0").ljust(6, "0"))
    try:
        day = date(year, month, int(found.get("d", 1)))
        clock = time(hour, int(found.get("M", 0)), int(found.get("S", 0)), micro)
    except ValueError:
        return None
    return Parts(
        granularity=_granularity(found),
        wall=datetime.combine(day, clock),
        has_year=bool({"Y", "y"} & set(found)),
        days_ago=days[_word(found["R"])] if "R" in found else None,
        weekday=names.weekdays[_bare(found["a"])] if "a" in found else None,
        offset=_offset(found["z"]) if "z" in found else None,
        zone_name=found.get("Z"),
    )


def _granularity(found: dict[str, str]) -> int:
    if "S" in found:
        return 1
    if "M" in found:
        return 60
    return 3600 if {"H", "I"} & set(found) else DAY


def _offset(text: str) -> timedelta:
    # The minutes are the last two digits of more than two: "-230" is two hours and a half.
    digits = re.search(r"([+\-\u2212])\s*(\d{1,2}?)(?::?(\d{2}))?$", text)
    if digits is None:
        return timedelta(0)
    size = timedelta(hours=int(digits[2]), minutes=int(digits[3] or 0))
    return size if digits[1] == "+" else -size


@dataclass(frozen=True, slots=True)
class _Names:
    months: dict[str, int]
    weekdays: dict[str, int]
    halves: dict[str, bool]


def _word(text: str) -> str:
    return " ".join(text.split()).casefold()


def _bare(name: str) -> str:
    return re.sub(r"[\s.]", "", name).casefold()


@lru_cache(maxsize=64)
def _names(locale: str) -> _Names:
    """The names of months, days and halves of the day in a locale and in its language, with and without dots.

    Portals shorten names in their own ways ("Sept."): at least three letters with which one name alone begins will do.
    """
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    halves = {"am": False, "pm": True}
    parsed = Locale.parse(locale.replace("-", "_"))
    for known in (parsed, Locale(parsed.language)):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                months |= {_bare(name): number for number, name in known.months[context][width].items()}
                weekdays |= {_bare(name): number for number, name in known.days[context][width].items()}
        for width in ("wide", "abbreviated", "narrow"):
            periods = known.day_periods.get("format", {}).get(width, {})
            halves |= {_bare(periods[half]): half == "pm" for half in ("am", "pm") if half in periods}
    return _Names(_beginnings(months) | months, _beginnings(weekdays) | weekdays, halves)


def _beginnings(names: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for name, number in names.items():
        for length in range(3, len(name)):
            found.setdefault(name[:length], set()).add(number)
    return {start: numbers.pop() for start, numbers in found.items() if len(numbers) == 1}


@lru_cache(maxsize=512)
def _pattern(written: str, locale: str, days: tuple[str, ...]) -> re.Pattern[str]:
    names = _names(locale)
    pieces = {
        **_PIECES,
        "b": f"(?P<b>{_any_of(names.months)})",
        "a": f"(?P<a>{_any_of(names.weekdays)})",
        "p": f"(?P<p>{_any_of(names.halves)})",
        "R": "(?P<R>" + "|".join(r"\s+".join(map(re.escape, day.split(" "))) for day in days) + ")",
    }
    pieces |= {"B": pieces["b"], "A": pieces["a"]}
    pattern = ""
    for directive, space, other in re.findall(r"%(.)|(\s+)|(.)", written, re.DOTALL):
        if directive:
            pattern += f"(?:{pieces[directive]})"
        else:
            pattern += r"\s+" if space else re.escape(other)
    return re.compile(pattern, re.IGNORECASE)


def _any_of(names: dict[str, object] | dict[str, int] | dict[str, bool]) -> str:
    """The names, the longest first, each with dots and spaces wherever the portal likes them."""
    return "|".join(r"[.\s]*".join(map(re.escape, name)) + r"\.?" for name in sorted(names, key=len, reverse=True))


def _iso(text: str) -> Parts | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    # Ruby and Perl portals write "2026-03-16 14:05:22 UTC" and "... +0000", with a space that the standard has not.
    standard = re.sub(r"\s+(?=Z|[+-]\d)", "", re.sub("UTC|GMT", "Z", text))
    try:
        read = datetime.fromisoformat(standard)
    except ValueError:
        return None
    clock = re.search(r"[T\s]\d{2}(:?\d{2})?(:?\d{2})?", text)
    step = DAY if clock is None else 1 if clock[2] else 60 if clock[1] else 3600
    return Parts(granularity=step, wall=read.replace(tzinfo=None), offset=read.utcoffset())


def _epoch(text: str, divisor: int) -> Parts | None:
    if not re.fullmatch(r"\d{1,17}(?:\.\d+)?", text):
        return None
    return Parts(granularity=1, epoch=float(text) / divisor)


_NAMED: dict[str, Callable[[str], Parts | None]] = {
    "iso": _iso,
    "epoch": lambda text: _epoch(text, 1),
    "epoch_ms": lambda text: _epoch(text, 1000),
}
