"""What stays of a text and of a file's name when a portal has shown them. Pure."""

from __future__ import annotations

import re
import unicodedata

from agent.profile.model.reply import Markup
from agent.profile.model.reply import TextRules

#: A shorter text may stand by chance inside another message.
CONTAINED_FROM = 40

_IMAGE = re.compile(r"!\[[^\]\n]*\]\([^)\s]*(?:\s+\"[^\"\n]*\")?\)")
_LINK = re.compile(r"\[([^\]\n]+)\]\([^)\s]*(?:\s+\"[^\"\n]*\")?\)")
_WIKI_LINK = re.compile(r'"([^"\n]+)":\S+')
_WIKI_PAGE = re.compile(r"\[\[(?:[^\]|\n]*\|)?([^\]|\n]+)\]\]")
_WIKI_BLOCK = re.compile(r"^(?:h[1-6]|bq|p|pre)\.\s", re.MULTILINE)
_NUMBER = re.compile(r"^(\s*)\d{1,9}[.)](?=\s)", re.MULTILINE)
_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>")


def fingerprint(text: str) -> str:
    """Keep letters and digits: white space, punctuation, quotes and emoji do not survive every portal."""
    return "".join(character for character in unicodedata.normalize("NFKC", text) if character.isalnum())


def shown_forms(text: str, rules: TextRules) -> frozenset[str]:
    """Return the fingerprints under which `text` may be shown.

    The text as typed is always one of them, since a portal may show markup instead of obeying it.
    """
    if rules.markup is Markup.PLAIN:
        return frozenset({fingerprint(text)} - {""})
    obeyed = without_markup(text, rules.markup)
    # Tags are obeyed, removed, or shown (as they are inside of code).
    return frozenset({fingerprint(text), fingerprint(obeyed), fingerprint(_TAG.sub("", obeyed))} - {""})


def without_markup(text: str, markup: Markup) -> str:
    """Remove what the portal would obey instead of showing."""
    match markup:
        case Markup.PLAIN:
            return text
        case Markup.MARKDOWN:
            text = _LINK.sub(r"\1", _IMAGE.sub("", _FENCE.sub("", text)))
            return _NUMBER.sub(r"\1", text)
        case Markup.WIKI:
            return _WIKI_BLOCK.sub("", _WIKI_PAGE.sub(r"\1", _WIKI_LINK.sub(r"\1", text)))
        case Markup.HTML:
            return _TAG.sub("", text)


def shows(forms: frozenset[str], body: str, appends: str | None = None) -> bool:
    """Tell whether a message with `body` is the text: equal, or around it when it is long enough.

    What the portal `appends` below a text does not count.
    """
    shown = fingerprint(body)
    bare = shown if appends is None else fingerprint(re.sub(rf"(?:{appends})\s*\Z", "", body))
    return any(form in {shown, bare} or (len(form) >= CONTAINED_FROM and form in shown) for form in forms)


def same_file(ours: str, shown: str) -> bool:
    """Tell whether `shown` is our file's name as a portal gives it back.

    Portals replace characters, and add to a name that was taken (`a_x7Yz.pdf`, `a (1).pdf`).
    """
    our_stem, our_extension = _split(ours)
    stem, extension = _split(shown)
    if our_extension != extension:
        return False
    if _letters(our_stem) == _letters(stem):
        return True
    suffixed = re.fullmatch(r"(.*\w)[\s_-]+[(\[]?\w{1,12}[)\]]?", stem)
    return suffixed is not None and bool(_letters(our_stem)) and _letters(suffixed[1]) == _letters(our_stem)


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    return (stem, extension.casefold()) if dot and stem else (name, "")


def _letters(stem: str) -> str:
    return fingerprint(stem).casefold()
