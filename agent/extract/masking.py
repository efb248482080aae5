"""Pages without what is private in them: for saved pages that a person passes on to have a profile mended.

What a profile needs to be tried stays: the tree, the words that the profile itself names, months and days, short
numbers (dates, counts, pages). Every other letter becomes an `x`, and long numbers (cases, orders, telephones) become
others of the same length, equal ones staying equal, so that links and lists still agree. Scripts, styles and comments
are left out. A short number in a short text stays, so that a person should look through the pages before they leave
the machine.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from agent.extract.date_patterns import date_words
from agent.extract.dom import Document
from agent.extract.dom import Node
from agent.profile.model.profile import PortalProfile

#: A date, a count or a page number has fewer digits in a row.
LONG_NUMBER = 5
#: A longer text is somebody's message: its numbers are private too.
LONG_TEXT = 80

_PIECES = re.compile(r"[^\W\d_]+|\d+")
#: What selectors are made of; nobody's words stand in it.
_KEPT_ATTRIBUTES = frozenset(
    {
        "class",
        "id",
        "name",
        "type",
        "role",
        "slot",
        "for",
        "lang",
        "dir",
        "rel",
        "method",
        "style",
        "colspan",
        "rowspan",
        "hidden",
        "selected",
        "checked",
        "disabled",
        "data-testid",
        "tab-id",
        "variant",
        "icon",
        "size",
        "aria-busy",
        "aria-current",
        "aria-disabled",
        "aria-expanded",
        "aria-hidden",
        "aria-selected",
    }
)
_LEFT_OUT = frozenset({"script", "style", "noscript", "template"})
_VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    }
)
_ALWAYS_KNOWN = ("am", "pm", "gmt", "utc", "z", "http", "https", "xhtml")


def vocabulary(profile: PortalProfile) -> frozenset[str]:
    """Every word that the profile names, with the names of months and days in its locales."""
    words = {
        piece.casefold()
        for text in _texts(profile.model_dump(mode="json"))
        for piece in _PIECES.findall(text)
        if not piece.isdigit()
    }
    for locale in profile.locales:
        words |= date_words(locale)
    return frozenset(words.union(_ALWAYS_KNOWN))


@dataclass(frozen=True, slots=True)
class Mask:
    """Masks texts alike: with the same `key` the same text becomes the same."""

    known: frozenset[str]
    key: bytes

    def text(self, text: str) -> str:
        """The text with unknown letters and long numbers replaced, each character by one."""
        long = len(text) > LONG_TEXT

        def masked(match: re.Match[str]) -> str:
            piece = match[0]
            if not piece.isdigit():
                return piece if piece.casefold() in self.known else "".join(map(_letter, piece))
            return self._number(piece) if long or len(piece) >= LONG_NUMBER else piece

        return _PIECES.sub(masked, text)

    def url(self, url: str) -> str:
        """The address with its host as it is."""
        match = re.match(r"[a-z]+://[^/?#]*", url)
        host = match[0] if match else ""
        return host + self.text(url[len(host) :])

    def page(self, html: str) -> str:
        """The page's tree, masked."""
        return "<!doctype html>\n" + "".join(self._written(Document(html).page[0]))

    def _written(self, root: Node) -> Iterator[str]:
        # Without recursion: pages may be nested deeply.
        waiting: list[Node | str] = [root]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                yield item
            elif item.is_text_node:
                yield escape(self.text(item.text_content or ""), quote=False)
            elif item.is_element_node and item.tag not in _LEFT_OUT:
                yield self._opening(item)
                if item.tag not in _VOID:
                    waiting.append(f"</{item.tag}>")
                    waiting.extend(reversed(list(_children(item))))

    def _opening(self, node: Node) -> str:
        words = [str(node.tag)]
        for name, value in node.attributes.items():
            words.append(name if value is None else f'{name}="{escape(self._attribute(name, value))}"')
        return f"<{' '.join(words)}>"

    def _attribute(self, name: str, value: str) -> str:
        if value.startswith("data:"):
            return "data:,"
        if name in _KEPT_ATTRIBUTES:
            return re.sub(rf"\d{{{LONG_NUMBER},}}", lambda match: self._number(match[0]), value)
        return self.url(value)

    def _number(self, digits: str) -> str:
        if not digits.isdecimal():
            return digits
        other = int.from_bytes(hmac.digest(self.key, digits.encode(), "sha256"))
        return str(10 ** (len(digits) - 1) + other % (9 * 10 ** (len(digits) - 1)))


def _letter(letter: str) -> str:
    if letter.isupper():
        return "X"
    return "x" if letter.islower() else "文"


def _children(node: Node) -> Iterator[Node]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _texts(value: Any) -> Iterator[str]:
    """Keys too: zones and locales are named by them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
