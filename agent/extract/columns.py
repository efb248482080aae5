"""Cells that are known by the header of their column."""

from __future__ import annotations

from collections.abc import Iterator

from agent.extract.dom import Document
from agent.extract.dom import Node
from agent.extract.dom import Run
from agent.extract.dom import ancestors
from agent.extract.dom import attribute
from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.text import visible_text
from agent.extract.words import plain


def cells_under(document: Document, scope: Run, words: tuple[str, ...], headers: str | None) -> Iterator[Run]:
    row = scope[0]
    if headers is not None:
        for number, header in enumerate(select(document.page, headers)):
            if plain(visible_text(run_of(header))) in words:
                yield from (run_of(cell) for cell in _children(row)[number : number + 1])
        return
    table = next((outer for outer in (row, *ancestors(row)) if outer.tag == "table"), None)
    tables = [table] if table is not None else list(select(scope, "table"))
    for one in tables:
        yield from _cells_of_table(one, row if row.tag == "tr" else None, words)


def _cells_of_table(table: Node, row: Node | None, words: tuple[str, ...]) -> Iterator[Run]:
    """The cell in the row; where none is given, in the row below the header. A cell may span several columns."""
    rows = [tr for tr in select(run_of(table), "tr") if _table_of(tr) == table.mem_id]
    for number, header_row in enumerate(rows):
        if number and not select(run_of(header_row), "th"):
            continue
        column = 0
        for header in _children(header_row):
            if plain(visible_text(run_of(header))) in words:
                below = row if row is not None else next(iter(rows[number + 1 :]), None)
                cell = _cell_at(below, column) if below is not None and below.mem_id != header_row.mem_id else None
                if cell is not None:
                    yield run_of(cell)
                    return
            column += _span(header)


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
