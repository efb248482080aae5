"""Pages without what is private in them: for saved pages that a person passes on to have a profile mended.

What a profile needs to be tried stays: the tree, the words that the profile itself names, months and days, the dates
that it reads, short numbers (counts, pages), the portal's own host. Every other letter becomes an `x`, and long numbers
(cases, orders, telephones, cards), in groups or not, become others of the same length, equal ones staying equal, so
that links and lists still agree. Names in the markup stay, but for those that the account or the page's text has as a
word. Scripts, styles and comments are left out. A short number in a short text stays, and a name that stands in the
markup alone, so that a person should look through the pages before they leave the machine.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from html import escape
from typing import Any

from agent.extract.date_patterns import date_words
from agent.extract.dom import Document
from agent.extract.dom import Node
from agent.extract.dom import descend
from agent.extract.masked_numbers import NO_DATES
from agent.extract.masked_numbers import Numbers
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile

#: A longer text is somebody's message: its numbers are private too.
LONG_TEXT = 80

_PIECES = re.compile(r"[^\W\d_]+")
_HOST = re.compile(r"(?:[a-zA-Z][\w+.-]*:)?//(?:(?P<user>[^/?#]*)@)?(?P<host>[^/?#@:]*)(?::\d+)?")
#: What selectors are made of, by which somebody may be named too.
_NAMES = frozenset({"class", "data-testid", "for", "id", "name", "slot", "tab-id"})
#: A name that a program gives, and no address; any other is text.
_PROGRAM_S = re.compile(r"[!-?A-~]*")
#: All of a style that decides what is seen.
_SEEN_STYLE = re.compile(r"(?:^|;)\s*((?:display|visibility|white-space)\s*:\s*[\w-]+)", re.IGNORECASE)
#: What says how an element is; nobody's words stand in it.
_KEPT_ATTRIBUTES = frozenset(
    {
        "type",
        "role",
        "lang",
        "dir",
        "rel",
        "method",
        "colspan",
        "rowspan",
        "hidden",
        "selected",
        "checked",
        "disabled",
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
    words = {piece.casefold() for text in _texts(profile.model_dump(mode="json")) for piece in _PIECES.findall(text)}
    for locale in profile.locales:
        words |= date_words(locale)
    return frozenset(words.union(_ALWAYS_KNOWN))


@dataclass(frozen=True, slots=True)
class Mask:
    """Masks texts alike: with the same `key` the same text becomes the same.

    `hosts` are kept in addresses. No name in the markup has a `private` word, and only a class has a word that is
    `said` on the page: classes are what selectors are made of, and what people write seldom gets into them.
    """

    known: frozenset[str]
    key: bytes
    numbers: Numbers = NO_DATES
    hosts: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()

    @classmethod
    def of(cls, profile: PortalProfile, key: bytes) -> Mask:
        return cls(vocabulary(profile), key, Numbers.of(profile))

    def of_portal(self, addresses: Iterable[str], account: AccountFacts) -> Mask:
        """The same for pages of a portal that answers at these addresses, saved for an account."""
        hosts = {match["host"].casefold() for one in addresses if (match := _HOST.match(one)) is not None}
        told = (account.user, account.account_name, *account.variables.values())
        return replace(self, hosts=self.hosts | hosts, private=self.private | self._unknown(told))

    def text(self, text: str) -> str:
        """The text with unknown letters and long numbers replaced, each character by one."""
        words = _PIECES.sub(lambda word: word[0] if word[0].casefold() in self.known else _shape(word[0]), text)
        return self.numbers.masked(words, self._number, every=len(text) > LONG_TEXT)

    def url(self, url: str) -> str:
        """The address, with its host if that is the portal's, and without a user and a password."""
        match = _HOST.match(url.strip())
        if match is None or match["host"].casefold() not in self.hosts:
            return self.text(url)
        start = match[0].replace(f"{match['user']}@", "") if match["user"] is not None else match[0]
        return start + self.text(url.strip()[match.end() :])

    def page(self, html: str) -> str:
        """The page's tree, masked."""
        root = Document(html).page[0]
        texts = (node.text_content or "" for node in descend(root) if node.is_text_node)
        mask = replace(self, said=self._unknown(texts))
        return "<!doctype html>\n" + "".join(mask._written(root))

    def _unknown(self, texts: Iterable[str]) -> frozenset[str]:
        return frozenset(word.casefold() for text in texts for word in _PIECES.findall(text)) - self.known

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
        if value.lstrip().casefold().startswith("data:"):
            return "data:,"
        if name == "style":
            return "; ".join(_SEEN_STYLE.findall(value))
        if name == "class" or (name in _NAMES and _PROGRAM_S.fullmatch(value)):
            private = self.private if name == "class" else self.private | self.said
            words = _PIECES.sub(lambda word: _shape(word[0]) if word[0].casefold() in private else word[0], value)
            return self.numbers.masked(words, self._number, every=False)
        if name in _KEPT_ATTRIBUTES:
            return self.numbers.masked(value, self._number, every=False)
        return self.url(value)

    def _number(self, digits: str) -> str:
        if not digits.isdecimal():
            return digits
        other = int.from_bytes(hmac.digest(self.key, digits.encode(), "sha256"))
        return str(10 ** (len(digits) - 1) + other % (9 * 10 ** (len(digits) - 1)))


def _shape(word: str) -> str:
    return "".join(map(_letter, word))


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
