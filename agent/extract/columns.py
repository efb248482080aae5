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
    table = next((outer for outer in ancestors(row) if outer.tag == "table"), None)
    if table is not None:
        yield from _cells_of_table(table, select(scope, "tr"), words)
        return
    for one in select(scope, "table"):
        yield from _cells_of_table(one, (), words)


def _cells_of_table(table: Node, own: tuple[Node, ...], words: tuple[str, ...]) -> Iterator[Run]:
    """The cell in the item's own rows; where it has none, in the row below the header.

    Where headers stand in several lines, the items do too, line by line. A cell may span several columns.
    """
    rows = [tr for tr in select(run_of(table), "tr") if _table_of(tr) == table.mem_id]
    headers = [tr for number, tr in enumerate(rows) if number == 0 or select(run_of(tr), "th")]
    for line, header_row in enumerate(headers):
        column = 0
        for header in _children(header_row):
            if plain(visible_text(run_of(header))) in words:
                below = own[min(line, len(own) - 1)] if own else _following(rows, header_row)
                cell = _cell_at(below, column) if below is not None else None
                if cell is not None:
                    yield run_of(cell)
                return
            column += _span(header)


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
