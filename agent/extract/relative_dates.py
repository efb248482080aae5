"""Dates that a portal tells from the day on which it is read: "Yesterday 14:05", "16 Mar 14:05"."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta

from agent.extract.date_patterns import Parts

#: A portal's clock may go ahead of ours by so much.
_CLOCKS_DIFFER = timedelta(hours=1)
#: Further ahead than that, but not a whole day: a zone that is not the page's, or the day a year ago.
_UNCERTAIN = timedelta(days=1)


def whole_date(parts: Parts, now: datetime | None) -> datetime:
    """The wall clock with its date, counted from `now` in the same zone. Raises `ValueError` if that is not certain."""
    assert parts.wall is not None, "an instant has no wall clock"
    if parts.has_year:
        return parts.wall
    if now is None:
        msg = "it is told from a day that is not known"
        raise ValueError(msg)
    if parts.days_ago is None:
        return _latest_past(parts.wall, now)
    day = now.date() - timedelta(days=parts.days_ago)
    found = datetime.combine(day, parts.wall.time())
    if found > now + _CLOCKS_DIFFER:
        msg = "it lies in the future: the zone cannot be the page's"
        raise ValueError(msg)
    return found


def _latest_past(day: datetime, now: datetime) -> datetime:
    """The last time that it was this day of the year; of the 29th of February that may be eight years ago."""
    for year in range(now.year + 1, max(1, now.year - 9), -1):
        try:
            found = day.replace(year=year)
        except ValueError:
            continue
        if found <= now + _CLOCKS_DIFFER:
            return found
        if found <= now + _UNCERTAIN:
            msg = "it lies in the future, or a year ago"
            raise ValueError(msg)
    msg = "no such day has been lately"
    raise ValueError(msg)
