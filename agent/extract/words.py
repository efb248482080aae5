"""Texts of the profile as they look on this page: variables filled in, `@names` in the page's locale."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from agent.extract.text import fold
from agent.profile.model.base import expand
from agent.profile.model.profile import PortalProfile


def fill(template: str, values: Mapping[str, str]) -> str:
    """A template with its variables. Raises `KeyError` with the name of one that has no value."""
    return expand(template, values.__getitem__)


def spoken(
    words: Iterable[str], profile: PortalProfile, locale: str | None, values: Mapping[str, str]
) -> tuple[str, ...]:
    """Every text that the words may stand for, folded for comparison.

    Where the locale is not known or the profile has no words for it, those of all its locales count.
    """
    found: list[str] = []
    for word in words:
        if word.startswith("@"):
            found.extend(_phrases(profile.words[word[1:]], locale))
        else:
            found.append(fill(word, values))
    return tuple(plain(text) for text in found)


def plain(text: str) -> str:
    """A text for comparison: white space folded, case ignored, no colon at the end."""
    return fold(text).rstrip(":：").rstrip().casefold()


def _phrases(by_locale: Mapping[str, tuple[str, ...]], locale: str | None) -> tuple[str, ...]:
    wanted = (locale or "").replace("_", "-").casefold()
    named = {name.replace("_", "-").casefold(): phrases for name, phrases in by_locale.items()}
    own = named.get(wanted, named.get(wanted.partition("-")[0], ()))
    anywhere = named.get("*", ())
    return (*own, *anywhere) or tuple(phrase for phrases in named.values() for phrase in phrases)
