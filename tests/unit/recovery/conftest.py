"""A reader over the scripted portal and a real journal."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.opening import open_archive
from tests.unit.conftest import NewArchive
from tests.unit.recovery.reading_run import ReadingRun
from tests.unit.recovery.scripted_portal import ScriptedPortal


@pytest.fixture
def archive(tmp_path: Path, new_archive: NewArchive) -> Iterator[Database]:
    database = open_archive(new_archive(tmp_path / "archive" / "caselog.db"))
    yield database
    database.close()


@pytest.fixture
def reading_run(archive: Database, tmp_path: Path) -> Callable[[ScriptedPortal], ReadingRun]:
    """Open a run on the scripted portal."""

    def start(portal: ScriptedPortal) -> ReadingRun:
        portal.folder = tmp_path
        return ReadingRun.start(archive, portal)

    return start
