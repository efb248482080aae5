"""Run the command in this process, with a home of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.cli.main import main


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


Runner = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def caselog(home: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    def run(*arguments: str) -> Ran:
        code = main(["--home", str(home), *arguments])
        shown = capsys.readouterr()
        return Ran(code, shown.out, shown.err)

    return run
