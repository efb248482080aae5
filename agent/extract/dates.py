"""Times as portals write them. What is incomplete, ambiguous or strange is an error that quotes it, never "now".

An hour that the clocks skip is no time, and one that they show twice is not certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from datetime import tzinfo
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

from agent.extract.date_patterns import DAY
from agent.extract.date_patterns import Parts
from agent.extract.date_patterns import match_format
from agent.extract.filters import Unreadable
from agent.extract.relative_dates import whole_date
from agent.profile.model.dates import DateRules


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC, the text that it was read from, and the step in seconds in which the portal tells it."""

    utc: datetime
    raw: str
    granularity: int


def parse_moment(
    text: str,
    rules: DateRules,
    *locales: str,
    zone: str | None,
    now: datetime | None = None,
    days: Mapping[str, int] = {},
) -> Moment:
    """Read a time; the whole text must fit one format, and all formats that fit must agree. Raises `Unreadable`.

    Where it is not certain which of several `locales` the page is in, theirs must agree. `zone` names the zone of a
    text that shows none. `now` is when the page was read, `days` are its words for days.
    """
    found: dict[datetime, int] = {}
    trouble: list[str] = []
    for locale, written in ((name, each) for name in locales for each in rules.formats_for(name)):
        parts = match_format(text, written, locale, days)
        if parts is None:
            continue
        try:
            utc = _to_utc(parts, _zone(parts, rules, locale, zone), now)
        except ValueError as exc:
            trouble.append(str(exc))
            continue
        found[utc] = min(parts.granularity, found.get(utc, parts.granularity))
    if len(found) != 1:
        raise Unreadable(_complaint(text, found, trouble))
    ((utc, granularity),) = found.items()
    return Moment(utc, text, max(rules.granularity or 1, granularity))


def _complaint(text: str, found: dict[datetime, int], trouble: list[str]) -> str:
    if found:
        return f"{text!r} could be " + " or ".join(moment.isoformat() for moment in sorted(found))
    return f"{text!r} is no time" + (f": {trouble[0]}" if trouble else " in any of the formats")


def _to_utc(parts: Parts, zone: tzinfo, now: datetime | None) -> datetime:
    try:
        if parts.epoch is not None:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=parts.epoch)
        wall = whole_date(parts, now.astimezone(zone).replace(tzinfo=None) if now is not None else None)
        if parts.weekday is not None and wall.weekday() != parts.weekday:
            msg = "the day of the week does not fit the date"
            raise ValueError(msg)
        return _instant(wall, zone, exact=parts.granularity < DAY)
    except OverflowError as exc:
        msg = "it lies beyond the calendar"
        raise ValueError(msg) from exc


def _instant(wall: datetime, zone: tzinfo, *, exact: bool) -> datetime:
    """What a wall clock shows once. A day alone begins when it begins, whatever the clocks do then."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if exact and first != second:
        msg = (
            "the clocks were put forward over it" if first > second else "the clocks were put back, and showed it twice"
        )
        raise ValueError(msg)
    return first


def _zone(parts: Parts, rules: DateRules, locale: str, zone: str | None) -> tzinfo:
    if parts.epoch is not None:
        return UTC
    if parts.offset is not None:
        return timezone(parts.offset)
    if parts.zone_name is not None:
        offset = rules.offset_of(parts.zone_name, locale)
        if offset is None:
            msg = f"the zone {parts.zone_name} is not in the profile's zones for {locale}"
            raise ValueError(msg)
        return datetime.strptime(offset, "%z").tzinfo or UTC
    if zone is None:
        msg = "it shows no time zone, and neither page, profile nor account says which"
        raise ValueError(msg)
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        msg = f"{zone!r} is no time zone"
        raise ValueError(msg) from exc
