"""Rows of a filled sheet -> replies to queue, and a list of every row that is not right, by its number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from storage.files import why_unreadable
from storage.workbook.reading import Unclear
from storage.workbook.table import Headings
from storage.workbook.table import Line
from storage.workbook.table import read_table
from storage.workbook.template import OPTIONAL
from storage.workbook.template import REQUIRED


class RowFault(StrEnum):
    """What is wrong with a row; `RowProblem.detail` has the value that it is about."""

    EMPTY = "empty"  #: a needed cell has nothing in it
    UNCLEAR = "unclear"  #: Excel has made something else of what was typed
    NO_FILE = "no_file"  #: an attachment cannot be read
    REPEATED = "repeated"  #: the same reply stands in an earlier row


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRow:
    """One reply as the sheet has it."""

    row: int
    account: str
    case_id: str
    text: str
    files: tuple[Path, ...]
    batch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """Why a row cannot be queued. `row` is the number that the spreadsheet shows."""

    row: int
    column: str
    fault: RowFault
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySheet:
    """What a file holds; `rows` are those without a problem, `unfilled` the rows of cases that got no reply."""

    rows: tuple[ReplyRow, ...]
    problems: tuple[RowProblem, ...]
    unfilled: tuple[int, ...] = ()


def read_replies(path: Path) -> ReplySheet:
    """Read a filled workbook or a CSV file. Raises TableUnreadable when it cannot be read as a whole."""
    rows: list[ReplyRow] = []
    problems: list[RowProblem] = []
    unfilled: list[int] = []
    first_rows: dict[tuple[object, ...], int] = {}
    for line in read_table(path, Headings(REQUIRED, OPTIONAL)):
        if not line.cells.get("text") and not line.cells.get("attachments"):
            # A row of the prepared sheet that nobody filled, or a remark between the rows.
            unfilled += [line.number] if line.cells.get("account") or line.cells.get("case") else []
            continue
        found = _problems(line, path.parent)
        if not found:
            row = _reply(line, path.parent)
            first = first_rows.setdefault((row.account, row.case_id, row.text, row.files, row.batch), row.row)
            if first == row.row:
                rows.append(row)
                continue
            found = [RowProblem(row=row.row, column="text", fault=RowFault.REPEATED, detail=f"row {first}")]
        problems += found
    return ReplySheet(rows=tuple(rows), problems=tuple(problems), unfilled=tuple(unfilled))


def _problems(line: Line, folder: Path) -> list[RowProblem]:
    found: list[RowProblem] = []
    for column in (*REQUIRED, *OPTIONAL):
        cell = line.cells.get(column, "")
        if isinstance(cell, Unclear):
            detail = f"{cell.shown!r} {cell.why}"
            found.append(RowProblem(row=line.number, column=column, fault=RowFault.UNCLEAR, detail=detail))
        elif column in REQUIRED and not cell:
            found.append(RowProblem(row=line.number, column=column, fault=RowFault.EMPTY, detail=""))
    found += [
        RowProblem(row=line.number, column="attachments", fault=RowFault.NO_FILE, detail=f"{path} {reason}")
        for path in _files(line, folder)
        if (reason := why_unreadable(path)) is not None
    ]
    return found


def _reply(line: Line, folder: Path) -> ReplyRow:
    return ReplyRow(
        row=line.number,
        account=_text(line, "account"),
        case_id=_text(line, "case"),
        text=_text(line, "text").replace("\r\n", "\n"),
        files=_files(line, folder),
        batch=_text(line, "batch"),
    )


def _files(line: Line, folder: Path) -> tuple[Path, ...]:
    names = re.split(r"[;\n]", _text(line, "attachments"))
    return tuple(folder / name.strip() for name in names if name.strip())


def _text(line: Line, column: str) -> str:
    cell = line.cells.get(column, "")
    return cell if isinstance(cell, str) else ""
