"""The table of an invented help desk's profile, to be changed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

DESK = Path(__file__).parents[1] / "extract" / "desk.toml"


@pytest.fixture
def table() -> dict[str, Any]:
    return tomllib.loads(DESK.read_text(encoding="utf-8"))
