"""Reading the archive needs no browser and no portal, so their libraries are not even loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = """
import sys
from agent.cli.main import main

code = main(sys.argv[1:])
heavy = sorted({"playwright", "aiohttp", "openpyxl", "cryptography"} & set(sys.modules))
print(code, heavy, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "command",
    [
        ("--help",),
        ("where",),
        pytest.param(("config", "check"), marks=pytest.mark.long),
        ("status",),
        pytest.param(("accounts", "list"), marks=pytest.mark.long),
        ("cases", "list"),
        pytest.param(("cases", "search", "refund"), marks=pytest.mark.long),
        ("export", "jsonl", "-"),
        ("verify",),
        pytest.param(("outbox", "list"), marks=pytest.mark.long),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("database")
def test_command_starts_without_heavy_libraries(configured: Path, command: tuple[str, ...]) -> None:
    """A command that only reads what is stored loads no browser, no server, no workbook and no cryptography."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK, "--home", str(configured), *command], capture_output=True, check=False, text=True
    )

    assert "0 []" == done.stderr.strip()
