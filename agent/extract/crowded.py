"""Elements with a monstrous number of attributes, which parsers take quadratic time for."""

from __future__ import annotations

import re

#: So many are parsed in no time; no page that a person made has a tenth of it in one element.
MOST_ATTRIBUTES = 2_000

_NAME = r"[^\s/>=][^\s/>=]*+"
_VALUE = r"""\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?"""
_ATTRIBUTE = rf"[\s/]*+{_NAME}(?:{_VALUE})?"
#: A start tag up to its end. Nothing is tried twice: with possessive quantifiers the time is linear.
_START_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+((?:{_ATTRIBUTE})*+)")
_EACH = re.compile(_ATTRIBUTE)


def thinned(html: str) -> str:
    """The markup with at most `MOST_ATTRIBUTES` in each element; the rest are left out, from the end."""
    return _START_TAG.sub(_thin, html)


def _thin(tag: re.Match[str]) -> str:
    attributes = tag[1]
    if len(attributes) < 2 * MOST_ATTRIBUTES:  # each takes two characters at least
        return tag[0]
    for count, each in enumerate(_EACH.finditer(attributes), start=1):
        if count == MOST_ATTRIBUTES:
            return tag[0][: tag.start(1) - tag.start()] + attributes[: each.end()]
    return tag[0]
