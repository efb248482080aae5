"""Words and dates per locale, read once from the files beside this module.

A locale may extend another one and name only what differs.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

NAMES = ("en-US", "en-GB", "de-DE", "ja-JP", "zh-CN")


@dataclass(frozen=True)
class Locale:
    """One language of the portal's pages. `formats` are `str.format` patterns over the parts of a date."""

    name: str
    language: str
    months: tuple[str, ...]
    formats: dict[str, str]
    zones: dict[str, str]
    digits: str
    strings: dict[str, str]

    def text(self, key: str, **values: object) -> str:
        return self.strings[key].format(**values) if values else self.strings[key]

    def date(self, moment: datetime, time_zone: str, form: str) -> str:
        """`form` is a key of `formats`: list, lobby, minute, day or clock."""
        local = moment.astimezone(ZoneInfo(time_zone))
        zone = local.tzname() or ""
        minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
        return self.formats[form].format(
            t=local,
            month=self.months[local.month - 1],
            hour12=local.hour % 12 or 12,
            half="AM" if local.hour < 12 else "PM",
            zone=self.zones.get(zone, zone),
            offset=_offset(minutes),
        )

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", self.digits)


def _offset(minutes: int) -> str:
    """`GMT`, `GMT-8`, `GMT+5:30`."""
    if minutes == 0:
        return "GMT"
    hours, rest = divmod(abs(minutes), 60)
    return f"GMT{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")


@cache
def locale(name: str) -> Locale:
    return Locale(name=name, **_table(name))


def _table(name: str) -> dict[str, Any]:
    text = resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    if base := table.pop("extends", None):
        inherited = _table(base)
        for section in ("formats", "zones", "strings"):
            table[section] = inherited[section] | table.get(section, {})
        table = inherited | table
    table["months"] = tuple(table["months"])
    return table
