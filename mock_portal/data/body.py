"""Message texts as small documents: the same blocks give the HTML, the plain text and what a reader sees.

Because all three come from one description, what a reader sees is known without parsing any HTML: an oracle that
shares no mistake with the program that reads the pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from mock_portal.data.model import Body


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of one paragraph; in HTML they are separated by `<br>`."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first row is the head."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a line of its own."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Style:
    """A style sheet inside the message, as mail programs leave it; nobody sees it."""

    css: str


Block: TypeAlias = Paragraph | Bullets | Table | Link | Style


def fold(text: str) -> str:
    """White space is no part of what a reader sees."""
    return " ".join(text.split())


def _html(block: Block) -> str:
    match block:
        case Paragraph(text):
            return '<p dir="auto">' + "<br>".join(escape(line) for line in text.split("\n")) + "</p>"
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
        case Table(rows):
            return "<table>" + "".join(_html_row(row, head=at == 0) for at, row in enumerate(rows)) + "</table>"
        case Link(label, url):
            return f'<p><a href="{escape(url)}">{escape(label)}</a></p>'
        case Style(css):
            return f"<style>{css}</style>"


def _html_row(row: tuple[str, ...], *, head: bool) -> str:
    cell = "th" if head else "td"
    return "<tr>" + "".join(f"<{cell}>{escape(text)}</{cell}>" for text in row) + "</tr>"


def _plain(block: Block) -> str:
    match block:
        case Paragraph(text):
            return text
        case Bullets(items):
            return "\n".join(f"- {item}" for item in items)
        case Table(rows):
            return "\n".join(" | ".join(row) for row in rows)
        case Link(label, url):
            return f"{label}: {url}"
        case Style():
            return ""


def _shown(block: Block) -> str:
    match block:
        case Paragraph(text):
            return text
        case Bullets(items):
            return " ".join(items)
        case Table(rows):
            return " ".join(" ".join(row) for row in rows)
        case Link(label, _):
            return label
        case Style():
            return ""


def html_body(blocks: Iterable[Block]) -> Body:
    kept = list(blocks)
    return Body("".join(map(_html, kept)), fold(" ".join(map(_shown, kept))), is_html=True)


def text_body(blocks: Iterable[Block]) -> Body:
    source = "\n\n".join(text for text in map(_plain, blocks) if text)
    return Body(source, fold(source))


def written(text: str) -> Body:
    """What somebody typed into a form: browsers send CRLF, the portal keeps LF."""
    source = text.replace("\r\n", "\n").replace("\r", "\n")
    return Body(source, fold(source))
