"""Words that mark a page which must not be believed, and that a customer may write too."""

from __future__ import annotations

from collections.abc import Iterator

from agent.errors import Problem
from agent.profile.model.conditions import Condition
from agent.profile.model.conditions import Conditions
from agent.profile.model.profile import PortalProfile

#: Selectors that say nothing of where on the page.
_ANYWHERE = frozenset({"*", ":root", "body", "html"})


def loose_words(profile: PortalProfile) -> Iterator[Problem]:
    """Words that are searched in the whole page, messages included: a quoted "Access denied" would end the run."""
    for key, conditions in _marks(profile):
        if any(map(_is_loose, conditions)):
            yield Problem(
                key,
                "searches the whole page for words that a customer may quote in a message: say beside text where they "
                "stand (css, shown) or which page it is (title, url, status, none, gone)",
            )


def _marks(profile: PortalProfile) -> Iterator[tuple[str, Conditions]]:
    for name in type(profile.verdicts).model_fields:
        yield f"verdicts.{name}", getattr(profile.verdicts, name)
    yield "case.gone", profile.case.gone
    for number, challenge in enumerate(profile.sign_in.challenges):
        yield f"sign_in.challenges[{number}].when", challenge.when
    for number, handler in enumerate(profile.sign_in.handlers):
        yield f"sign_in.handlers[{number}].when", handler.when


def _is_loose(condition: Condition, *, placed: bool = False) -> bool:
    placed = placed or _places(condition) or any(map(_places, condition.all))
    if condition.text and not placed:
        return True
    return any(_is_loose(inner, placed=placed) for inner in (*condition.any, *condition.all))


def _places(condition: Condition) -> bool:
    selectors = {condition.css, condition.shown} - {None} - _ANYWHERE
    return any((selectors, condition.title, condition.url, condition.status, condition.none, condition.gone))
