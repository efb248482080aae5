"""Cells that are known by the header of their column."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from agent.extract.dom import Document
from agent.extract.dom import Node
from agent.extract.dom import Run
from agent.extract.dom import ancestors
from agent.extract.dom import attribute
from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.text import visible_text
from agent.extract.words import plain


@dataclass(frozen=True, slots=True)
class _Header:
    """One header cell: its text, the line of headers that it is in, the column, and the row itself."""

    text: str
    line: int
    column: int
    row: Node


def cells_under(document: Document, scope: Run, words: tuple[str, ...], headers: str | None) -> Iterator[Run]:
    """The cells of an item under a header; where the item is no part of a table, those below the header.

    With a selector for headers anything that has as many children as there are headers is a row.
    """
    if headers is not None:
        texts = document.once(("headers", headers), lambda: _texts(select(document.page, headers)))
        for number, text in enumerate(texts):
            if text in words:
                yield from (run_of(cell) for cell in _children(scope[0])[number : number + 1])
        return
    table = next((outer for outer in ancestors(scope[0]) if outer.tag == "table"), None)
    if table is not None:
        yield from _cells_of_table(document, table, select(scope, "tr"), words)
        return
    for one in select(scope, "table"):
        yield from _cells_of_table(document, one, (), words)


def _cells_of_table(document: Document, table: Node, own: tuple[Node, ...], words: tuple[str, ...]) -> Iterator[Run]:
    """The cell in the item's own rows; where it has none, in the row below the header.

    Where headers stand in several lines, the items do too, line by line. A cell may span several columns.
    """
    headers = document.once(("table", table.mem_id), lambda: tuple(_headers(table)))
    header = next((one for one in headers if one.text in words), None)
    if header is None:
        return
    below = own[min(header.line, len(own) - 1)] if own else _following(_rows(table), header.row)
    cell = _cell_at(below, header.column) if below is not None else None
    if cell is not None:
        yield run_of(cell)


def _headers(table: Node) -> Iterator[_Header]:
    """The cells of the first row, and of every other row that has a header cell."""
    lines = [row for number, row in enumerate(_rows(table)) if number == 0 or select(run_of(row), "th")]
    for line, row in enumerate(lines):
        column = 0
        for cell, text in zip(_children(row), _texts(_children(row)), strict=True):
            yield _Header(text, line, column, row)
            column += _span(cell)


def _rows(table: Node) -> list[Node]:
    """A table's own rows, not those of tables inside of it."""
    return [row for row in select(run_of(table), "tr") if _table_of(row) == table.mem_id]


def _texts(cells: Sequence[Node]) -> tuple[str, ...]:
    return tuple(plain(visible_text(run_of(cell))) for cell in cells)


def _following(rows: list[Node], row: Node) -> Node | None:
    places = {tr.mem_id: number for number, tr in enumerate(rows)}
    return next(iter(rows[places[row.mem_id] + 1 :]), None)


def _table_of(row: Node) -> int | None:
    return next((outer.mem_id for outer in ancestors(row) if outer.tag == "table"), None)


def _cell_at(row: Node, column: int) -> Node | None:
    start = 0
    for cell in _children(row):
        start += _span(cell)
        if column < start:
            return cell
    return None


def _span(cell: Node) -> int:
    written = attribute(cell, "colspan") or "1"
    return max(1, int(written)) if written.isdigit() else 1


def _children(node: Node) -> list[Node]:
    return list(node.iter())
