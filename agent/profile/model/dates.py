"""How a portal writes times."""

from __future__ import annotations

import re
from typing import Annotated
from typing import Self

import pydantic
from pydantic import AfterValidator
from pydantic import BeforeValidator
from pydantic import model_validator

from agent.profile.model.base import Strict
from agent.profile.model.fields import Field

#: Formats that are no pattern of directives.
NAMED_FORMATS = ("iso", "epoch", "epoch_ms")
#: What a pattern may hold, as in `time.strptime`; names of months and days are those of the page's locale.
DIRECTIVES = "YmdeyHIMSfpbBaAzZ%"
#: Directives that stand for the same part of a date.
_SAME = {"e": "d", "B": "b", "A": "a", "Z": "z"}


def _format(value: str) -> str:
    if value in NAMED_FORMATS:
        return value
    used = re.findall(r"%(.?)", value)
    unknown = [letter for letter in used if not letter or letter not in DIRECTIVES]
    if unknown:
        msg = f"%{unknown[0]} is unknown; known are {' '.join('%' + letter for letter in DIRECTIVES)}"
        raise ValueError(msg)
    if not ({"Y", "y"} & set(used) and {"m", "b", "B"} & set(used) and {"d", "e"} & set(used)):
        msg = "a date needs its day, its month and its year: an incomplete one is never completed by guessing"
        raise ValueError(msg)
    meanings = [_SAME.get(letter, letter) for letter in used if letter != "%"]
    if len(set(meanings)) != len(meanings):
        msg = "says the same thing twice"
        raise ValueError(msg)
    if ("I" in used) != ("p" in used):
        msg = "%I and %p belong together: without the half of the day an hour is a guess"
        raise ValueError(msg)
    return value


DateFormat = Annotated[str, AfterValidator(_format)]
Offset = Annotated[str, pydantic.StringConstraints(pattern=r"^[+-]\d\d:\d\d$")]
DateFormats = Annotated[
    tuple[DateFormat, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]


class DateRules(Strict):
    """One way of writing times. `formats` maps a locale (`"*"`: any) to patterns; the whole text must fit.

    `zone` is an IANA name, `UTC`, or `account` for the zone that the account is set to; `zone_field` reads it from the
    page instead. A zone in the text itself goes first: an offset, or an abbreviation that `zones` maps to one.
    `granularity` is the step of the times in seconds where it is coarser than the format says.
    """

    formats: dict[str, DateFormats]
    zone: str | None = None
    zone_field: Field | None = None
    zones: dict[str, Offset] = pydantic.Field(default_factory=dict)
    granularity: int | None = pydantic.Field(None, ge=1)

    @model_validator(mode="after")
    def _one_zone(self) -> Self:
        if self.zone is not None and self.zone_field is not None:
            msg = "zone and zone_field exclude each other"
            raise ValueError(msg)
        return self

    def formats_for(self, locale: str) -> tuple[str, ...]:
        """The patterns of a locale, else of its language; those for any locale come after them."""
        by_name = {name.replace("_", "-").casefold(): formats for name, formats in self.formats.items()}
        wanted = locale.replace("_", "-").casefold()
        own = by_name.get(wanted, by_name.get(wanted.partition("-")[0], ()))
        return (*own, *by_name.get("*", ()))
