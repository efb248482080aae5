"""Conditions on a page, and what can be done on one."""

from __future__ import annotations

from typing import Annotated
from typing import Any
from typing import Self

from pydantic import BeforeValidator
from pydantic import model_validator

from agent.profile.model.base import Css
from agent.profile.model.base import Regex
from agent.profile.model.base import Selectors
from agent.profile.model.base import Strict
from agent.profile.model.base import Template
from agent.profile.model.base import Words
from agent.profile.model.base import exactly_one


class Condition(Strict):
    """True when everything that it names holds. A plain string is a selector.

    `css`: such an element exists; `shown`: one exists that is not hidden; `gone`: none exists that is not hidden.
    `text`: one of the words stands in the text of an element of `css` (or `shown`), else of the page; `title`: in the
    page's title. `url` is searched in the final URL, `status` lists HTTP statuses. `any`, `all`, `none` combine.
    """

    css: Css | None = None
    shown: Css | None = None
    gone: Css | None = None
    text: Words = ()
    title: Words = ()
    url: Regex | None = None
    status: Annotated[tuple[int, ...], BeforeValidator(lambda v: (v,) if isinstance(v, int) else v)] = ()
    any: tuple[Condition, ...] = ()
    all: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"css": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, name) for name in type(self).model_fields):
            msg = "an empty condition says nothing"
            raise ValueError(msg)
        return self

    def every(self) -> tuple[Condition, ...]:
        """The condition itself and all that it is made of."""
        inner = [*self.any, *self.all, *self.none]
        return (self, *(one for condition in inner for one in condition.every()))


#: Conditions of which any will do; a single one may stand without brackets.
Conditions = Annotated[
    tuple[Condition, ...],
    BeforeValidator(lambda value: value if isinstance(value, list | tuple) else (value,)),
]


class Target(Strict):
    """An element to act on: the first of `css` that is shown and, if `text` is given, shows exactly one of the words.

    `frame` lists the frames to go through, outermost first. A plain string is a selector.
    """

    css: Css
    text: Words = ()
    frame: Selectors = ()

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"css": value} if isinstance(value, str) else value


class Step(Strict):
    """One action: exactly one of `go`, `fill`, `click`, `check`, `uncheck`, `choose`, `press`, `wait`.

    `fill` types `value` into a control, `choose` picks the option whose text or value is `value`, `press` sends a key
    to `target` (or the page), `wait` waits for a condition. An `optional` step may lack its element.
    """

    go: Template | None = None
    fill: Target | None = None
    click: Target | None = None
    check: Target | None = None
    uncheck: Target | None = None
    choose: Target | None = None
    press: str | None = None
    wait: Condition | None = None
    value: Template | None = None
    target: Target | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        exactly_one(self, "go", "fill", "click", "check", "uncheck", "choose", "press", "wait")
        if (self.value is not None) != (self.fill is not None or self.choose is not None):
            msg = "value belongs to fill and choose, and each of them needs one"
            raise ValueError(msg)
        if self.target is not None and self.press is None:
            msg = "target belongs to press"
            raise ValueError(msg)
        return self
