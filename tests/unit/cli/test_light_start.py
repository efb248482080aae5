"""Reading the archive needs no browser and no portal, so their libraries are not even loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = """
import sys
from agent.cli.main import main

for command in sys.argv[2:]:
    code = main(["--home", sys.argv[1], *command.split()])
    heavy = sorted({"playwright", "aiohttp", "openpyxl", "cryptography"} & set(sys.modules))
    print(command, code, heavy, file=sys.stderr)
"""

LIGHT = (
    "--help",
    "where",
    "config check",
    "status",
    "accounts list",
    "cases list",
    "cases search refund",
    "export jsonl -",
    "verify",
    "outbox list",
)


@pytest.mark.usefixtures("database")
def test_commands_start_without_heavy_libraries(configured: Path) -> None:
    """Commands that only read what is stored load no browser, no server, no workbook and no cryptography."""
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(configured), *LIGHT], capture_output=True, check=False, text=True
    )

    assert [f"{command} 0 []" for command in LIGHT] == done.stderr.splitlines()
