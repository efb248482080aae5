"""JSON that is exact and harmless: what a terminal would obey, or a reader would take for a line's end, is escaped."""

from __future__ import annotations

import json
import re
from typing import Any

#: Delete and the C1 controls, direction marks and overrides, Unicode's line ends, the byte order mark, and halves of
#: pairs, which no UTF-8 can hold. JSON itself escapes only what lies below the space.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def json_text(value: Any, *, ascii_only: bool = False, indent: int | None = None) -> str:
    """The value as JSON; read again it is the same value."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent, separators=separators)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
