"""Values that Excel takes as they are meant. Pure.

A text stays a text whatever it looks like, control characters do not break the file, times become wall-clock times of
one zone (Excel knows no zones), and a text beyond Excel's limit is cut with a note that says so.
"""

from __future__ import annotations

import re
from datetime import datetime
from datetime import tzinfo

#: Excel's limit for one cell, counted in UTF-16 units.
LONGEST_TEXT = 32_767

#: Excel's calendar begins here; an older time is written as text.
FIRST_YEAR = 1900

#: Characters that XML cannot hold, not even escaped.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

#: Excel reads `_x0041_` inside a text as the character A.
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

#: What a spreadsheet may take for a formula when the cell is edited, or saved as CSV and opened again.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def clean_text(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _cut(_LOOKS_ESCAPED.sub("_x005F_", _IMPOSSIBLE.sub("\ufffd", lines)))


def _cut(text: str) -> str:
    if len(text) * 2 <= LONGEST_TEXT or (length := utf16_length(text)) <= LONGEST_TEXT:
        return text
    note = f"\n[cut by caselog: Excel holds {LONGEST_TEXT:,} characters, this text has {length:,}]"
    kept = text.encode("utf-16-le")[: (LONGEST_TEXT - len(note)) * 2]
    # Half of a pair at the cut is dropped.
    return kept.decode("utf-16-le", "ignore") + note


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def looks_like_formula(text: str) -> bool:
    return text.startswith(FORMULA_STARTS)


def wall_clock(moment: datetime, zone: tzinfo) -> datetime | str:
    """The time on a clock in `zone`, to the second; a text where Excel has no such date."""
    local = moment.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return local if local.year >= FIRST_YEAR else local.isoformat(" ")


def zone_name(zone: tzinfo, moment: datetime) -> str:
    """What to call the zone in a heading: its key where it has one."""
    return str(getattr(zone, "key", None) or moment.astimezone(zone).tzname() or zone)
