"""An archive, and a house that runs backups into it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.opening import open_archive
from tests.unit.backup.backup_house import House
from tests.unit.conftest import NewArchive
from tests.unit.recovery.scripted_portal import ScriptedPortal


@pytest.fixture
def archive_database(tmp_path: Path, new_archive: NewArchive) -> Iterator[Database]:
    database = open_archive(new_archive(tmp_path / "archive" / "caselog.db"))
    yield database
    database.close()


@pytest.fixture
def house(archive_database: Database, tmp_path: Path) -> Callable[[ScriptedPortal], House]:
    """Build a house around a portal."""

    def build(portal: ScriptedPortal) -> House:
        portal.folder = tmp_path
        return House(archive_database, portal)

    return build
