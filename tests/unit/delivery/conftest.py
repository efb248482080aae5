"""A sending run over a portal in memory, a real archive and a clock that only moves when told."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.opening import open_archive
from tests.unit.conftest import NewArchive
from tests.unit.delivery.sending_run import SendingRun
from tests.unit.recovery.scripted_portal import NOON


@pytest.fixture(scope="session")
def open_copy(new_archive: NewArchive) -> Callable[[Path], Database]:
    """Open a new archive in a folder."""

    def build(folder: Path) -> Database:
        return open_archive(new_archive(folder / "archive.db"), at=NOON)

    return build


@pytest.fixture
def run(tmp_path: Path, open_copy: Callable[[Path], Database]) -> Iterator[SendingRun]:
    database = open_copy(tmp_path)
    yield SendingRun(database)
    database.close()
