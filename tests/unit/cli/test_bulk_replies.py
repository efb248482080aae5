"""Many replies by one workbook: what is bad is told row by row, and importing again adds nothing twice."""

from __future__ import annotations

import csv
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Runner = Callable[..., Any]


@pytest.fixture(autouse=True)
def _three_cases(archived: Callable[..., None], make_case: Callable[..., Any]) -> None:
    archived(make_case("100"), make_case("200"), make_case("300"))


def csv_file(path: Path, *rows: tuple[str, ...], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([("account", "case", "text", "attachments", "batch"), *rows])
    return path


def test_sheet_is_filled_and_imported(caselog: Runner, tmp_path: Path) -> None:
    """The written workbook comes back as drafts, for the rows that somebody filled."""
    file = tmp_path / "replies.xlsx"
    assert 3 == caselog("outbox", "sheet", str(file), "--batch", "b1", "--json").value["rows"]
    workbook = openpyxl.load_workbook(file)
    cells = workbook["replies"]
    assert cells is not None
    row = next(each for each in cells.iter_rows(min_row=2) if each[1].value == "200")
    row[2].value = "Any news? 请回复 1"
    workbook.save(file)

    value = caselog("outbox", "import", str(file), "--json").value
    entries = caselog("outbox", "list", "--json").value["entries"]

    assert [(1, row[0].row)] == [(each["entry"], each["row"]) for each in value["added"]]
    assert [("200", "Any news? 请回复 1", "b1", "draft")] == [
        (entry["case_id"], entry["text"], entry["batch"], entry["status"]) for entry in entries
    ]


def test_filled_sheet_is_not_written_over(caselog: Runner, tmp_path: Path) -> None:
    """A sheet that is there may be filled: it stays as it is, and the answer says what to do."""
    file = tmp_path / "replies.xlsx"
    caselog("outbox", "sheet", str(file))
    before = file.read_bytes()

    ran = caselog("outbox", "sheet", str(file))

    assert (2, before) == (ran.code, file.read_bytes())
    assert "name a new file, or remove that one first" in " ".join(ran.err.replace("│", " ").split())


def test_failed_sheet_leaves_nothing(caselog: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet has its name only when it is whole: a full disk leaves no half of one behind."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    save = openpyxl.Workbook.save

    def fail(workbook: openpyxl.Workbook, path: Path) -> None:
        save(workbook, path)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(openpyxl.Workbook, "save", fail)

    assert caselog("outbox", "sheet", str(folder / "r.xlsx")).code != 0
    assert [] == list(folder.iterdir())


def test_rows_that_nobody_filled_are_counted(caselog: Runner, tmp_path: Path) -> None:
    """Rows of cases without a text are no fault, but how many were left out is said."""
    rows = (("main", "100", "", "", ""), ("main", "200", "Good 1", "", ""), ("main", "300", "", "", ""))
    file = csv_file(tmp_path / "r.csv", *rows)

    ran = caselog("outbox", "import", str(file))

    assert (0, True) == (ran.code, "2 rows name a case and have no text: they were left out." in ran.out)
    assert [2, 4] == caselog("outbox", "import", str(file), "--json").value["unfilled"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_csv_of_any_usual_encoding_is_read(caselog: Runner, tmp_path: Path, encoding: str) -> None:
    """Chinese Excel saves GBK, Windows a byte order mark: the text is the same."""
    file = csv_file(tmp_path / "r.csv", ("main", "100", "请处理退款申请，谢谢 1", "", ""), encoding=encoding)

    assert caselog("outbox", "import", str(file)).code == 0
    assert "请处理退款申请，谢谢 1" == caselog("outbox", "show", "1", "--json").value["text"]


def bad_file(tmp_path: Path) -> Path:
    return csv_file(
        tmp_path / "r.csv",
        ("main", "100", "Good 1", "", ""),
        ("mian", "100", "Wrong account", "", ""),
        ("main", "999", "Wrong case", "", ""),
        ("main", "200", "...", "", ""),
        ("main", "300", "No file", "missing.pdf", ""),
    )


def test_every_bad_row_is_told_and_nothing_added(caselog: Runner, tmp_path: Path) -> None:
    """One bad row keeps all back, so that half a batch is never sent by accident."""
    ran = caselog("outbox", "import", str(bad_file(tmp_path)), "--json")

    assert (2, []) == (ran.code, ran.value["added"])
    assert [(3, "account"), (4, "case"), (5, "text"), (6, "attachments")] == [
        (each["row"], each["column"]) for each in ran.value["problems"]
    ]
    assert [] == caselog("outbox", "list", "--json").value["entries"]


def test_good_rows_are_added_when_told_so(caselog: Runner, tmp_path: Path) -> None:
    """A person may decide that the good rows go ahead."""
    ran = caselog("outbox", "import", str(bad_file(tmp_path)), "--skip-bad", "--json")

    assert (0, [2], 4) == (ran.code, [each["row"] for each in ran.value["added"]], len(ran.value["problems"]))


def test_importing_again_adds_nothing_twice(caselog: Runner, tmp_path: Path) -> None:
    """A script that runs twice queues once, and says which entries hold the replies."""
    file = csv_file(tmp_path / "r.csv", ("main", "100", "Good 1", "", ""), ("main", "200", "Good 1", "", ""))
    caselog("outbox", "import", str(file))

    value = caselog("outbox", "import", str(file), "--json").value

    assert ([], [(2, 1, "draft"), (3, 2, "draft")]) == (
        value["added"],
        [(each["row"], each["entry"], each["status"]) for each in value["already"]],
    )


def test_file_that_is_no_table_is_told(caselog: Runner, tmp_path: Path) -> None:
    """A wrong file is a usage error with the reason."""
    file = tmp_path / "r.xlsx"
    file.write_bytes(b"PK\x03\x04 not a workbook")

    ran = caselog("outbox", "import", str(file))

    assert (2, True) == (ran.code, "cannot be read" in ran.err)


def test_workbook_holds_what_was_archived(caselog: Runner, tmp_path: Path) -> None:
    """The Excel export says how many rows each sheet has, with times in the person's zone."""
    file = tmp_path / "archive.xlsx"

    value = caselog("export", "xlsx", str(file), "--json").value

    assert (3, 6) == (value["rows"]["cases"], value["rows"]["messages"])
    sheet = openpyxl.load_workbook(file)["messages"]
    assert "sent (Europe/Berlin)" in [cell.value for cell in next(sheet.iter_rows(max_row=1))]
