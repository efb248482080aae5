"""What the tests without a browser have in common: an archive that need not be migrated each time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import migrations
from storage.database import open_database

#: Put an archive that was never opened at a path, whose folder is made.
NewArchive = Callable[[Path], Path]


@pytest.fixture(scope="session")
def empty_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without identity, so that its copies are no "restored copies"."""
    database = open_database(tmp_path_factory.mktemp("archive") / "empty.db")
    migrations.create(database)
    database.close()
    return database.path


@pytest.fixture(scope="session")
def new_archive(empty_archive: Path) -> NewArchive:
    def put(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Path(shutil.copy(empty_archive, path))

    return put
