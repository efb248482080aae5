"""How a portal writes times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated
from typing import Any
from typing import Literal
from typing import Self
from typing import TypeVar

import pydantic
from pydantic import AfterValidator
from pydantic import BeforeValidator
from pydantic import ValidationInfo
from pydantic import model_validator

from agent.profile.model.base import Strict
from agent.profile.model.base import Words
from agent.profile.model.fields import Field

T = TypeVar("T")

#: Formats that are no pattern of directives.
NAMED_FORMATS = ("iso", "epoch", "epoch_ms")
#: What a pattern may hold, as in `time.strptime`; names of months and days are those of the page's locale. `%R` is one
#: of `relative_days`.
DIRECTIVES = "YmdeyHIMSfpbBaAzZR%"
#: Directives that stand for the same part of a date.
_SAME = {"e": "d", "B": "b", "A": "a", "Z": "z"}


def _format(value: str, info: ValidationInfo) -> str:
    if value in NAMED_FORMATS:
        return value
    used = re.findall(r"%(.?)", value)
    unknown = [letter for letter in used if not letter or letter not in DIRECTIVES]
    if unknown:
        msg = f"%{unknown[0]} is unknown; known are {' '.join('%' + letter for letter in DIRECTIVES)}"
        raise ValueError(msg)
    _date_is_whole(set(used), info.data)
    meanings = [_SAME.get(letter, letter) for letter in used if letter != "%"]
    if len(set(meanings)) != len(meanings):
        msg = "says the same thing twice"
        raise ValueError(msg)
    if ("I" in used) != ("p" in used):
        msg = "%I and %p belong together: without the half of the day an hour is a guess"
        raise ValueError(msg)
    return value


def _date_is_whole(used: set[str], rules: Mapping[str, Any]) -> None:
    parts = [bool(names & used) for names in ({"d", "e"}, {"m", "b", "B"}, {"Y", "y"})]
    if "R" in used:
        if any(parts) or not rules.get("relative_days"):
            msg = "%R is a day of relative_days, and the whole date"
            raise ValueError(msg)
    elif parts[:2] != [True, True] or not (parts[2] or rules.get("year")):
        msg = "a date needs its day, its month and its year: an incomplete one is never completed by guessing"
        raise ValueError(msg)


DateFormat = Annotated[str, AfterValidator(_format)]
Offset = Annotated[str, pydantic.StringConstraints(pattern=r"^[+-]\d\d:\d\d$")]
#: Offsets by locale (`"*"`: any); a single one is that of all.
Offsets = Annotated[dict[str, Offset], BeforeValidator(lambda value: {"*": value} if isinstance(value, str) else value)]
DateFormats = Annotated[
    tuple[DateFormat, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]


class DateRules(Strict):
    """One way of writing times. `formats` maps a locale (`"*"`: any) to patterns; the whole text must fit.

    `zone` is an IANA name, `UTC`, or `account` for the zone that the account is set to; `zone_field` reads it from the
    page instead. A zone in the text itself goes first: an offset, or an abbreviation that `zones` maps to one.
    The zone of an abbreviation may depend on the locale: `CST = { en = "-06:00", zh = "+08:00" }`.
    `granularity` is the step of the times in seconds where it is coarser than the format says.

    Times without a full date are counted from when the page was read, in the page's zone, and only where the profile
    says so: `relative_days` maps a number of days to the words for it (`0 = "Today"`, `1 = "@yesterday"`), which `%R`
    stands for; `year = "latest_past"` takes a day and a month for the last time that they were.
    """

    relative_days: dict[Annotated[int, pydantic.Field(ge=0)], Words] = pydantic.Field(default_factory=dict)
    year: Literal["latest_past"] | None = None
    formats: dict[str, DateFormats]
    zone: str | None = None
    zone_field: Field | None = None
    zones: dict[str, Offsets] = pydantic.Field(default_factory=dict)
    granularity: int | None = pydantic.Field(None, ge=1)

    @model_validator(mode="after")
    def _one_zone(self) -> Self:
        if self.zone is not None and self.zone_field is not None:
            msg = "zone and zone_field exclude each other"
            raise ValueError(msg)
        return self

    def formats_for(self, locale: str) -> tuple[str, ...]:
        """The patterns of a locale, else of its language; those for any locale come after them."""
        return (*(_of_locale(self.formats, locale) or ()), *self.formats.get("*", ()))

    def offset_of(self, abbreviation: str, locale: str) -> str | None:
        """The offset that an abbreviation stands for."""
        offsets = self.zones.get(abbreviation.upper(), {})
        return _of_locale(offsets, locale) or offsets.get("*")


def _of_locale(by_locale: Mapping[str, T], locale: str) -> T | None:
    by_name = {name.replace("_", "-").casefold(): value for name, value in by_locale.items()}
    wanted = locale.replace("_", "-").casefold()
    return by_name.get(wanted, by_name.get(wanted.partition("-")[0]))
