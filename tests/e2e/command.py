"""The command as another program runs it: in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
