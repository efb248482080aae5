"""Values that stand beside a label, and elements that are known by their text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from agent.extract.dom import Document
from agent.extract.dom import Node
from agent.extract.dom import Run
from agent.extract.dom import ancestors
from agent.extract.dom import descend
from agent.extract.dom import hides
from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.text import UNSEEN
from agent.extract.text import fold
from agent.extract.words import plain

_ENDS_INLINE_VALUE = frozenset({"br", "hr", "p", "div", "tr", "li", "dt", "dd", "td", "th", "table", "ul", "ol"})


def by_own_text(scope: Run, words: tuple[str, ...]) -> Iterator[Node]:
    """The elements that hold one of the words as a text of their own, as far as a person sees it."""
    for top in scope:
        for node in descend(top):
            if node.is_text_node and plain(node.text_content or "") in words and _is_seen(node, top):
                assert node.parent is not None, "it lies below the top"
                yield node.parent


def _is_seen(text: Node, top: Node) -> bool:
    """Whether no element inside the top hides a text; a top that is hidden itself is looked at all the same."""
    inner = takewhile(lambda node: node.mem_id != top.mem_id, ancestors(text))
    return not any(node.tag in UNSEEN or node.tag == "option" or hides(node) for node in inner)


def beside(document: Document, label: Node, scope: Run, css: str | None) -> Iterator[Run]:
    """The value of a label: what matches behind it; without a selector the text or element that follows it."""
    if css is not None:
        here = document.order[label.mem_id]
        yield from (run_of(node) for node in select(scope, css) if document.order[node.mem_id] > here)
        return
    tops = {node.mem_id for node in scope}
    node: Node | None = label
    while node is not None and node.mem_id not in tops:
        following = node.next
        while following is not None and not following.is_element_node and not fold(following.text_content or ""):
            following = following.next
        if following is not None:
            yield run_of(following) if following.is_element_node else _inline_run(following, label)
            return
        node = node.parent


def _inline_run(first: Node, label: Node) -> Run:
    """A text and what belongs to it, up to the next line or the next label."""
    nodes = [first]
    following = first.next
    while following is not None and following.tag not in _ENDS_INLINE_VALUE and following.tag != label.tag:
        nodes.append(following)
        following = following.next
    return Run(tuple(nodes))
