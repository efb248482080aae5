"""What a stranger wrote in a case is shown on the terminal, and commands nothing there."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from rich.text import Text

from agent.cli.errors import Explanation
from agent.cli.exit_codes import ExitCode
from agent.cli.output import console
from agent.cli.output import highlighted
from agent.cli.output import table
from agent.printable import printable
from agent.printable import printable_lines
from storage.json_text import json_text
from storage.records import AttachmentRef

Runner = Callable[..., Any]

#: A window title, a clipboard write, a link, colours, a cleared screen, C1, a carriage return, a bell, an override,
#: rich's markup, and a line feed that begins a line of its own.
HOSTILE = (
    "a\x1b]0;owned\x07b\x1b]52;c;cm0gLXJm\x07c\x1b]8;;https://evil.example\x1b\\d\x1b[31me\x1b[2J\x9b31m\x85"
    "f\rcaselog: all is well\b\x7f\u202egpj.exe\u2066[red]g[/red][link=https://evil.example]h\u2028i"
)
PIECES = st.one_of(st.text(max_size=40), st.sampled_from([HOSTILE, "\x1b[0m", "\r", "\n", "\x9b", "\u202e", "[bold]"]))
TEXTS = st.lists(PIECES, max_size=6).map("".join)


def obeyed(shown: str) -> list[str]:
    """The characters that a terminal would act on."""
    return [character for character in shown if character != "\n" and unicodedata.category(character) in {"Cc", "Cf"}]


@given(TEXTS)
def test_no_text_reaches_the_terminal_as_a_command(text: str) -> None:
    """However a command prints a text, nothing in it is a control character, and what is visible is all there."""
    stream = io.StringIO()
    console(stream).print(text, Text(text), highlighted("> ", text, [(0, 1)]), table(("text",), [(text,)]))

    assert [] == obeyed(stream.getvalue())


@given(TEXTS)
def test_each_character_keeps_its_place(text: str) -> None:
    """Marks of a search hit stand where they stood, and a printable text is left alone."""
    shown = printable(text)

    assert len(text) == len(shown) == len(printable_lines(text))
    assert all(after in {before, " "} for before, after in zip(text, shown, strict=True))
    assert shown == printable(shown)


@given(st.recursive(TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_json_is_exact_and_harmless(value: Any) -> None:
    """A program gets the very value; a terminal that shows the JSON obeys nothing of it."""
    for text in (json_text(value), json_text(value, indent=2), json_text(value, ascii_only=True)):
        assert value == json.loads(text)
        assert not [character for character in obeyed(text) if unicodedata.category(character) == "Cc"]
        assert not set("\u202a\u202e\u2066\u2069") & set(text)


@pytest.fixture
def hostile(archived: Callable[..., None], make_case: Callable[..., Any], make_message: Callable[..., Any]) -> None:
    """An archived case whose every text is hostile."""
    file = AttachmentRef(name=HOSTILE, mime=HOSTILE)
    one = make_message(1, author=HOSTILE, body=f"refund {HOSTILE}", attachments=(file,))
    again = make_message(1, author=HOSTILE, body=f"refund again {HOSTILE}", attachments=(file,))
    gone = make_message(2, author=HOSTILE, body=HOSTILE)
    archived(make_case(subject=HOSTILE, status_raw=HOSTILE, url=f"http://127.0.0.1/{HOSTILE}", messages=(one, gone)))
    archived(make_case(subject=HOSTILE, status_raw=HOSTILE, url=f"http://127.0.0.1/{HOSTILE}", messages=(again,)))


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    "arguments",
    [
        ("cases", "list"),
        ("cases", "show", "100", "--versions"),
        ("cases", "search", "refund"),
        ("cases", "search", "evil"),
        ("outbox", "list"),
        ("status",),
        ("verify",),
        ("cases", "show", HOSTILE),
    ],
    ids=lambda arguments: "-".join(arguments[:2]),
)
def test_commands_show_hostile_texts_unharmed(caselog: Runner, arguments: tuple[str, ...]) -> None:
    """Lists, cases, hits, queue, status and errors hold no character that a terminal would act on."""
    ran = caselog(*arguments)

    assert ran.out or ran.err
    assert [] == obeyed(ran.out + ran.err)


@pytest.mark.usefixtures("hostile")
def test_approval_shows_a_hostile_thread_unharmed(caselog: Runner) -> None:
    """The person who approves sees the thread's subject on one line, and no line that only looks like ours."""
    caselog("outbox", "add", "main", "100", "--text", "Thank you for the answer.")

    ran = caselog("outbox", "approve", "1")

    assert [] == obeyed(ran.out + ran.err)
    assert 1 == len([line for line in ran.err.splitlines() if "[red]g[/red]" in line and line.startswith("Case 100")])


@pytest.mark.usefixtures("hostile")
def test_json_has_the_very_texts(caselog: Runner, tmp_path: Path) -> None:
    """What programs get is the archive's text to the letter."""
    file = tmp_path / "out.jsonl"
    caselog("export", "jsonl", str(file))
    exported = file.read_text(encoding="utf-8")
    assert (HOSTILE, []) == (json.loads(exported)["subject"], obeyed(exported))
    assert HOSTILE == caselog("cases", "show", "100", "--json").value["subject"]
    assert HOSTILE == caselog("cases", "list", "--json").value["cases"][0]["status_raw"]


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    ("encoding", "arguments"),
    [
        ("gbk", ("cases", "show", "100")),
        pytest.param("gbk", ("cases", "search", "refund"), marks=pytest.mark.long),
        pytest.param("ascii", ("cases", "list"), marks=pytest.mark.long),
    ],
)
def test_no_code_page_ends_a_command(configured: Path, encoding: str, arguments: tuple[str, ...]) -> None:
    """A console that lacks the characters shows something in their place."""
    command = [sys.executable, "-m", "agent.cli.main", "--home", str(configured), *arguments]

    done = subprocess.run(command, capture_output=True, check=False, env={"PYTHONIOENCODING": encoding})

    assert (0, b"") == (done.returncode, done.stderr)
    assert b"\x1b" not in done.stdout


def test_errors_show_hostile_texts_unharmed(caselog: Runner, configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal's text inside an error is shown like any other."""
    from agent.cli import main

    told = Explanation(ExitCode.PARTIAL, HOSTILE, HOSTILE, (HOSTILE,))
    monkeypatch.setattr(main, "explain", lambda _error: told)

    ran = caselog("cases", "list")

    assert (20, []) == (ran.code, obeyed(ran.err))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_log_lines_on_the_console_command_nothing(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """A reason or a name in the log is shown like any other text; the file has it exactly, as JSON."""
    import logging
    import tempfile

    from agent.log import get_logger
    from agent.log import start_log
    from agent.log import stop_log
    from agent.secrets import Redactor

    with tempfile.TemporaryDirectory() as folder:
        start_log(Path(folder) / "log.jsonl", Redactor(), shown=logging.INFO)
        get_logger("test").info("page_read", reason=text)
        stop_log()
        (line,) = (Path(folder) / "log.jsonl").read_bytes().decode().removesuffix("\n").split("\n")

    assert text == json.loads(line)["reason"]
    assert [] == obeyed(capsys.readouterr().err)
