"""Names that a profile uses in its texts: `{variables}` and `@words`."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from agent.errors import Problem
from agent.profile.model.base import placeholders
from agent.profile.model.conditions import Condition
from agent.profile.model.profile import PortalProfile
from agent.profile.walk import walk

#: What every account has.
ACCOUNT_VARIABLES = frozenset({"user", "account_name", "marketplace"})
#: What is known besides in some places: the beginning of the key, and the names.
LOCAL_VARIABLES = (
    ("case", frozenset({"case_id"})),
    ("reply", frozenset({"case_id", "file"})),
    ("sign_in", frozenset({"password", "otp"})),
    ("tabs", frozenset({"since", "until"})),
)
#: The keys whose values may hold variables and, the words among them, `@names`.
_TEXTS = ("url", "go", "value", "const", "text", "title", "label", "column", "author_is")
_WORDS = frozenset({"text", "title", "label", "column", "author_is"})


def unknown_names(profile: PortalProfile) -> Iterator[Problem]:
    """Variables and words that nothing defines, and words that a locale lacks."""
    for name, phrases in profile.words.items():
        if "*" not in phrases:
            for locale in profile.locales:
                if locale not in phrases and language(locale) not in phrases:
                    yield Problem(f"words.{name}", f'has no words for {locale}, nor for "*"')
    for key, model in walk(profile):
        for where, text, is_word in _texts(key, model):
            yield from _check(profile, where, text, is_word=is_word)
    for status, words in profile.statuses.items():
        for word in words:
            yield from _check(profile, f"statuses.{status}", word, is_word=True)


def language(locale: str) -> str:
    """The language of a locale: `de` of `de-AT`."""
    return locale.replace("_", "-").partition("-")[0]


def _texts(key: str, model: BaseModel) -> Iterator[tuple[str, str, bool]]:
    for name in _TEXTS:
        if (isinstance(model, Condition) and name == "url") or isinstance(model, PortalProfile):
            continue  # an expression, whose braces count repetitions; the profile's own title
        value = getattr(model, name, None)
        if isinstance(value, str):
            yield f"{key}.{name}", value, name in _WORDS
        elif isinstance(value, tuple):
            for text in value:
                if isinstance(text, str):
                    yield f"{key}.{name}", text, name in _WORDS


def _check(profile: PortalProfile, key: str, text: str, *, is_word: bool) -> Iterator[Problem]:
    known = ACCOUNT_VARIABLES | set(profile.variables)
    for start, names in LOCAL_VARIABLES:
        if key.startswith(start):
            known |= names
    for name in placeholders(text):
        if name not in known:
            yield Problem(key, f"{{{name}}} is unknown here; known are {', '.join(sorted(known))}")
    if is_word and text.startswith("@") and text[1:] not in profile.words:
        yield Problem(key, f"there is no [words.{text[1:]}]")
