"""A field: where a value stands on a page, what is taken of it, and through which filters it goes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from typing import Self

from pydantic import model_validator

from agent.profile.model.base import Css
from agent.profile.model.base import Regex
from agent.profile.model.base import Selectors
from agent.profile.model.base import Strict
from agent.profile.model.base import Template
from agent.profile.model.base import Words
from agent.profile.model.base import exactly_one


class Scope(StrEnum):
    """Where the search for an element begins."""

    ITEM = "item"  #: the row, message or attachment at hand (the item itself counts); else the page
    PAGE = "page"  #: the whole page


class Take(StrEnum):
    """What is taken of an element, unless `attr` names an attribute."""

    TEXT = "text"  #: the visible text
    LINES = "lines"  #: the visible text, with the line breaks of the source (a portal that styles them to show)
    OWN_TEXT = "own_text"  #: the text that is not inside a child element
    HTML = "html"  #: the markup inside
    VALUE = "value"  #: a form control's value
    CHOICE = "choice"  #: the text of the option that a select shows
    ADDRESS = "address"  #: the page's own URL


class Match(StrEnum):
    """Which of several elements count."""

    FIRST = "first"  #: the first in the document
    LAST = "last"  #: the last in the document
    ALL = "all"  #: all of them, joined by `join`


class SimpleFilter(StrEnum):
    """A filter without parameters."""

    FOLD = "fold"  #: white space of any kind becomes one space
    LOWER = "lower"  #: lower case
    UPPER = "upper"  #: upper case
    DIGITS = "digits"  #: only the digits stay
    INTEGER = "integer"  #: a whole number with thousands separators becomes plain digits
    ABSOLUTE = "absolute"  #: a URL made absolute against the page's
    UNQUOTE = "unquote"  #: percent-encoding decoded
    BASENAME = "basename"  #: what follows the last slash of a path or URL
    UNMARKED = "unmarked"  #: markup turned into its visible text


class Filter(Strict):
    """One step of a chain. A filter that finds nothing makes the value absent, it never guesses.

    `part` keeps the first group (or the whole match) of an expression, `cut` removes every match, `replace` is a pair
    of expression and replacement, `map` translates whole values (`"*"` catches the rest, without it they are failures).
    """

    part: Regex | None = None
    cut: Regex | None = None
    replace: tuple[Regex, str] | None = None
    map: dict[str, str] | None = None
    simple: SimpleFilter | None = None

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        return {"simple": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, "part", "cut", "replace", "map", "simple")
        return self


class Field(Strict):
    """Where a value stands. A plain string is a selector; a list is a choice of which the first with a value counts.

    Elements: `css` inside `scope`, or inside the first element of it that matches `within` (so do the others); `text`
    keeps those that show one of the words; `label` begins behind the element that shows one of the words; `column` is
    the item's cell under that header; `above` is the nearest element that stands before the item or round it (the day
    over a group of messages). A selector sees the whole page, what it finds must lie inside the item. `after` and
    `before` narrow the element to what stands between two of its children, `without` leaves parts of it out. Instead of
    an element: `row` is a column of the case's list row, `const` a text of its own, `parts` several fields joined.
    A value is required unless `optional`, a `default`, or `absent` (what proves that there is none) is given; of a
    choice, the last one says that.
    """

    css: Css | None = None
    scope: Scope = Scope.ITEM
    within: Css | None = None
    text: Words = ()
    label: Words = ()
    column: Words = ()
    above: Css | None = None
    row: str | None = None
    const: Template | None = None
    parts: tuple[Field, ...] = ()
    attr: str | None = None
    take: Take = Take.TEXT
    after: Css | None = None
    before: Css | None = None
    without: Selectors = ()
    match: Match = Match.FIRST
    join: str = " "
    filters: tuple[Filter, ...] = ()
    date: str | None = None
    optional: bool = False
    default: str | None = None
    absent: Css | None = None
    otherwise: tuple[Field, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"css": value}
        if isinstance(value, list | tuple) and value:
            first, *rest = value
            if isinstance(first, str):
                return {"css": first, "otherwise": rest}
            if not isinstance(first, dict):
                msg = "each alternative of a choice is a selector or a table"
                raise ValueError(msg)
            return {**first, "otherwise": rest}
        return value

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = {
            "row": self.row is not None,
            "const": self.const is not None,
            "parts": bool(self.parts),
            "an element": any((self.css, self.within, self.text, self.label, self.column, self.above, self.attr)),
            "address": self.take is Take.ADDRESS,
        }
        given = [name for name, there in sources.items() if there]
        if self.above is not None and (self.css or self.within or self.label or self.column):
            given.append("above")
        if len(given) > 1:
            msg = f"a value has one source; {' and '.join(given)} do not go together"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _last_may_lack(self) -> Self:
        for way in (self, *self.otherwise)[:-1]:
            given = [name for name in ("optional", "default", "absent") if getattr(way, name) not in {None, False}]
            if given:
                msg = (
                    f"{given[0]} of a choice belongs to its last alternative: the ones before it may be missing anyway"
                )
                raise ValueError(msg)
        return self

    @property
    def last(self) -> Field:
        """The alternative that says what it means when none has a value."""
        return (self, *self.otherwise)[-1]

    @property
    def required(self) -> bool:
        """Whether a page without the value has drifted."""
        return not self.last.optional and self.last.default is None and self.last.absent is None

    def optionally(self) -> Field:
        """The same field, which may be missing."""
        if not self.otherwise:
            return self.model_copy(update={"optional": True})
        return self.model_copy(update={"otherwise": (*self.otherwise[:-1], self.last.optionally())})

    @property
    def needs_row(self) -> bool:
        """Whether there is no way to the value but the case's list row."""
        ways = (self, *self.otherwise)
        return all(way.row is not None or any(part.needs_row for part in way.parts) for way in ways)

    def every(self) -> tuple[Field, ...]:
        """The field itself and all fields that it is made of."""
        inner = [*self.parts, *self.otherwise]
        return (self, *(one for field in inner for one in field.every()))
