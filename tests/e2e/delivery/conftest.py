"""Browsers for a module's runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.backup.real_house import BrowserRoom


@pytest.fixture(scope="module")
def room() -> Iterator[BrowserRoom]:
    # A short path: the browsers' sockets lie below it.
    with tempfile.TemporaryDirectory() as folder:
        room = BrowserRoom(Path(folder))
        yield room
        room.close()
