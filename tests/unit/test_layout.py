"""Budgets that keep files and functions readable: one idea each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LONGEST_FILE = 300
LONGEST_FUNCTION = 50


def sources() -> Iterator[Path]:
    for package in ("agent", "storage", "mock_portal"):
        yield from (ROOT / package).rglob("*.py")


def test_no_file_is_too_long() -> None:
    """A file over the budget holds two ideas and is split."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}

    assert {} == {name: length for name, length in lengths.items() if length > LONGEST_FILE}


def test_no_function_is_too_long() -> None:
    """A function over the budget is split where it changes its subject. A migration is a list of tables."""
    found = {}
    for path in sources():
        if path.parent.name == "versions":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    found[f"{path.relative_to(ROOT)}:{node.name}"] = length

    assert {} == found
