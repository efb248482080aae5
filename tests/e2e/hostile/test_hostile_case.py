"""What a portal shows is data: read in real browsers, archived, searched, exported and printed, it stays harmless."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import openpyxl
import pytest
from aiohttp import web

from agent.extract.snapshot import Engine
from storage import archive
from storage.journal import RunOutcome
from storage.records import CaseRef
from tests.e2e.hostile.conftest import HostileHouse
from tests.e2e.portal.small_portal import SmallPortal
from tests.e2e.portal.small_portal import case
from tests.e2e.portal.small_portal import message
from tests.e2e.portal.small_portal import page
from tests.e2e.portal.small_portal import rows

SCRIPT = "<script>document.title = 'taken over'</script><img src=x onerror=\"document.title = 'taken over'\">"
LINK = '<a href="javascript:alert(1)">click</a>'
TERMINAL = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b2J\u202eevil"
FORMULA = '=HYPERLINK("http://evil.example","refund")'
NAMES = ["../../../etc/passwd", "CON", "a\x1b[2J.txt", "invoice\u202efdp.exe", "=cmd|' /C calc'!A0.csv"]
PARAGRAPHS = 40_000
#: Ten megabytes.
LONG = "".join(f"<p>paragraph {n} of a very long message, with words {'enough ' * 28}" for n in range(PARAGRAPHS))
DEEP = 100_000
CROWD = " ".join(f"a{n}" for n in range(20_000))


def serve(desk: SmallPortal, bodies: list[str]) -> None:
    """One case for each body; the first has files with odd names."""
    desk.pages["/list"] = page(rows(list(range(1, len(bodies) + 1))))
    for number, body in enumerate(bodies, start=1):
        files = [f"<a class=file href=/file/{n}>{escape(name)}</a>" for n, name in enumerate(NAMES)]
        text = body + "".join(files if number == 1 else [])
        subject = FORMULA + TERMINAL if number == 1 else f"Subject {number}"
        shown = case(message(text), str(number)).replace(f"Subject {number}", escape(subject))
        desk.pages[f"/case/{number}"] = shown

    async def file(request: web.Request) -> web.StreamResponse:
        return web.Response(body=f"content of {request.path}".encode(), content_type="application/octet-stream")

    for n in range(len(NAMES)):
        desk.pages[f"/file/{n}"] = file


def body_of(house: HostileHouse, case_id: str) -> str:
    with house.archive() as database:
        record = archive.get_case(database, CaseRef(account="small", case_id=case_id)).record
    return record.messages[0].body


@pytest.mark.parametrize("engine", [Engine.CHROMIUM, pytest.param(Engine.FIREFOX, marks=pytest.mark.long)])
def test_markup_names_and_control_characters_do_nothing(
    desk: SmallPortal, house: Callable[[Engine], HostileHouse], tmp_path: Path, engine: Engine
) -> None:
    """Scripts do not run in what is shown, names leave no folder, formulas stay text, terminals get no commands."""
    serve(desk, [f"Dear {escape(TERMINAL)} customer {SCRIPT}{LINK}", escape(FORMULA)])
    home = house(engine)

    outcome = home.run()

    assert (RunOutcome.COMPLETE, 5) == (outcome.outcome, outcome.counts.attachments)
    printed = "".join(home.command("cases", *words) for words in (("list",), ("show", "1"), ("search", "Dear")))
    assert "customer" in printed
    assert set() == {char for char in printed if (char < " " and char not in "\n\t") or "\x7f" <= char <= "\x9f"}
    home.command("export", "xlsx", str(tmp_path / "all.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [] == [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert any(FORMULA in str(cell.value) for cell in cells)
    folder = tmp_path / "case"
    home.command("export", "case", "small", "1", "--to", str(folder))
    shown = (folder / "case.html").read_text(encoding="utf-8")
    assert [] == [bad for bad in ("<script", "onerror", "javascript:") if bad in shown]
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert len(NAMES) == sum(path.read_bytes().startswith(b"content of") for path in written)
    assert all(path.resolve().is_relative_to(folder.resolve()) for path in written)
    assert [] == [path.name for path in written if path.stem.upper() == "CON" or not path.name.isprintable()]
    home.command("verify")


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("engine", [Engine.CHROMIUM, Engine.FIREFOX])
def test_monstrous_pages_end(
    desk: SmallPortal, house: Callable[[Engine], HostileHouse], tmp_path: Path, engine: Engine
) -> None:
    """A message of ten megabytes, one nested a hundred thousand times, an element with twenty thousand attributes: all
    are read, found again, compared, exported and checked.
    """
    serve(desk, [LONG, "<div>" * DEEP + "the deepest word", f"<p {CROWD}>a word in a crowd"])
    home = house(engine)

    outcome = home.run()

    assert (RunOutcome.COMPLETE, 3) == (outcome.outcome, outcome.counts.new)
    assert PARAGRAPHS == body_of(home, "1").count("very long message")
    assert ("the deepest word", "a word in a crowd") == (body_of(home, "2"), body_of(home, "3"))
    assert RunOutcome.COMPLETE is home.run(full=True).outcome
    assert "1" in home.command("cases", "search", f"paragraph {PARAGRAPHS - 1}")
    home.command("export", "xlsx", str(tmp_path / "all.xlsx"))
    openpyxl.load_workbook(tmp_path / "all.xlsx")
    assert 3 == len(home.command("export", "jsonl", "-").splitlines())
    for case_id in ("1", "2", "3"):
        home.command("export", "case", "small", case_id, "--to", str(tmp_path / f"case-{case_id}"))
        home.command("cases", "show", case_id)
    home.command("verify")
