"""The scalars of the language, each checked where it stands so that all problems are reported together."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import Formatter
from typing import Annotated
from typing import Any

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict

from agent.profile.css import selector_problem

#: A variable, or a column of the case's list row.
_VARIABLE = re.compile(r"(?:row\.[\w-]+|[^\W\d]\w*)")


class Strict(BaseModel):
    """Refuses unknown keys and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _css(value: str) -> str:
    problem = selector_problem(value)
    if problem is not None:
        raise ValueError(problem)
    return value


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as exc:
        msg = f"not a regular expression: {exc}"
        raise ValueError(msg) from exc
    return value


def placeholders(template: str) -> tuple[str, ...]:
    """The names in braces, in order. Raises `ValueError` when the braces do not pair."""
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def expand(template: str, value_of: Callable[[str], str]) -> str:
    """The template with a value for each name in it."""
    pieces = Formatter().parse(template)
    return "".join(text + (value_of(name) if name is not None else "") for text, name, _, _ in pieces)


def _template(value: str) -> str:
    for _, name, form, conversion in Formatter().parse(value):
        if name is not None and (form or conversion or not _VARIABLE.fullmatch(name)):
            msg = f"{{{name}{'!' if conversion else ':' if form else ''}{conversion or form}}} is not a variable's name"
            raise ValueError(msg)
    return value


def _said(value: str) -> str:
    if not value.strip():
        msg = "an empty text is found everywhere"
        raise ValueError(msg)
    return value


def _listed(value: Any) -> Any:
    """A single value stands for a list of one; pydantic then names the key without a union's noise."""
    return tuple(value) if isinstance(value, list | tuple) else (value,)


Css = Annotated[str, AfterValidator(_css)]
Regex = Annotated[str, AfterValidator(_regex)]
#: Text with `{variable}` in it; doubled braces stand for themselves.
Template = Annotated[str, AfterValidator(_template)]
#: A text to look for.
Phrase = Annotated[str, AfterValidator(_said)]
#: Texts of which any will do. `@name` stands for the words of that name in the page's locale.
Words = Annotated[tuple[Annotated[Template, AfterValidator(_said)], ...], BeforeValidator(_listed)]
Selectors = Annotated[tuple[Css, ...], BeforeValidator(_listed)]


def exactly_one(model: BaseModel, *names: str) -> None:
    """Check that one of the keys is given and no other."""
    given = [name for name in names if getattr(model, name) not in (None, ())]
    if len(given) != 1:
        msg = f"wants exactly one of {', '.join(names)}; has {' and '.join(given) or 'none'}"
        raise ValueError(msg)
