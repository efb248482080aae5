"""Subjects and sentences per language, read once from the files beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Topic:
    """What a case can be about."""

    category: str
    subjects: tuple[str, ...]
    opening: tuple[str, ...]
    desk: tuple[str, ...]
    ask: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language: its topics and the sentences that belong to none of them."""

    greeting: tuple[str, ...]
    regards: tuple[str, ...]
    desk_greeting: tuple[str, ...]
    desk_regards: tuple[str, ...]
    desk_ask: tuple[str, ...]
    desk_done: tuple[str, ...]
    follow_up: tuple[str, ...]
    #: by itself, by a person
    closed: tuple[str, ...]
    received: tuple[str, ...]
    topics: tuple[Topic, ...]


def _frozen(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


@cache
def phrases(language: str) -> Phrases:
    text = resources.files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    topics = tuple(Topic(**_frozen(topic)) for topic in table.pop("topic"))
    return Phrases(**_frozen(table), topics=topics)
