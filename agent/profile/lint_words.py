"""Names that a profile uses in its texts: `{variables}` and `@words`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel

from agent.errors import Problem
from agent.profile.model.base import placeholders
from agent.profile.model.conditions import Condition
from agent.profile.model.profile import PortalProfile
from agent.profile.walk import walk

#: What every account has.
ACCOUNT_VARIABLES = frozenset({"user", "account_name", "marketplace"})
#: What is known besides in some places: what their keys look like, and the names.
LOCAL_VARIABLES = (
    (re.compile(r"(?:case|reply)\b"), frozenset({"case_id"})),
    (re.compile(r"reply\.upload\.(?:accepted|refused)\b"), frozenset({"file"})),
    (re.compile(r"sign_in\.handlers\[\d+\]\.steps\[\d+\]\.value$"), frozenset({"password", "otp"})),
)
#: What is looked at before the variables of the portal's own pages have been read.
_EARLY = re.compile(r"(?:home|identity|sign_in|variables|verdicts)\b")
_CASE_URL = re.compile(r"(?:case(?:\.parts\.[\w-]+)?|reply)\.url")
#: URLs that a request is made with, and what is learnt itself.
_REQUESTED = re.compile(r"(?:tabs\.\w+(?:\.split)?|case(?:\.parts\.[\w-]+)?|home)\.url|variables\..*")
#: The keys whose values may hold variables and, the words among them, `@names`.
_TEXTS = ("url", "go", "value", "const", "text", "title", "label", "column", "author_is", "relative_days")
_WORDS = frozenset({"text", "title", "label", "column", "author_is", "relative_days"})


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


def worded_variables(profile: PortalProfile) -> frozenset[str]:
    """The profile's own variables that stand elsewhere than in the URL of a request, which shows what it lacks."""
    texts = [
        text for key, model in walk(profile) for where, text, _ in _texts(key, model) if not _REQUESTED.fullmatch(where)
    ]
    texts += [word for words in profile.statuses.values() for word in words]
    return frozenset(name for text in texts for name in placeholders(text)).intersection(profile.variables)


def language(locale: str) -> str:
    """The language of a locale: `de` of `de-AT`."""
    return locale.replace("_", "-").partition("-")[0]


def _texts(key: str, model: BaseModel) -> Iterator[tuple[str, str, bool]]:
    for name in _TEXTS:
        if (isinstance(model, Condition) and name == "url") or isinstance(model, PortalProfile):
            continue  # an expression, whose braces count repetitions; the profile's own title
        value = getattr(model, name, None)
        listed = value if isinstance(value, tuple) else (value,)
        if isinstance(value, dict):
            listed = tuple(text for texts in value.values() for text in texts)
        yield from ((f"{key}.{name}", text, name in _WORDS) for text in listed if isinstance(text, str))


def _check(profile: PortalProfile, key: str, text: str, *, is_word: bool) -> Iterator[Problem]:
    known = _known(profile, key)
    for name in placeholders(text):
        if name not in known:
            yield Problem(key, f"{{{name}}} is unknown here; known are {', '.join(sorted(known))}")
    if is_word and text.startswith("@") and text[1:] not in profile.words:
        yield Problem(key, f"there is no [words.{text[1:]}]")


def _known(profile: PortalProfile, key: str) -> frozenset[str]:
    """The variables that have a value where a key is used."""
    early = _EARLY.match(key) is not None
    known = ACCOUNT_VARIABLES | {name for name, one in profile.variables.items() if one.field is None or not early}
    for place, names in LOCAL_VARIABLES:
        if place.match(key):
            known |= names
    if _CASE_URL.fullmatch(key):
        known |= {f"row.{name}" for name in profile.list.row_fields()}
    split = {
        f"tabs.{tab}.{name}" for tab, rules in profile.tabs.items() if rules.split for name in ("url", "split.url")
    }
    return known | {"since", "until"} if key in split else known
