"""A sending run over a portal in memory, a real archive and a clock that only moves when told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import migrations
from storage.database import Database
from storage.database import open_database
from storage.opening import open_archive
from tests.unit.delivery.sending_run import SendingRun
from tests.unit.recovery.scripted_portal import NOON


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated archive without identity: copies of it are new archives."""
    database = open_database(tmp_path_factory.mktemp("archive") / "empty.db")
    migrations.create(database)
    database.close()
    return database.path


@pytest.fixture(scope="session")
def open_copy(migrated: Path) -> Callable[[Path], Database]:
    """Open a new archive in a folder."""

    def build(folder: Path) -> Database:
        shutil.copy(migrated, folder / "archive.db")
        return open_archive(folder / "archive.db", at=NOON)

    return build


@pytest.fixture
def run(tmp_path: Path, open_copy: Callable[[Path], Database]) -> Iterator[SendingRun]:
    database = open_copy(tmp_path)
    yield SendingRun(database)
    database.close()
