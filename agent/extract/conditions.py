"""Does a condition hold on a page, and if not, what of it does not?"""

from __future__ import annotations

import re

from agent.extract.dom import Run
from agent.extract.dom import is_shown
from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.reader import PageReader
from agent.extract.text import visible_text
from agent.extract.words import plain
from agent.profile.model.conditions import Condition


def any_holds(reader: PageReader, conditions: tuple[Condition, ...], item: Run | None = None) -> bool:
    """Whether one of the conditions holds; none of no conditions does."""
    return any(unmet(reader, condition, item) is None for condition in conditions)


def unmet(reader: PageReader, condition: Condition, item: Run | None = None) -> str | None:
    """The first part of a condition that does not hold, in the profile's words; `None` when it holds."""
    scope = item if item is not None else reader.document.page
    simple = (
        _unmet_elements(condition, scope) or _unmet_text(reader, condition, item) or _unmet_answer(reader, condition)
    )
    if simple is not None:
        return simple
    for inner in condition.all:
        missing = unmet(reader, inner, item)
        if missing is not None:
            return missing
    if condition.any:
        missed = [unmet(reader, inner, item) for inner in condition.any]
        if None not in missed:
            return " and ".join(str(part) for part in missed)
    if any_holds(reader, condition.none, item):
        return "something in none holds"
    return None


def why_not(reader: PageReader, conditions: tuple[Condition, ...]) -> str | None:
    """What is missing of every condition; `None` when one of them holds."""
    missed = [unmet(reader, condition) for condition in conditions]
    return None if None in missed else "; ".join(str(part) for part in missed)


def _unmet_elements(condition: Condition, scope: Run) -> str | None:
    if condition.css is not None and not select(scope, condition.css):
        return f"css = {condition.css!r} matches nothing"
    if condition.shown is not None and not any(map(is_shown, select(scope, condition.shown))):
        return f"shown = {condition.shown!r} matches nothing that is shown"
    if condition.gone is not None and any(map(is_shown, select(scope, condition.gone))):
        return f"gone = {condition.gone!r} still matches"
    return None


def _unmet_text(reader: PageReader, condition: Condition, item: Run | None) -> str | None:
    if condition.text:
        texts = _texts(reader, condition, item)
        words = reader.speak(condition.text)
        if not any(word in text for text in texts for word in words):
            return f"text = {list(condition.text)} is not there"
    if condition.title and not any(word in plain(reader.document.title) for word in reader.speak(condition.title)):
        return f"title = {list(condition.title)} is not the title"
    return None


def _texts(reader: PageReader, condition: Condition, item: Run | None) -> list[str]:
    scope = item if item is not None else reader.document.body
    if condition.css is not None:
        return [plain(visible_text(run_of(node))) for node in select(scope, condition.css)]
    if condition.shown is not None:
        return [plain(visible_text(run_of(node))) for node in select(scope, condition.shown) if is_shown(node)]
    return [plain(visible_text(item)) if item is not None else reader.page_text]


def _unmet_answer(reader: PageReader, condition: Condition) -> str | None:
    if condition.url is not None and re.search(condition.url, reader.url) is None:
        return f"url = {condition.url!r} does not fit"
    if condition.status and reader.status not in condition.status:
        return f"status is {reader.status}"
    return None
