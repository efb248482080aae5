"""Times for people, in their zone with the zone named, and for programs, in UTC."""

from __future__ import annotations

import os
import re
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

import typer

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def display_zone(name: str | None) -> tzinfo | None:
    """The configured zone; `None` stands for the system's own, which may change with the date."""
    return ZoneInfo(name) if name else None


def system_zone(now: datetime) -> tzinfo:
    """The system's zone as one value, for files that name it once; where it has no name, today's offset."""
    name = os.environ.get("TZ") or str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return now.astimezone().tzinfo or UTC


def shown(moment: datetime | None, zone: tzinfo | None) -> str:
    """`2026-01-15 13:00 CET`; a dash where there is no time."""
    if moment is None:
        return "-"
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, as every JSON output has it."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_duration(text: str) -> timedelta:
    """`26h`, `30m`, `7d`, `2w`."""
    found = re.fullmatch(r"(\d+)([mhdw])", text)
    if found is None:
        message = f"{text!r} is no length of time; write it like 26h or 7d"
        raise typer.BadParameter(message)
    try:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    except OverflowError as error:
        message = f"{text!r} is longer than any time that can be reckoned with"
        raise typer.BadParameter(message) from error


def parse_since(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    """A length of time before now, or a date in the person's zone."""
    try:
        if re.fullmatch(r"\d+[mhdw]", text):
            return now - parse_duration(text)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone) if zone else moment.astimezone()
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        message = f"{text!r} is no date; write it like 2026-01-31 or 30d"
        raise typer.BadParameter(message) from error
