"""Go through a profile's values with the key that a person would use for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel


def dotted(parts: tuple[str | int, ...]) -> str:
    """A key as it is written in a message: `case.messages[0].body`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def walk(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str, BaseModel]]:
    """Every model inside a value, outermost first, with its key."""
    if isinstance(value, BaseModel):
        yield dotted(place), value
        for name in type(value).model_fields:
            yield from walk(getattr(value, name), (*place, name))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from walk(inner, (*place, str(name)))
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from walk(inner, (*place, number))
