"""The language's reference, made from the models themselves so that it cannot fall behind them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from types import UnionType
from typing import Annotated
from typing import Any
from typing import Literal
from typing import Union
from typing import get_args
from typing import get_origin
from typing import get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from agent.profile.css import PSEUDO_CLASSES
from agent.profile.model.base import Css
from agent.profile.model.base import Regex
from agent.profile.model.base import Selectors
from agent.profile.model.base import Template
from agent.profile.model.base import Words
from agent.profile.model.conditions import Conditions
from agent.profile.model.dates import DIRECTIVES
from agent.profile.model.dates import NAMED_FORMATS
from agent.profile.model.dates import DateFormats
from agent.profile.model.profile import Phrases
from agent.profile.model.profile import PortalProfile

_NAMED: tuple[tuple[Any, str], ...] = (
    (Css, "selector"),
    (Selectors, "selectors"),
    (Regex, "regular expression"),
    (Template, "text with {variables}"),
    (Words, "words"),
    (Phrases, "texts"),
    (Conditions, "conditions"),
    (DateFormats, "formats"),
)
_BEGINNING = """\
A profile is one TOML file. Its first section here, PortalProfile, is the top of the file: a key that takes a table by
its name (`tabs`) is written `[tabs.all]`, one that takes a list of tables (`case.messages`) `[[case.messages]]`. The
section of what a key takes says what may stand there: `[list]` is a ListRules.

Words are one text or a list of texts; `"@name"` stands for what `[words]` says under that name in the page's locale.
Conditions are one condition, or a list of which all must hold.
"""
_VARIABLES = """\
`{variables}` are known in every URL and text: `user`, `account_name`, `marketplace`, and those of `[variables]`.
Besides these, the sign-in's values know `password` and `otp`, a case and its reply `case_id`, the addresses of a case
also `row.NAME` for each field of its list row, an upload's words `file`, a split tab's address `since` and `until`.
"""
_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def reference() -> str:
    """Markdown: one section for each table of a profile, its keys with what they take and what they are without one."""
    parts = [
        "# The profile language\n",
        _BEGINNING,
        _VARIABLES,
        "Selectors are plain CSS that means the same on a live and on a saved page; of the pseudo-classes: "
        + ", ".join(f"`:{name}`" for name in sorted(PSEUDO_CLASSES))
        + ".\n\nDate formats are "
        + ", ".join(f"`{name}`" for name in NAMED_FORMATS)
        + " or patterns of "
        + ", ".join(f"`%{letter}`" for letter in DIRECTIVES)
        + " as in `strptime`, with the month names of the page's locale.\n",
    ]
    return "\n".join([*parts, *(_section(model) for model in _models(PortalProfile))])


def _models(top: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and every model that it is made of, each once, in the order of first use."""
    waiting, seen = [top], {top}
    while waiting:
        model = waiting.pop(0)
        yield model
        for field in model.model_fields.values():
            for inner in _inner_models(field.annotation):
                if inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)


def _inner_models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _inner_models(argument)


def _section(model: type[BaseModel]) -> str:
    hints = get_type_hints(model, include_extras=True)
    paragraphs = [" ".join(part.split()) for part in (model.__doc__ or "").split("\n\n")]
    rows = [f"| `{name}` | {_kind(hints[name])} | {_without(field)} |" for name, field in model.model_fields.items()]
    return "\n".join(
        [
            f"## {model.__name__}\n",
            *(f"{text}\n" for text in paragraphs),
            "| key | takes | without it |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _kind(hint: Any) -> str:
    named = next((words for known, words in _NAMED if hint == known), None)
    if named is not None:
        return named
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return ", ".join(f"`{member.value}`" for member in hint)
    if get_args(hint):
        return _compound(get_origin(hint), get_args(hint))
    return _PLAIN.get(hint, getattr(hint, "__name__", str(hint)))


def _compound(origin: Any, arguments: tuple[Any, ...]) -> str:
    if origin is Annotated:
        return _kind(arguments[0])
    if origin in {Union, UnionType}:
        return " or ".join(_kind(each) for each in arguments if each is not type(None))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list of {_kind(arguments[0])}" if arguments[-1] is Ellipsis else " and ".join(map(_kind, arguments))
    return f"table of {_kind(arguments[1])} by {_kind(arguments[0])}"


def _without(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value in (None, (), {}):
        return ""
    if isinstance(value, BaseModel):
        return "its defaults"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
