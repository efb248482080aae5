"""Reads a table with headings from an Excel workbook or a CSV file, as texts with their row numbers.

Nothing is guessed silently: an encoding that does not fit is refused, and so are a file that would unpack beyond
bounds, a heading that stands twice, and a second sheet with the same headings.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.errors import HeadingsMissing
from storage.errors import TableUnreadable
from storage.files import why_unreadable
from storage.workbook.encoding import decode
from storage.workbook.reading import MOST_COLUMNS
from storage.workbook.reading import CellText
from storage.workbook.reading import Row
from storage.workbook.reading import sheets_of

#: No sheet of replies is larger; a file that is was not meant, or was made to harm.
MOST_BYTES = 20_000_000
MOST_ROWS = 100_000

#: Excel's last row. A file may claim any number, and the rows up to it count as empty.
LAST_ROW = 1_048_576

NO_WORKBOOK = "it is no Excel workbook, or a damaged one"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number as the spreadsheet shows it, and its cells by lower-case heading."""

    number: int
    cells: dict[str, CellText]


@dataclass(frozen=True, slots=True)
class Headings:
    """Those that a table must have, and those that are read as well; other columns are for the reader's eyes."""

    required: Sequence[str]
    optional: Sequence[str] = ()


def read_table(path: Path, headings: Headings) -> tuple[Line, ...]:
    """All rows that are not empty, below the first such row, which must have the headings."""
    head = _beginning(path)
    if head.startswith(b"PK"):
        return _read_xlsx(path, headings)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableUnreadable(
            str(path), "it is an old .xls or an encrypted workbook: save it as .xlsx without a password"
        )
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xls"}:
        raise TableUnreadable(str(path), NO_WORKBOOK)
    return _read_csv(path, headings)


def _beginning(path: Path) -> bytes:
    """The first bytes of a file that can be read, and is not too large."""
    reason = why_unreadable(path)
    if reason is not None:
        raise TableUnreadable(str(path), f"it {reason}")
    if path.stat().st_size > MOST_BYTES:
        raise TableUnreadable(str(path), f"it is larger than {MOST_BYTES // 1_000_000} MB")
    with path.open("rb") as file:
        return file.read(8)


def _read_csv(path: Path, headings: Headings) -> tuple[Line, ...]:
    text = decode(path.read_bytes())
    if text is None:
        raise TableUnreadable(str(path), "its encoding is neither UTF-8 nor GBK: save it as CSV UTF-8")
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _lines(path, _numbered(reader), headings)
    except csv.Error as error:
        raise TableUnreadable(str(path), f"row {reader.line_num}: {error}") from error


def _numbered(reader: Any) -> Iterator[Row]:
    # A quoted cell may span lines; people count rows as their spreadsheet shows them.
    for number, row in enumerate(reader, start=1):
        yield number, [cell.strip() for cell in row[:MOST_COLUMNS]]


def _read_xlsx(path: Path, headings: Headings) -> tuple[Line, ...]:
    try:
        with sheets_of(path) as sheets:
            return _only_table(path, sheets, headings)
    except TableUnreadable:
        raise
    except Exception as error:
        # zipfile and openpyxl let out whatever their parts meet in a damaged file, TypeError and zlib's included.
        raise TableUnreadable(str(path), NO_WORKBOOK) from error


def _only_table(path: Path, sheets: Sequence[Iterable[Row]], headings: Headings) -> tuple[Line, ...]:
    """The rows of the sheet that has the headings; without one, what is wrong with the first."""
    found: list[tuple[Line, ...]] = []
    problems = [TableUnreadable(str(path), "it has no sheet")]
    for sheet in sheets:
        try:
            found.append(_lines(path, sheet, headings))
        except HeadingsMissing as problem:
            problems.append(problem)
    if len(found) > 1:
        raise TableUnreadable(str(path), "several of its sheets have the headings: leave one")
    if not found:
        raise problems[:2][-1]
    return found[0]


def _lines(path: Path, rows: Iterable[Row], headings: Headings) -> tuple[Line, ...]:
    found: list[Line] = []
    names: list[str] | None = None
    for number, cells in rows:
        if number > LAST_ROW:
            raise TableUnreadable(str(path), f"it has more than {LAST_ROW} rows")
        if not any(cells):
            continue
        if names is None:
            names = _names(path, cells, headings)
        elif len(found) >= MOST_ROWS:
            raise TableUnreadable(str(path), f"it has more than {MOST_ROWS} rows")
        else:
            found.append(Line(number, dict(zip(names, cells, strict=False))))
    if names is None:
        raise HeadingsMissing(str(path), "it is empty")
    return tuple(found)


def _names(path: Path, cells: Sequence[CellText], headings: Headings) -> list[str]:
    names = [cell.lower() if isinstance(cell, str) else "" for cell in cells]
    missing = [name for name in headings.required if name not in names]
    if missing:
        raise HeadingsMissing(str(path), f"its first row lacks the headings: {', '.join(missing)}")
    repeated = [name for name in (*headings.required, *headings.optional) if names.count(name) > 1]
    if repeated:
        # Only one of the columns would be read, and what was typed into the other would be lost without a word.
        raise TableUnreadable(str(path), f"these headings stand twice in its first row: {', '.join(repeated)}")
    return names
