"""The text that a person sees of a piece of markup."""

from __future__ import annotations

import re
from collections.abc import Collection

from agent.extract.dom import Document
from agent.extract.dom import Node
from agent.extract.dom import Run
from agent.extract.dom import hides

#: Elements whose content is not shown as text.
UNSEEN = frozenset(
    {
        "audio", "canvas", "datalist", "head", "iframe", "link", "meta", "noscript", "object", "script", "select",
        "style", "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "main",
        "menu", "nav", "ol", "option", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)  # fmt: skip
_PARAGRAPHS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "p", "pre"})
_CELLS = frozenset({"td", "th"})
_SPACE = re.compile(r"[ \t\n\r\f]+")
_KEEPS_SPACE = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_INVISIBLE = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u200b": None, "\ufeff": None})


def visible_text(run: Run, *, without: Collection[int] = (), keep_lines: bool = False) -> str:
    """What a person would see: blocks and `<br>` on lines of their own, cells apart, nothing that is hidden.

    A run that is hidden itself is read all the same: a collapsed message is a message. `without` holds the identities
    of elements to leave out. `keep_lines` takes the line breaks of the source for what they look like.
    """
    writer = _Writer(keep_lines=keep_lines)
    for top in run:
        _write(writer, top, without)
    return writer.text()


def text_of_markup(html: str) -> str:
    return visible_text(Document(html).body)


def fold(text: str) -> str:
    """White space of any kind becomes one space."""
    return " ".join(text.split())


def _write(writer: _Writer, top: Node, without: Collection[int]) -> None:
    # A stack instead of recursion: a message quoted a thousand times is nested as deeply.
    stack: list[tuple[Node, bool]] = [(top, False)]
    while stack:
        node, leaving = stack.pop()
        if node.is_text_node:
            writer.words(node.text_content or "")
            continue
        tag = (node.tag or "").lower()
        if leaving:
            writer.leave(tag)
            continue
        unseen = tag in UNSEEN or (node.mem_id != top.mem_id and hides(node)) or node.mem_id in without
        if not node.is_element_node or (unseen and not (node.mem_id == top.mem_id and node.mem_id not in without)):
            continue
        writer.enter(tag, keeps_space=_keeps_space(node, tag))
        stack.append((node, True))
        children = []
        child = node.child
        while child is not None:
            children.append((child, False))
            child = child.next
        stack.extend(reversed(children))


def _keeps_space(node: Node, tag: str) -> bool:
    if tag in {"pre", "textarea", "listing", "xmp"}:
        return True
    style = node.attributes.get("style")
    return style is not None and _KEEPS_SPACE.search(style) is not None


class _Writer:
    """Collects pieces; decides about white space only when it knows what comes next."""

    def __init__(self, *, keep_lines: bool) -> None:
        self._pieces: list[str] = []
        self._gap = 0  # line breaks that are due before the next word
        self._space = ""
        self._open: list[bool] = [keep_lines]

    def enter(self, tag: str, *, keeps_space: bool) -> None:
        self._open.append(keeps_space or self._open[-1])
        self._break(tag)
        if tag == "br":
            self._gap_more()

    def leave(self, tag: str) -> None:
        self._open.pop()
        self._break(tag)
        if tag in _CELLS:
            self._space = "\t"

    def words(self, text: str) -> None:
        if self._open[-1]:
            self._preserved(text)
            return
        words = _SPACE.sub(" ", text)
        if words.startswith(" "):
            self._space = self._space or " "
        core = words.strip(" ")
        if core:
            self._put(core)
            self._space = " " if words.endswith(" ") else ""

    def text(self) -> str:
        lines = "".join(self._pieces).translate(_INVISIBLE).split("\n")
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n").strip()

    def _preserved(self, text: str) -> None:
        for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
            if number:
                self._gap_more()
            if line:
                self._put(line)

    def _put(self, text: str) -> None:
        if self._gap:
            self._pieces.append("\n" * self._gap)
        elif self._pieces:
            self._pieces.append(self._space)
        self._pieces.append(text)
        self._gap, self._space = 0, ""

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._gap = max(self._gap, 2)
        elif tag in _BLOCKS or "-" in tag:  # a custom element is a box of its own in every kit that we know
            self._gap = max(self._gap, 1)

    def _gap_more(self) -> None:
        self._gap += 1
