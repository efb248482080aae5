"""One growing sheet of a streamed workbook: heading, widths, filter, frozen first row, and links within limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import tzinfo
from typing import Any
from urllib.parse import quote

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from storage.workbook.cells import clean_text
from storage.workbook.cells import looks_like_formula
from storage.workbook.cells import wall_clock

#: Excel's limits: rows of a sheet; links of a sheet (it has room for a few more than this); length of a link.
MOST_ROWS = 1_048_576
MOST_LINKS = 65_000
LONGEST_LINK = 2_000

#: What an address may hold beside letters and digits.
ADDRESS = "%/:?#[]@!$&'()*+,;=~-._"

Value = str | int | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and its width in characters."""

    heading: str
    width: int = 16


@dataclass(frozen=True, slots=True)
class Linked:
    """A value with a link: to a place in the workbook (`#'sheet'!A1`) or to a page."""

    value: Value
    target: str


class Sheet:
    """Rows are written as they come and are not kept. Beyond Excel's number of rows a second sheet goes on.

    `count`: the rows below the headings, of all these sheets together; `rows`: those of the last one, its heading too.
    """

    def __init__(self, workbook: Workbook, title: str, columns: Sequence[Column], zone: tzinfo) -> None:
        self.workbook = workbook
        self.title = title
        self.columns = columns
        self.zone = zone
        self.parts = 0
        self.count = 0
        self._begin()

    def _begin(self) -> None:
        self.parts += 1
        name = self.title if self.parts == 1 else f"{self.title} {self.parts}"
        self.sheet: Any = self.workbook.create_sheet(name)
        self.rows = 0
        self.links = 0
        for number, column in enumerate(self.columns, start=1):
            self.sheet.column_dimensions[get_column_letter(number)].width = column.width
        self.sheet.freeze_panes = "A2"
        self._write([column.heading for column in self.columns], bold=True)

    def append(self, values: Sequence[Value | Linked]) -> None:
        self._make_room()
        self._write(values)
        self.count += 1

    def _write(self, values: Sequence[Value | Linked], *, bold: bool = False) -> None:
        self.sheet.append([self._cell(value, bold=bold) for value in values])
        self.rows += 1

    def next_place(self) -> str:
        """A link to the row that is written next."""
        self._make_room()
        return f"#'{self.sheet.title}'!A{self.rows + 1}"

    def _make_room(self) -> None:
        if self.rows >= MOST_ROWS:
            self.finish()
            self._begin()

    def finish(self) -> None:
        """Filter over everything written; called once all rows are there."""
        self.sheet.auto_filter.ref = f"A1:{get_column_letter(len(self.columns))}{self.rows}"

    def _cell(self, value: Value | Linked, *, bold: bool) -> Value | Cell:
        plain, target = (value.value, value.target) if isinstance(value, Linked) else (value, None)
        content = clean_text(plain) if isinstance(plain, str) else plain
        if isinstance(content, datetime):
            content = wall_clock(content, self.zone)
        is_link = target is not None and self.links < MOST_LINKS and len(target) <= LONGEST_LINK
        is_plain = not (isinstance(content, str) and (looks_like_formula(content) or content.startswith("#")))
        if is_plain and not is_link and not bold and not _is_tall(content):
            return content
        cell = WriteOnlyCell(self.sheet, content)
        if isinstance(content, str):
            # Whatever it looks like, it is a text, also after somebody edited the cell.
            cell.data_type = "s"
            cell.quotePrefix = looks_like_formula(content)
            if _is_tall(content):
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        if bold:
            cell.font = Font(bold=True)
        if is_link:
            assert target is not None
            self._link(cell, target)
        return cell

    def _link(self, cell: Cell, target: str) -> None:
        self.links += 1
        if target.startswith("#"):
            cell.hyperlink = Hyperlink(ref="", location=target[1:])
        else:
            # Excel calls a workbook damaged for one link with a character that no address may hold.
            cell.hyperlink = Hyperlink(ref="", target=quote(target, safe=ADDRESS))
        cell.font = Font(color="0563C1", underline="single")


def _is_tall(content: Value) -> bool:
    return isinstance(content, str) and "\n" in content
