"""A page as a tree. The only module that knows the parser.

A place on the page is a `Run`: one element, or several neighbouring nodes that belong together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterator
from functools import cached_property
from typing import NewType
from typing import TypeVar
from typing import cast

from selectolax.lexbor import LexborHTMLParser
from selectolax.lexbor import LexborNode

from agent.extract.crowded import thinned
from agent.profile.css import for_parser

Node = LexborNode
Run = NewType("Run", tuple[LexborNode, ...])
T = TypeVar("T")

_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))\b", re.IGNORECASE)


def run_of(*nodes: Node) -> Run:
    return Run(nodes)


class Document:
    """A parsed page. What stands in `noscript` is no part of it: the pages were read with scripts running."""

    def __init__(self, html: str) -> None:
        self._parser = LexborHTMLParser(thinned(html))
        for node in self._parser.css("noscript"):
            node.decompose()
        root = self._parser.root
        assert root is not None, "lexbor makes a root of any input"
        self.page = run_of(root)
        self._known: dict[Hashable, object] = {}

    @property
    def body(self) -> Run:
        body = self._parser.body
        return run_of(body) if body is not None else self.page

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for the document: a long list asks for its headers in every row."""
        if key not in self._known:
            self._known[key] = make()
        return cast(T, self._known[key])

    @property
    def language(self) -> str | None:
        """What the page says of its language."""
        node = self._parser.css_first("html")
        return attribute(node, "lang") if node is not None else None

    @cached_property
    def title(self) -> str:
        node = self._parser.css_first("title")
        return " ".join(node.text().split()) if node is not None else ""

    @cached_property
    def order(self) -> dict[int, int]:
        """Where each element stands in the document, by its identity."""
        return {node.mem_id: number for number, node in enumerate(elements(self.page))}


def elements(run: Run) -> Iterator[Node]:
    """Every element of a run in the order of the document, without recursion: pages may be nested deeply."""
    for top in run:
        if top.is_element_node:
            yield top
        yield from (node for node in descend(top) if node.is_element_node)


def descend(top: Node) -> Iterator[Node]:
    """Every node below one, in the order of the document."""
    node = top.child
    while node is not None:
        yield node
        following = node.child
        while following is None and node is not None:
            following = node.next
            if following is None:
                node = node.parent
                if node is None or node.mem_id == top.mem_id:
                    return
        node = following


def select(run: Run, css: str) -> tuple[Node, ...]:
    """The elements of a run that match, those of its own nodes among them, in the order of the document."""
    found: dict[int, Node] = {}
    wanted = for_parser(css)
    for node in run:
        if node.is_element_node:
            for match in node.css(wanted):
                found.setdefault(match.mem_id, match)
    return tuple(found.values())


def matches(run: Run, css: str) -> bool:
    wanted = for_parser(css)
    return any(node.is_element_node and node.css_first(wanted) is not None for node in run)


def is_match(node: Node, css: str) -> bool:
    return node.is_element_node and node.css_matches(for_parser(css))


def ancestors(node: Node) -> Iterator[Node]:
    """The elements around a node, the nearest first."""
    parent = node.parent
    while parent is not None and parent.is_element_node:
        yield parent
        parent = parent.parent


def hides(node: Node) -> bool:
    """Whether an element says of itself that it is not shown. Style sheets are not asked: a saved page has none."""
    attributes = node.attributes
    style = attributes.get("style")
    return "hidden" in attributes or (style is not None and _HIDDEN_STYLE.search(style) is not None)


def is_shown(node: Node) -> bool:
    return not hides(node) and not any(hides(outer) for outer in ancestors(node))


def attribute(node: Node, name: str) -> str | None:
    """An attribute's value; one without a value is there and empty."""
    attributes = node.attributes
    return (attributes[name] or "") if name in attributes else None
