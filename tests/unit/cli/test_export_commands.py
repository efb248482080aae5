"""`cases show` and `export jsonl`: everything that the archive holds can be got out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database
from storage.records import AttachmentRef

Runner = Callable[..., Any]


@pytest.fixture
def changed(archived: Callable[..., None], make_case: Callable[..., Any], make_message: Callable[..., Any]) -> None:
    """A case of which one message was changed and another taken away by the portal."""
    archived(make_case(messages=(make_message(1), make_message(2), make_message(3))))
    archived(make_case(messages=(make_message(1, body="Edited by the portal"), make_message(2))))


@pytest.mark.usefixtures("changed")
def test_case_is_shown_with_what_the_portal_shows_no_more(caselog: Runner) -> None:
    """A vanished message and an earlier content are part of the answer."""
    value = caselog("cases", "show", "100", "--versions", "--json").value

    assert ["Edited by the portal", "Message 2 about the refund 退款"] == [each["body"] for each in value["messages"]]
    assert ["m3"] == [each["id"] for each in value["vanished"]]
    assert ["Message 1 about the refund 退款", "Edited by the portal"] == [each["body"] for each in value["versions"]]


@pytest.mark.usefixtures("changed")
def test_case_is_readable_by_people(caselog: Runner) -> None:
    """Author, time with its zone and text stand together."""
    out = caselog("cases", "show", "100").out

    assert "You, 2026-01-15 14:00 CET\n  Edited by the portal" in out
    assert "no longer shown since" in out


def test_files_that_went_are_shown(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any], make_message: Callable[..., Any]
) -> None:
    """A file that the portal took away, alone or with its message, is shown with the time; an erased one is not."""
    files = [AttachmentRef(name=f"{name}.pdf") for name in ("one", "two", "three")]
    thread = [make_message(number, attachments=(file,)) for number, file in enumerate(files, start=1)]
    archived(make_case(messages=tuple(thread)))
    archived(make_case(messages=(make_message(1), make_message(3))))
    erasing = ("archive", "erase", "--account", "main", "--case", "100", "--message", "m3")
    caselog(*erasing, "--yes", caselog(*erasing, "--json").value["digest"], "--reason", "x")

    value, out = caselog("cases", "show", "100", "--json").value, caselog("cases", "show", "100").out

    file = {"mime": None, "size": None, "sha256": None}
    assert [{"message_id": "m1", "name": "one.pdf", **file, "gone_at": "2026-01-15T12:00:00Z"}] == value["gone"]
    assert [[{"name": "two.pdf", **file}]] == [each["attachments"] for each in value["vanished"]]
    assert "  [file] one.pdf (not fetched) (no longer shown since 2026-01-15 13:00 CET)\n" in out
    assert "  [file] two.pdf (not fetched)\n" in out


def test_case_of_several_accounts_wants_a_name(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """The same id in two accounts is never guessed."""
    archived(make_case())
    archived(make_case(account="other"), account="other")

    ran = caselog("cases", "show", "100")

    assert (2, True) == (ran.code, "main, other" in ran.err)
    assert "other" == caselog("cases", "show", "100", "--account", "other", "--json").value["account"]


@pytest.mark.usefixtures("database")
def test_case_that_is_not_there_is_named(caselog: Runner) -> None:
    """A mistyped id is told as such."""
    ran = caselog("cases", "show", "999")

    assert (2, True) == (ran.code, "no case '999'" in ran.err)


@pytest.mark.usefixtures("changed")
def test_export_is_one_case_per_line(caselog: Runner, tmp_path: Path) -> None:
    """The file is UTF-8 with line feeds, and says how many cases it holds."""
    file = tmp_path / "out.jsonl"

    ran = caselog("export", "jsonl", str(file), "--json")

    assert {"path": str(file), "cases": 1} == ran.value
    content = file.read_bytes()
    assert content.endswith(b"\n")
    assert b"\r" not in content
    assert "退款".encode() in content
    assert "100" == json.loads(content)["case_id"]
    assert [file] == list(tmp_path.glob("*.jsonl"))


@pytest.mark.usefixtures("changed")
def test_export_goes_to_a_pipe_unharmed(configured: Path) -> None:
    """Standard output gets UTF-8 whatever the console speaks."""
    command = [sys.executable, "-m", "agent.cli.main", "--home", str(configured), "export", "jsonl", "-"]

    done = subprocess.run(command, capture_output=True, check=True, env={"PYTHONIOENCODING": "gbk"})

    assert "Message 2 about the refund 退款" == json.loads(done.stdout.decode("utf-8"))["messages"][1]["body"]


@pytest.mark.usefixtures("changed")
@pytest.mark.parametrize("kind", ["jsonl", "xlsx"])
def test_place_that_is_not_there_is_told(caselog: Runner, tmp_path: Path, kind: str) -> None:
    """A folder that does not exist is the person's mistake, not a bug."""
    ran = caselog("export", kind, str(tmp_path / "nowhere" / "out"))

    assert (2, True) == (ran.code, "there is no folder" in ran.err)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such files")
@pytest.mark.parametrize("kind", ["jsonl", "xlsx"])
def test_only_a_file_is_written_over(caselog: Runner, database: Database, tmp_path: Path, kind: str) -> None:
    """A pipe or a device is refused, since a file would take its place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    ran = caselog("export", kind, str(pipe))

    assert (2, True) == (ran.code, pipe.is_fifo())
    assert "name a file" in ran.err
