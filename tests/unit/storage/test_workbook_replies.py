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
from storage.workbook import RowFault
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
    assert read_replies(path).rows == ()
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


@pytest.mark.parametrize("text", ["account,case,text\nacme,1,für Sie", "account,case,text\nacme,1,déjà réglé à côté"])
def test_western_encoding_is_not_taken_for_chinese(tmp_path: Path, text: str) -> None:
    """A file in a Western encoding is refused; read as GBK it would be a reply of nonsense."""
    with pytest.raises(TableUnreadable, match="UTF-8"):
        read_replies(csv_file(tmp_path / "r.csv", text, "cp1252"))


def test_decode_names_the_encoding() -> None:
    """ASCII counts as UTF-8, and a text with a rare character among common ones is still GBK."""
    assert ("a,b", "utf-8") == decode(b"a,b")
    text = "请问朱镕基先生的退款什么时候可以到账，谢谢"
    assert (text, "gb18030") == decode(text.encode("gbk"))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"account,text\n", "lacks the headings: case"),
        ("a.xlsx", b"PK\x03\x04 broken", "damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls"),
        ("a.csv", b"account,case,text\n\xff\xfe\xfd", "encoding"),
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
    with pytest.raises(TableUnreadable, match="No such file"):
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
