"""Workbooks and tables that were made to harm: each is read, or refused with a reason, and soon."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.escape import unescape

from storage.errors import TableUnreadable
from storage.workbook import ReplySheet
from storage.workbook import read_replies
from storage.workbook.cells import clean_text
from storage.workbook.cells import utf16_length
from storage.workbook.sheets import Column
from storage.workbook.sheets import Linked
from storage.workbook.sheets import Sheet

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEADINGS = "account,case,text\n"

TEXTS = st.one_of(
    st.text(st.characters(), max_size=60),
    st.sampled_from(
        ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "#REF!", "_x0041_", "\x00\x0b\x1f", "\ud83d", "\ufffe"]
    ),
    st.sampled_from(["=cmd|' /C calc'!A0", "x" * 40_000, "😀" * 20_000, "\r\n", "<b>&amp;</b>", "\x85\u2028"]),
)
TARGETS = st.one_of(
    st.none(), st.just("https://portal.example/" + "a" * 3000), st.text(max_size=30).map("https://p/".__add__)
)
TIMES = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.tuples(TEXTS, TARGETS, TIMES), max_size=3))
def test_every_text_comes_out_of_excel_as_the_text_that_it_was(
    tmp_path: Path, rows: list[tuple[str, str | None, datetime]]
) -> None:
    """No text is a formula or breaks the file; what XML or Excel cannot hold is replaced, or cut with a note."""
    book = Workbook(write_only=True)
    sheet = Sheet(book, "s", [Column("text"), Column("link"), Column("time")], UTC)
    for text, target, moment in rows:
        sheet.append([text, Linked(text, target) if text and target else text, moment])
    sheet.finish()
    book.save(tmp_path / "out.xlsx")

    loaded = openpyxl.load_workbook(tmp_path / "out.xlsx")
    read = list(loaded["s"].iter_rows(min_row=2))
    assert len(rows) == len(read)
    for (text, target, moment), (first, second, third) in zip(rows, read, strict=True):
        expected = unescape(clean_text(text))
        assert [expected, expected] == [unescape(str(first.value or "")), unescape(str(second.value or ""))]
        assert {first.data_type, second.data_type} <= {"s", "inlineStr", "n"}
        assert utf16_length(clean_text(text)) <= 32_767
        link = second.hyperlink.target if second.hyperlink else None
        assert (link is None) is (not text or target is None or len(target) > 2_000)
        assert link is None or (link.isascii() and len(link) <= 2_079)
        wall = moment.replace(tzinfo=None, microsecond=0)
        assert third.value in {wall, wall.isoformat(" ")}
    loaded.close()


def workbook(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """A good workbook in which some parts are replaced."""
    book = openpyxl.Workbook()
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        good = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**good, **parts}.items():
            archive.writestr(name, content)
    return path


def sheet_of(rows: str, before: str = "") -> str:
    cells = "".join(
        f'<c r="{column}1" t="inlineStr"><is><t>{heading}</t></is></c>'
        for column, heading in zip("ABC", ("account", "case", "text"), strict=True)
    )
    head = f'<row r="1">{cells}</row>'
    return f"<?xml version='1.0'?>{before}<worksheet {NAMESPACE}><sheetData>{head}{rows}</sheetData></worksheet>"


def cell(place: str, text: str = "x") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + number)} '{f'&{chr(97 + number)};' * 10}'>" for number in range(9)
)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"xl/sharedStrings.xml": b"<sst>" + b" " * 101_000_000}, "unreasonable size"),
        ({f"xl/media/{number}": b"" for number in range(2_001)}, "unreasonable size"),
        ({SHEET: sheet_of(f'<row r="2">{cell("A2", "&j;")}</row>', f"{LAUGHS}]>")}, "no Excel workbook"),
        (
            {
                SHEET: sheet_of(
                    f'<row r="2">{cell("A2", "&a;")}</row>', "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hosts'>]>"
                )
            },
            "no Excel workbook",
        ),
        ({SHEET: sheet_of(f'<row r="999999999">{cell("A999999999")}</row>')}, "more than 1048576 rows"),
        ({SHEET: sheet_of('<row r="2"><c r="A2"><v>1e999</v></c><c r="B2"><v>nan</v></c></row>')}, "no Excel workbook"),
        ({"xl/workbook.xml": f"<workbook {NAMESPACE}><sheets><a/><a/></sheets></workbook>"}, "no Excel workbook"),
        ({"xl/workbook.xml": "<html>"}, "no Excel workbook"),
        ({SHEET: b"\xff\xfe\x00"}, "no Excel workbook"),
    ],
    ids=["bomb", "parts", "laughs", "outside", "far row", "numbers", "types", "html", "bytes"],
)
def test_harmful_workbook_is_refused(tmp_path: Path, parts: Mapping[str, str | bytes], reason: str) -> None:
    """Bombs, entities, places beyond the sheet and damaged parts give a reason, and nothing of another file."""
    with pytest.raises(TableUnreadable, match=reason):
        read_replies(workbook(tmp_path / "in.xlsx", parts))


def test_columns_without_end_are_passed_over(tmp_path: Path) -> None:
    """A cell in the last column of many rows does not make every row as wide."""
    rows = "".join(f'<row r="{row}">{cell(f"A{row}")}{cell(f"XFD{row}")}</row>' for row in range(2, 200))

    found = read_replies(workbook(tmp_path / "in.xlsx", {SHEET: sheet_of(rows)}))

    assert ReplySheet(rows=(), problems=(), unfilled=tuple(range(2, 200))) == found


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xlsx", b"<html><body>Sign in</body></html>", "no Excel workbook"),
        ("a.xlsx", b"PK\x03\x04 and nothing else", "no Excel workbook"),
        ("a.csv", b"<html><body>Sign in</body></html>", "lacks the headings"),
        ("a.csv", b"\x00" * 100, "lacks the headings"),
        ("a.csv", b"account,case,text\n" + bytes(range(128, 256)), "encoding"),
        ("a.csv", b"\xff\xfea", "encoding"),
        ("a.csv", b"", "is empty|lacks the headings"),
        ("a.csv", b"," * 1_000_000, "is empty"),
        ("a.csv", HEADINGS.encode() + b'a,1,"' + b"x" * 200_000 + b'"', "field limit"),
        ("a.csv", HEADINGS.encode() + b"\n" * 1_100_000, "more than 1048576 rows"),
        ("a.csv", b"x" * 20_000_001, "larger than 20 MB"),
    ],
)
def test_harmful_file_is_refused(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    """What is no table, or one without end, gives a reason."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(TableUnreadable, match=reason):
        read_replies(path)


def test_folder_is_refused(tmp_path: Path) -> None:
    """A folder with a workbook's name is told as such."""
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(TableUnreadable, match="it is no file"):
        read_replies(tmp_path / "a.xlsx")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes in the file system exist elsewhere")
def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes to would be waited for without end."""
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "a.xlsx")
    with pytest.raises(TableUnreadable, match="it is no file"):
        read_replies(tmp_path / "a.xlsx")


def outcome(read: Callable[[Path], object], path: Path) -> str:
    try:
        read(path)
    except TableUnreadable as error:
        return error.reason
    return "read"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(content=st.binary(max_size=300), headed=st.booleans(), suffix=st.sampled_from([".csv", ".xlsx", ""]))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes, headed: bool, suffix: str) -> None:
    """There is no file that ends the import otherwise."""
    path = tmp_path / f"in{suffix}"
    path.write_bytes(HEADINGS.encode() * headed + content)

    assert outcome(read_replies, path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(changes=st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), min_size=1, max_size=5))
def test_any_damage_to_a_workbook_is_told(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    """A workbook of which any bytes were changed is read or refused."""
    path = workbook(tmp_path / "in.xlsx", {SHEET: sheet_of(f'<row r="2">{cell("A2")}{cell("B2")}{cell("C2")}</row>')})
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    path.write_bytes(content)

    assert outcome(read_replies, path)
