"""Which digits of a text are private: long numbers, also where they are written in groups, but no dates and counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from agent.extract.date_patterns import date_shape
from agent.profile.model.profile import PortalProfile

#: A date, a count or a page number has fewer digits in a row.
LONG_NUMBER = 5
#: Written in groups: cards, telephones, tax numbers. Fewer digits are a count with its thousands apart.
LONG_GROUPS = 7

_NUMBER = re.compile(r"\d+")
_GROUPS = re.compile(r"\d(?:[\s().+/\-\u2010-\u2015]{0,3}\d)*")


@dataclass(frozen=True, slots=True)
class Numbers:
    """`shapes` are those of the dates that a profile reads; what looks like one of them is kept."""

    shapes: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def of(cls, profile: PortalProfile) -> Numbers:
        written = {
            (each, locale)
            for rules in profile.dates.values()
            for locale in profile.locales
            for each in rules.formats_for(locale)
            if "%R" not in each
        }
        return cls(tuple(date_shape(each, locale) for each, locale in sorted(written)))

    def masked(self, text: str, other: Callable[[str], str], *, every: bool) -> str:
        """The text with another number for each private one; `every`: for all of them."""
        dates = [] if every else [match.span() for shape in self.shapes for match in shape.finditer(text)]

        def group(match: re.Match[str]) -> str:
            digits = sum(map(str.isdigit, match[0]))
            private = every or (digits >= LONG_GROUPS and not _within(match.span(), dates))
            return _NUMBER.sub(lambda one: other(one[0]) if private or len(one[0]) >= LONG_NUMBER else one[0], match[0])

        return _GROUPS.sub(group, text)


NO_DATES = Numbers()


def _within(span: Sequence[int], dates: Iterable[Sequence[int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in dates)
