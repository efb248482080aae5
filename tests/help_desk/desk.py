"""Install, seed and serve the help desk. `python -m tests.help_desk.desk` installs it ahead of the tests."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.help_desk.corpus import write_corpus
from tests.own_environment import environment
from tests.own_environment import interpreter

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".cache" / "help-desk"


@dataclass(frozen=True)
class HelpDesk:
    """A running desk: its address, and what a complete backup of it must hold."""

    url: str
    truth: dict[str, Any]
    data: Path

    def entries_of(self, case_id: str) -> list[tuple[str, list[str]]]:
        """What stands in a case's thread now, as the desk's own database has it: text and names of files."""
        files = "SELECT filename FROM helpdesk_followupattachment WHERE followup_id = ?"
        with closing(sqlite3.connect(f"file:{self.data / 'db.sqlite3'}?mode=ro", uri=True)) as database:
            entries = database.execute("SELECT id, comment FROM helpdesk_followup WHERE ticket_id = ?", (case_id,))
            return [
                (comment or "", [name for (name,) in database.execute(files, (entry,))])
                for entry, comment in entries.fetchall()
            ]


def _environment(data: Path) -> dict[str, str]:
    return os.environ | {
        "DESK_DATA": str(data),
        "DESK_STATIC": str(CACHE / "static"),
        "DJANGO_SETTINGS_MODULE": "deskconf",
        "PYTHONPATH": str(HERE / "site"),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # the desk starts many times
    }


def _run(*arguments: str, data: Path) -> None:
    command = [str(interpreter(CACHE)), "-W", "ignore", *arguments]
    subprocess.run(command, env=_environment(data), check=True, stdout=sys.stderr)


def install() -> None:
    """Make the desk's environment once for each content of its lock."""
    if environment(CACHE, HERE / "requirements.lock") or not (CACHE / "static").is_dir():
        _run("-m", "django", "collectstatic", "--noinput", "-v0", data=CACHE)


def seed(data: Path, cases: int) -> None:
    """Fill a new database below `data` with `cases` cases, and write `truth.json` beside it."""
    write_corpus(data, cases)
    _run("-m", "django", "migrate", "-v0", data=data)
    _run(str(HERE / "site" / "seed.py"), data=data)


@contextmanager
def serve(data: Path, cases: int) -> Iterator[HelpDesk]:
    """Serve a new desk on a free loopback port until the block ends."""
    install()
    seed(data, cases)
    command = [str(interpreter(CACHE)), "-W", "ignore", str(HERE / "site" / "serve.py")]
    with subprocess.Popen(command, env=_environment(data), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            yield HelpDesk(url, json.loads((data / "truth.json").read_text(encoding="utf-8")), data)
        finally:
            server.terminate()


if __name__ == "__main__":
    install()
