"""What leaves a command: one object or one text, without secrets, at once, to whatever device is there."""

from __future__ import annotations

import getpass
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.cli import where
from agent.cli.interrupts import Interrupts
from agent.cli.invocation import Invocation
from agent.cli.invocation import _ask
from agent.cli.main import main
from agent.cli.output import show

Runner = Callable[..., Any]


@pytest.mark.parametrize(
    ("arguments", "what", "command"),
    [
        (("cases", "list", "--bogus"), "No such option: --bogus", "caselog cases list"),
        (("cases", "show"), "Missing argument 'CASE'.", "caselog cases show"),
        (("outbox", "approve"), "Invalid value: name one entry, or one batch with --batch", "caselog outbox approve"),
        (("bakcup",), "No such command 'bakcup'. Did you mean 'backup'?", "caselog"),
    ],
)
def test_usage_error_is_an_object_for_programs(
    caselog: Runner, arguments: tuple[str, ...], what: str, command: str
) -> None:
    """A program that mistypes an option reads the same object as for any other error."""
    ran = caselog(*arguments, "--json")

    step = f"See what it takes with: {command} --help"
    assert (2, {"error": {"exit_code": 2, "what": what, "where": [], "next": step}}) == (ran.code, ran.value)


def test_group_without_a_command_shows_its_help(caselog: Runner) -> None:
    """Whoever asks for nothing sees what there is, and a script sees that nothing was done."""
    ran = caselog("outbox")

    assert (2, True, False) == (ran.code, ran.err.startswith("Usage: caselog outbox"), "Next:" in ran.err)


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_is_printed(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    """However deep a secret stands in a result, programs see as little of it as people do."""
    call = Invocation()
    call.as_json = as_json
    call.redactor.register("correct horse")

    call.answer({"runs": [{"error": {"where": ("at correct horse",), "next": 3}}]}, "at correct horse")

    shown = capsys.readouterr().out
    expected: Any = {"runs": [{"error": {"where": ["at [redacted]"], "next": 3}}]} if as_json else "at [redacted]\n"
    assert expected == (json.loads(shown) if as_json else shown)


def test_result_is_there_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes to a file or a pipe does not wait for the command's end: a server's address is read while it serves."""
    device = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(device, encoding="utf-8"))

    show(["http://127.0.0.1:9"])

    assert b"http://127.0.0.1:9\n" == device.getvalue()


def ended(home: Path, output: int) -> tuple[int, str]:
    command = [sys.executable, "-m", "agent.cli.main", "--home", str(home), "where"]
    environ = {**os.environ, "PYTHONUNBUFFERED": ""}  # as a person runs it: what is printed waits in a buffer
    done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False, text=True, env=environ)
    return done.returncode, done.stderr


def test_reader_that_went_away(home: Path) -> None:
    """A closed pipe ends the command quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert (130, "") == ended(home, writing)
    finally:
        os.close(writing)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
def test_output_that_takes_nothing(home: Path) -> None:
    """A full device is told once, with its exit code, and not by the interpreter."""
    with Path("/dev/full").open("wb") as full:
        code, told = ended(home, full.fileno())

    assert (5, "caselog: The disk is full.") == (code, told.splitlines()[0])
    assert "Exception" not in told


def test_home_of_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    """A home that cannot be found is a mistake of the person's, not of the program's."""
    code = main(["--home", "~nosuch/x", "where"])

    assert (3, True) == (code, "--home: ~nosuch/x names no user" in capsys.readouterr().err)


def test_archive_folder_in_another_encoding(caselog: Runner, configured: Path) -> None:
    """A hand-written place of the archive that is not UTF-8 is named; with a byte order mark it is read."""
    note = configured / "archive-folder.txt"
    note.write_bytes("存档".encode("gbk"))
    ran = caselog("where", "--json")
    note.write_text("存档", encoding="utf-8-sig")
    places = {each["name"]: each["path"] for each in caselog("where", "--json").value["places"]}

    assert (3, ["the file: is not UTF-8; save it as UTF-8, with the archive's folder in it"]) == (
        ran.code,
        ran.value["error"]["where"],
    )
    assert str(configured / "存档" / "archive.sqlite3") == places["archive"]


def test_bug_is_told_with_a_line_that_shows_more(caselog: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line to run again is one that runs: --verbose stands where it is understood."""
    monkeypatch.setattr(where, "table", lambda *_: next(iter(())))

    ran = caselog("where")

    [line] = re.findall(r"Run it again with: (.*); if", ran.err)
    assert 1 == main(shlex.split(line)[1:])


def asked(monkeypatch: pytest.MonkeyPatch, answers: Callable[[str], str]) -> str:
    """The prompt as a run meets it: in the loop, where Ctrl-C waits for the work in hand."""
    monkeypatch.setattr(getpass, "getpass", answers)

    async def work() -> str:
        return _ask("password")

    return Interrupts(lambda _line: None).run(work())


def test_prompt_can_be_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first Ctrl-C at a password prompt ends the command."""

    def pressed(_question: str) -> str:
        signal.raise_signal(signal.SIGINT)
        return "typed all the same"

    with pytest.raises(KeyboardInterrupt):
        asked(monkeypatch, pressed)


def test_empty_answer_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever presses return is told that the secret is empty, instead of being asked for ever."""
    typed = iter(("", "asked again"))

    assert "" == asked(monkeypatch, lambda _question: next(typed))
