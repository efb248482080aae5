from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from storage import archive
from storage import journal
from storage.archive import CaseFilter
from storage.database import Database
from storage.journal import RunOutcome
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import MessageRecord
from storage.records import Tab
from storage.workbook import export_xlsx
from storage.workbook.cells import LONGEST_TEXT
from storage.workbook.cells import clean_text
from storage.workbook.cells import utf16_length
from storage.workbook.cells import wall_clock
from storage.workbook.sheets import Column
from storage.workbook.sheets import Sheet

BERLIN = ZoneInfo("Europe/Berlin")


def clock(day: int, hour: int) -> datetime:
    """A wall-clock time as Excel has it, without a zone."""
    return datetime(2026, 11, day, hour, tzinfo=UTC).replace(tzinfo=None)


def rows_of(sheet: Worksheet) -> list[dict[str, object]]:
    headings, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


@pytest.fixture
def exported(
    *,
    database: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
    tmp_path: Path,
) -> Workbook:
    file = AttachmentRef(name="a.pdf", mime="application/pdf", size=12, sha256="a" * 64)
    odd = case(
        "0042",
        subject='=HYPERLINK("http://evil.example")',
        messages=(
            message(1, body="=1+1\nsecond line", attachments=(file,)),
            message(2, body="bell\x07 and _x0041_ and \ud83d", author="+49 30 1234"),
        ),
        url="javascript:alert(1)",
    )
    archive.ingest_batch(
        database, [case("1001", url="https://portal.example/a b?c=<1>&d=%20"), odd], run_id=run_id, seen_at=now
    )
    archive.ingest(
        database,
        case("1001", messages=1, url="https://portal.example/a b?c=<1>&d=%20"),
        run_id=run_id,
        seen_at=now + timedelta(hours=1),
    )
    archive.note_tab(database, "acme", Tab.ALL, ["1001"], run_id=run_id, seen_at=now, complete=True)
    numbers = {"cases": {"seen": 2, "new": 2}, "messages": 4, "recoveries": [{}, {}], "engine": "chromium"}
    journal.finish_run(database, run_id, outcome=RunOutcome.COMPLETE, numbers=numbers, at=now + timedelta(minutes=5))
    counts = export_xlsx(database, tmp_path / "out.xlsx", zone=BERLIN, at=now)
    assert {"cases": 2, "messages": 4, "attachments": 1, "changes": 3, "runs": 1} == counts
    return openpyxl.load_workbook(tmp_path / "out.xlsx")


def test_cases(exported: Workbook, now: datetime) -> None:
    """A case is one row with real dates in the zone that the heading names."""
    first = rows_of(exported["cases"])[0]
    assert {
        "account": "acme",
        "case": "1001",
        "subject": "Case 1001",
        "status": "with_portal",
        "status at the portal": "Pending Amazon action",
        "tabs": "all",
        "created (Europe/Berlin)": clock(22, 13),
        "updated (Europe/Berlin)": clock(24, 12),
        "first seen (Europe/Berlin)": clock(24, 13),
        "last seen (Europe/Berlin)": clock(24, 13),
        "absent since (Europe/Berlin)": None,
        "complete": True,
        "messages": 1,
        "attachments": 0,
    } == first
    assert exported["cases"]["G2"].is_date


def test_sheets_are_ready_to_use(exported: Workbook) -> None:
    """Every sheet has a frozen, bold heading and a filter over all of its rows."""
    for sheet in exported:
        assert ("A2", sheet.dimensions) == (sheet.freeze_panes, sheet.auto_filter.ref)
        assert sheet["A1"].font.bold


def test_text_stays_text(exported: Workbook) -> None:
    """What looks like a formula is a text, also after somebody edits the cell; control bytes do no harm."""
    formulas = [cell.coordinate for sheet in exported for row in sheet for cell in row if cell.data_type == "f"]
    assert [] == formulas
    subject = exported["cases"]["C3"]
    assert ('=HYPERLINK("http://evil.example")', True) == (subject.value, subject.quotePrefix)
    assert "=1+1\nsecond line" == exported["messages"]["H4"].value
    assert "bell\ufffd and _x005F_x0041_ and \ufffd" == exported["messages"]["H5"].value
    assert ("+49 30 1234", "s") == (exported["messages"]["E5"].value, exported["messages"]["E5"].data_type)
    assert "0042" == exported["cases"]["B3"].value


def test_links(exported: Workbook) -> None:
    """A case leads to its page and to its messages, its first message back to it; other links are not made."""
    cases, messages, attachments = exported["cases"], exported["messages"], exported["attachments"]
    assert "https://portal.example/a%20b?c=%3C1%3E&d=%20" == cases["B2"].hyperlink.target
    assert cases["B3"].hyperlink is None
    assert "'messages'!A4" == cases["M3"].hyperlink.location
    assert "0042" == messages["B4"].value
    assert "'cases'!A3" == messages["B4"].hyperlink.location
    assert "'attachments'!A2" == cases["N3"].hyperlink.location
    assert "'cases'!A3" == attachments["B2"].hyperlink.location


def test_vanished_message(exported: Workbook) -> None:
    """A message that vanished stands after the thread, with the time."""
    gone = rows_of(exported["messages"])[1]
    assert ("m2", clock(24, 14)) == (gone["message"], gone["vanished (Europe/Berlin)"])


def test_files_that_the_portal_shows_no_more(
    *,
    database: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
    tmp_path: Path,
) -> None:
    """A file that went alone, and one that went with its message, keep their rows, with the time."""
    one, two, own = (AttachmentRef(name=name, size=1, sha256=name[0] * 64) for name in ("a.pdf", "b.pdf", "c.pdf"))
    thread = (message(1, attachments=(one,)), message(2, attachments=(two,)))
    archive.ingest(database, case(messages=thread, attachments=(own,)), run_id=run_id, seen_at=now)
    later = now + timedelta(hours=1)
    archive.ingest(database, case(messages=(message(1),), attachments=(own,)), run_id=run_id, seen_at=later)

    export_xlsx(database, tmp_path / "out.xlsx", zone=BERLIN, at=now)

    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert [(None, "c.pdf", None), ("m2", "b.pdf", clock(24, 14)), ("m1", "a.pdf", clock(24, 14))] == [
        (row["message"], row["name"], row["gone (Europe/Berlin)"]) for row in rows_of(book["attachments"])
    ]
    assert [1] == [row["attachments"] for row in rows_of(book["cases"])]


def test_changes_and_runs(exported: Workbook) -> None:
    """What changed and how the runs went is there too."""
    assert ["case_new", "case_new", "message_vanished"] == [row["change"] for row in rows_of(exported["changes"])]
    (run,) = rows_of(exported["runs"])
    assert ("complete", 2, 4, 2, "chromium", None) == (
        run["outcome"],
        run["cases seen"],
        run["messages"],
        run["recoveries"],
        run["engine"],
        run["seconds"],
    )


def test_filter(
    database: Database, run_id: str, now: datetime, case: Callable[..., CaseRecord], tmp_path: Path
) -> None:
    """One account's export holds nothing of another's."""
    archive.ingest(database, case(), run_id=run_id, seen_at=now)
    counts = export_xlsx(database, tmp_path / "o.xlsx", where=CaseFilter(account="other"), at=now)
    assert {"cases": 0, "messages": 0, "attachments": 0, "changes": 0, "runs": 0} == counts


def test_failed_export_keeps_the_old_file(
    database: Database, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook is replaced when the new one is whole; a failed one leaves nothing behind."""
    save = Workbook.save

    def fail(workbook: Workbook, path: Path) -> None:
        save(workbook, path)
        raise OSError

    monkeypatch.setattr(Workbook, "save", fail)
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "out.xlsx").write_text("old")
    with pytest.raises(OSError):
        export_xlsx(database, tmp_path / "export" / "out.xlsx", at=now)
    assert ["old"] == [path.read_text() for path in (tmp_path / "export").iterdir()]


@pytest.mark.parametrize("unit", ["x", "大", "😀"])
def test_longest_text(unit: str) -> None:
    """A text beyond Excel's limit is cut with a note, never within a character; one at the limit is not."""
    width = utf16_length(unit)
    fits = unit * (LONGEST_TEXT // width)
    assert fits == clean_text(fits)
    cut = clean_text(fits + unit)
    assert utf16_length(cut) <= LONGEST_TEXT
    assert f"this text has {utf16_length(fits + unit):,}]" in cut
    assert set(unit) == set(cut.split("\n[cut", 1)[0])


def test_old_date() -> None:
    """A time before Excel's calendar is a text."""
    assert "1899-12-31 23:00:00" == wall_clock(datetime(1899, 12, 31, 23, tzinfo=UTC), UTC)


def test_rows_go_on_in_a_second_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond Excel's number of rows a second sheet begins; links follow, and the rows are counted together."""
    monkeypatch.setattr("storage.workbook.sheets.MOST_ROWS", 3)
    workbook = Workbook(write_only=True)
    sheet = Sheet(workbook, "s", [Column("n")], UTC)
    places = []
    for number in range(3):
        places.append(sheet.next_place())
        sheet.append([number])
    sheet.finish()
    workbook.save(tmp_path / "a.xlsx")
    assert (["#'s'!A2", "#'s'!A3", "#'s 2'!A2"], 3) == (places, sheet.count)
    read = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert {"s": "A1:A3", "s 2": "A1:A2"} == {part.title: part.auto_filter.ref for part in read}


def test_links_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond Excel's number of links the values stay and the links end."""
    from storage.workbook.sheets import Linked

    monkeypatch.setattr("storage.workbook.sheets.MOST_LINKS", 1)
    workbook = Workbook(write_only=True)
    sheet = Sheet(workbook, "s", [Column("n")], UTC)
    for number in range(2):
        sheet.append([Linked(number, "https://portal.example/")])
    sheet.finish()
    workbook.save(tmp_path / "a.xlsx")
    read = openpyxl.load_workbook(tmp_path / "a.xlsx")["s"]
    assert [(0, True), (1, False)] == [(read[place].value, read[place].hyperlink is not None) for place in ("A2", "A3")]
    assert zipfile.is_zipfile(tmp_path / "a.xlsx")
