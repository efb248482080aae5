from __future__ import annotations

import zipfile
from collections.abc import Callable
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from storage import archive
from storage.database import Database
from storage.errors import TableUnreadable
from storage.records import CaseRecord
from storage.workbook import ReplyRow
from storage.workbook import ReplySheet
from storage.workbook import RowFault
from storage.workbook import RowProblem
from storage.workbook import read_replies
from storage.workbook import write_reply_sheet
from storage.workbook.encoding import decode

HEADINGS = ("Account", "Case", "Text", "Attachments", "Batch")


def reply(row: int, text: str, **changes: object) -> ReplyRow:
    fields = {"account": "acme", "case_id": "1001", "files": (), "batch": ""}
    return ReplyRow(row=row, text=text, **(fields | changes))  # type: ignore[arg-type]


def workbook(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def csv_file(path: Path, text: str, encoding: str) -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_sheet_and_back(
    database: Database, run_id: str, now: datetime, case: Callable[..., CaseRecord], tmp_path: Path
) -> None:
    """The prepared sheet lists the cases; what a person fills in comes back, the other rows are left out."""
    archive.ingest_batch(database, [case("0042", subject="=1+1"), case("1001")], run_id=run_id, seen_at=now)
    path = tmp_path / "replies.xlsx"
    assert 2 == write_reply_sheet(path, archive.list_cases(database), batch="B1")
    assert ReplySheet(rows=(), problems=(), unfilled=(2, 3)) == read_replies(path)
    book = openpyxl.load_workbook(path)
    sheet = book["replies"]
    row = next(row for row in range(2, 4) if sheet[f"B{row}"].value == "0042")
    sheet[f"C{row}"] = "Line one\nline two"
    book.save(path)
    found = read_replies(path)
    assert ((reply(row, "Line one\nline two", case_id="0042", batch="B1"),), ()) == (found.rows, found.problems)


def test_workbook_rows(tmp_path: Path) -> None:
    """Columns are found by their headings in any order; numbers that Excel made of texts come back whole."""
    (tmp_path / "a.png").write_text("")
    (tmp_path / "b.pdf").write_text("")
    path = workbook(
        tmp_path / "r.xlsx",
        [
            ("text", "CASE", "note", "account", "Attachments", "batch"),
            ("Hello", 123456789012345, "x", "acme", "a.png; b.pdf;", None),
            (None, None, None, None, None, None),
            (42.0, "1001", None, "acme", None, 7),
        ],
    )
    found = read_replies(path)
    files = (tmp_path / "a.png", tmp_path / "b.pdf")
    expected = (reply(2, "Hello", case_id="123456789012345", files=files), reply(4, "42", batch="7"))
    assert (expected, ()) == (found.rows, found.problems)


def test_every_bad_row_is_reported(tmp_path: Path) -> None:
    """All that is wrong is reported together, by the row numbers that the spreadsheet shows."""
    path = workbook(
        tmp_path / "r.xlsx",
        [
            HEADINGS,
            ("acme", "1001", "Fine"),
            (None, None, "No account and no case"),
            ("acme", 1234567890123456789, "Rounded"),
            ("acme", "1001", datetime(2026, 11, 24, tzinfo=UTC).replace(tzinfo=None)),
            ("acme", "1001", True),
            ("acme", "1001", "A file", "missing.png"),
            ("acme", "1001", "Fine"),
            ("acme", "1001", None, "missing.png"),
            ("acme", 1.5, "Fraction"),
        ],
    )
    found = read_replies(path)
    assert (reply(2, "Fine"),) == found.rows
    assert [
        (3, "account", RowFault.EMPTY),
        (3, "case", RowFault.EMPTY),
        (4, "case", RowFault.UNCLEAR),
        (5, "text", RowFault.UNCLEAR),
        (6, "text", RowFault.UNCLEAR),
        (7, "attachments", RowFault.NO_FILE),
        (8, "text", RowFault.REPEATED),
        (9, "text", RowFault.EMPTY),
        (9, "attachments", RowFault.NO_FILE),
        (10, "case", RowFault.UNCLEAR),
    ] == [(problem.row, problem.column, problem.fault) for problem in found.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """CSV files as Excel writes them, in UTF-8 with and without a mark, UTF-16 and GBK; cells may span lines."""
    rows = ["account,case,text", 'acme,1001,"您好，""请退款""\n谢谢"', "", "acme,1002,好的"]
    text = "\r\n".join(rows).replace(",", delimiter)
    found = read_replies(csv_file(tmp_path / "r.csv", text, encoding))
    expected = (reply(2, '您好，"请退款"\n谢谢'), reply(4, "好的", case_id="1002"))
    assert (expected, ()) == (found.rows, found.problems)


@pytest.mark.parametrize("blank", ["\n", "\r\n", " \n", ";;\n"])
def test_table_may_begin_below_blank_lines(tmp_path: Path, blank: str) -> None:
    """The first row that is not empty has the headings, and rows are counted from the file's beginning."""
    text = f"{blank}account;case;text\nacme;1001;Hello"
    assert (reply(3, "Hello"),) == read_replies(csv_file(tmp_path / "r.csv", text, "utf-8")).rows


@pytest.mark.parametrize("text", ["account,case,text\nacme,1,für Sie", "account,case,text\nacme,1,déjà réglé à côté"])
def test_western_encoding_is_not_taken_for_chinese(tmp_path: Path, text: str) -> None:
    """A file in a Western encoding is refused; read as GBK it would be a reply of nonsense."""
    with pytest.raises(TableUnreadable, match="UTF-8"):
        read_replies(csv_file(tmp_path / "r.csv", text, "cp1252"))


def test_rare_character_is_still_chinese() -> None:
    """A text with a rare character among common ones is still GBK."""
    text = "请问朱镕基先生的退款什么时候可以到账，谢谢"
    assert text == decode(text.encode("gbk"))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"account,text\n", "lacks the headings: case"),
        ("a.xlsx", b"PK\x03\x04 broken", "damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls"),
        ("a.csv", b"account,case,text\n\xff\xfe\xfd", "encoding"),
        ("a.csv", b"account,case,text,Text\nacme,1001,,Hello", "stand twice in its first row: text"),
        ("a.csv", b"account,batch,case,text,batch\nacme,b,1001,Hello,", "stand twice in its first row: batch"),
    ],
)
def test_unreadable(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    """A file that cannot be read as a whole says why."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableUnreadable) as refusal:
        read_replies(tmp_path / name)
    assert reason in refusal.value.reason


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(TableUnreadable, match="it is not there"):
        read_replies(tmp_path / "none.xlsx")


def test_zip_bomb(tmp_path: Path) -> None:
    """A small file that would unpack to gigabytes is refused before it is unpacked."""
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(310):
            part.write(bytes(1_000_000))
    with pytest.raises(TableUnreadable, match="unreasonable"):
        read_replies(path)


def test_entity_bomb(tmp_path: Path) -> None:
    """XML that grows by entities is refused."""
    good = workbook(tmp_path / "good.xlsx", [HEADINGS, ("acme", "1", "x")])
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9)
    )
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == "xl/worksheets/sheet1.xml":
                content = f"{entities}]><x>&j;</x>".encode()
            target.writestr(item, content)
    with pytest.raises(TableUnreadable):
        read_replies(tmp_path / "bad.xlsx")


def test_headings_in_a_later_sheet(tmp_path: Path) -> None:
    """The rows may stand in a sheet that is not the first."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("mine")
    sheet.append(HEADINGS)
    sheet.append(("acme", "1001", "Hello"))
    book.save(tmp_path / "r.xlsx")
    assert (reply(2, "Hello"),) == read_replies(tmp_path / "r.xlsx").rows


def test_second_sheet_with_the_headings_is_refused(tmp_path: Path) -> None:
    """Which of two tables is meant, nobody guesses: the replies of the other one would be left out."""
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("copy")):
        assert sheet is not None
        sheet.append(HEADINGS)
        sheet.append(("acme", "1001", sheet.title))
    book.save(tmp_path / "r.xlsx")
    with pytest.raises(TableUnreadable, match="several of its sheets have the headings"):
        read_replies(tmp_path / "r.xlsx")


def test_formula_that_was_never_calculated_is_told(tmp_path: Path) -> None:
    """A formula's result is read where the file has it; where a program wrote none, the row is told, not left out."""
    path = workbook(tmp_path / "r.xlsx", [HEADINGS, ("acme", "1001", '="Hello "&B2'), ("acme", "1002", "Hello")])
    why = "'=\"Hello \"&B2' is a formula without a result: open the file in Excel and save it"
    expected = ReplySheet(
        rows=(reply(3, "Hello", case_id="1002"),),
        problems=(RowProblem(row=2, column="text", fault=RowFault.UNCLEAR, detail=why),),
    )
    assert expected == read_replies(path)


def test_row_without_a_reply_is_told(tmp_path: Path) -> None:
    """A row that names a case and has no text is left out and told; a remark between the rows is none."""
    rows = [HEADINGS, ("acme", "1001", " "), ("acme", "1002", "Hello"), (None, "1003"), (None, None, None, None, "b")]
    expected = ReplySheet(rows=(reply(3, "Hello", case_id="1002"),), problems=(), unfilled=(2, 4))
    assert expected == read_replies(workbook(tmp_path / "r.xlsx", rows))


def test_name_that_no_file_can_have_is_a_bad_row(tmp_path: Path) -> None:
    """A reply that was typed into the attachments' column is told with its row, however long it is."""
    typed = "Dear team, " * 40
    path = workbook(tmp_path / "r.xlsx", [HEADINGS, ("acme", "1001", "Hello", typed)])
    why = f"{tmp_path / typed.strip()} cannot be read (File name too long)"
    problem = RowProblem(row=2, column="attachments", fault=RowFault.NO_FILE, detail=why)
    assert ReplySheet(rows=(), problems=(problem,)) == read_replies(path)


@pytest.mark.parametrize(
    "changes",
    [{6: b"\xff\x00"}, {8: b"\x00\x08", 46: b"\xff\xfe"}],
    ids=["of a future version of zip", "with a name that is no UTF-8, as it says"],
)
def test_damaged_table_of_contents_is_told(tmp_path: Path, changes: dict[int, bytes]) -> None:
    """Whatever the workbook's own list of parts is damaged by, the file is refused as damaged."""
    path = workbook(tmp_path / "r.xlsx", [HEADINGS])
    whole = bytearray(path.read_bytes())
    place = whole.index(b"PK\x01\x02")
    for offset, content in changes.items():
        whole[place + offset : place + offset + len(content)] = content
    path.write_bytes(whole)
    with pytest.raises(TableUnreadable, match="no Excel workbook, or a damaged one"):
        read_replies(path)
