"""The command as another program runs it: in a process of its own; or in this one, to ask what has become of things."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from agent.cli.main import main


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


def command_line(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "agent.cli.main", "--home", str(home), *arguments]


def run_command(home: Path, *arguments: str, environ: Mapping[str, str]) -> Ran:
    """Run it to its end."""
    done = subprocess.run(
        command_line(home, *arguments), capture_output=True, check=False, env=environ, encoding="utf-8", timeout=240
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def ask_command(home: Path, *arguments: str, environ: Mapping[str, str]) -> Ran:
    """Run one that opens no browser, without the seconds that a process of its own takes to start."""
    out, err = io.StringIO(), io.StringIO()
    with patch.dict(os.environ, environ), redirect_stdout(out), redirect_stderr(err):
        code = main(["--home", str(home), *arguments])
    return Ran(code, out.getvalue(), err.getvalue())
