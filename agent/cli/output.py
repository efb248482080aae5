"""What a command prints: one JSON object for programs, or text for people. Never fails for want of a character."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from typing import TextIO

import typer
from rich.console import Console
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from agent.printable import printable
from agent.printable import printable_lines
from storage.json_text import json_text

#: Wide enough that nothing is cut when the output goes to a file or another program.
UNLIMITED_WIDTH = 10_000


def make_console_safe() -> None:
    """A character that the console's code page lacks is shown as `?` instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def drop_unwritten() -> None:
    """Let go of what no device or reader takes: the interpreter would try again at its end, and end with 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_json(value: Mapping[str, Any]) -> None:
    """One object on standard output; where the code page cannot say everything, escapes can."""
    readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    _write(json_text(value, ascii_only=not readable, indent=2) + "\n")


def _write(text: str) -> None:
    """At once: whoever waits at a pipe reads it now, and a device that takes no more is known while errors are told."""
    sys.stdout.write(text)
    sys.stdout.flush()


class SafeConsole(Console):
    """The one way to the terminal: whatever is printed, the terminal shows it and obeys nothing in it."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*map(_harmless, objects), **options)


def _harmless(item: Any) -> Any:
    """Texts without what a terminal would obey; of a table, the cells are (`table`)."""
    if isinstance(item, str):
        return Text(printable_lines(item))
    if isinstance(item, Text):
        item.plain = printable_lines(item.plain)
    return item


def console(stream: TextIO | None = None) -> Console:
    """A console on standard output: colours and the terminal's width only on a terminal."""
    stream = stream or sys.stdout
    width = None if stream.isatty() else UNLIMITED_WIDTH
    return SafeConsole(file=stream, width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)


def show(items: Iterable[RenderableType]) -> None:
    """Print for people; what goes to a file or a program carries no padding at the line's end."""
    out = console()
    if out.is_terminal:
        out.print(*items, sep="\n")
        return
    with out.capture() as captured:
        out.print(*items, sep="\n")
    _write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Plain columns without lines, so that they can be read, copied and cut."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        # Texts come from a portal: they are shown as they are, not read as markup or as terminal commands.
        made.add_row(*(Text(printable(cell)) for cell in row))
    return made


def highlighted(before: str, text: str, marks: Iterable[tuple[int, int]]) -> Text:
    """A line whose marked ranges stand out on a terminal."""
    line = Text(printable(before) + printable(text))
    for start, end in marks:
        line.stylize("bold", len(before) + start, len(before) + end)
    return line


def output_file(path: Path) -> Path:
    """A file that a person named to be written. A folder that is not there is a mistake of theirs, told at once."""
    if path.is_dir():
        message = f"{path} is a folder; name a file"
        raise typer.BadParameter(message)
    if path.exists() and not path.is_file():
        # It would be replaced by a file, like any other target: root would lose the device itself.
        message = f"{path} is a device, not a file; name a file"
        raise typer.BadParameter(message)
    if not path.absolute().parent.is_dir():
        message = f"there is no folder {path.absolute().parent}"
        raise typer.BadParameter(message)
    return path


def output_folder(path: Path) -> Path:
    """A folder that a person named to be made. What lies in one already is never mixed with, or overwritten."""
    path = path.absolute()
    if path.is_dir() and any(path.iterdir()):
        message = f"{path} is not empty; name a new folder"
        raise typer.BadParameter(message)
    if path.exists() and not path.is_dir():
        message = f"{path} is a file; name a new folder"
        raise typer.BadParameter(message)
    return path
