"""Elements with a monstrous number of attributes, which parsers take quadratic time for."""

from __future__ import annotations

import re

#: So many are parsed in no time; no page that a person made has a tenth of it in one element.
MOST_ATTRIBUTES = 2_000

_NAME = r"[^\s/>=][^\s/>=]*+"
_VALUE = r"""\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?"""
_ATTRIBUTE = rf"[\s/]*+{_NAME}(?:{_VALUE})?"
#: A tag up to its end. Nothing is tried twice: with possessive quantifiers the time is linear.
_TAG = re.compile(rf"</?[a-zA-Z][^\s/>]*+((?:{_ATTRIBUTE})*+)")
#: Where an element begins or ends whose content is no markup. What looks like a tag in a script (`i<n`) may seem to
#: have thousands of attributes, but it never reaches beyond the script.
_PLAIN_TEXT = re.compile(r"(?=</?(?:iframe|noembed|noframes|script|style|textarea|title|xmp)[\s/>])", re.IGNORECASE)
_EACH = re.compile(_ATTRIBUTE)


def thinned(html: str) -> str:
    """The markup with at most `MOST_ATTRIBUTES` in each element; the rest are left out, from the end."""
    return "".join(_TAG.sub(_thin, piece) for piece in _PLAIN_TEXT.split(html))


def _thin(tag: re.Match[str]) -> str:
    attributes = tag[1]
    if len(attributes) < 2 * MOST_ATTRIBUTES:  # each takes two characters at least
        return tag[0]
    for count, each in enumerate(_EACH.finditer(attributes), start=1):
        if count == MOST_ATTRIBUTES:
            return tag[0][: tag.start(1) - tag.start()] + attributes[: each.end()]
    return tag[0]
