"""Times as portals write them. What is incomplete, ambiguous or strange is an error that quotes it, never "now"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from datetime import tzinfo
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

from agent.extract.date_patterns import Parts
from agent.extract.date_patterns import match_format
from agent.extract.filters import Unreadable
from agent.profile.model.dates import DateRules


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC, the text that it was read from, and the step in seconds in which the portal tells it."""

    utc: datetime
    raw: str
    granularity: int


def parse_moment(text: str, rules: DateRules, locale: str, *, zone: str | None) -> Moment:
    """Read a time; the whole text must fit one format, and all formats that fit must agree. Raises `Unreadable`.

    `zone` names the zone of a text that shows none.
    """
    found: dict[datetime, int] = {}
    trouble: list[str] = []
    for written in rules.formats_for(locale):
        parts = match_format(text, written, locale)
        if parts is None:
            continue
        try:
            utc = _to_utc(parts, rules, zone)
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


def _to_utc(parts: Parts, rules: DateRules, zone: str | None) -> datetime:
    if parts.epoch is not None:
        try:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=parts.epoch)
        except OverflowError as exc:
            msg = "it lies beyond the calendar"
            raise ValueError(msg) from exc
    assert parts.wall is not None, "a match is an instant or a wall clock"
    wall = parts.wall
    if parts.weekday is not None and wall.weekday() != parts.weekday:
        msg = "the day of the week does not fit the date"
        raise ValueError(msg)
    try:
        return wall.replace(tzinfo=_zone(parts, rules, zone)).astimezone(UTC)
    except OverflowError as exc:
        msg = "it lies beyond the calendar"
        raise ValueError(msg) from exc


def _zone(parts: Parts, rules: DateRules, zone: str | None) -> tzinfo:
    if parts.offset is not None:
        return timezone(parts.offset)
    if parts.zone_name is not None:
        offset = rules.zones.get(parts.zone_name.upper())
        if offset is None:
            msg = f"the zone {parts.zone_name} is not in the profile's zones"
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
