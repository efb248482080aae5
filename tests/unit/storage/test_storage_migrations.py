from __future__ import annotations

import multiprocessing
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage import journal
from storage import migrations
from storage.database import Database
from storage.database import open_database
from storage.errors import AccountBusy
from storage.errors import ArchiveBusy
from storage.errors import ArchiveMissing
from storage.errors import ArchiveNewer
from storage.errors import ArchiveOutdated
from storage.errors import ArchiveUnusable
from storage.errors import NoSpace
from storage.opening import open_archive
from storage.process import Holder
from storage.tables import metadata


def stamp(path: Path, revision: str) -> None:
    database = open_database(path)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (revision,))
    database.close()


def old_archive(path: Path, revision: str) -> Database:
    database = open_database(path)
    with database.write() as connection:
        migrations.migrate(connection, revision)
    return database


def open_and_count(path: str) -> int:
    database = open_archive(path)
    with database.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM archive_identity").scalar_one()
    database.close()
    return int(count)


def nobody(_holder: Holder) -> bool:
    return False


def test_head() -> None:
    """`HEAD` is the last script, and the scripts form one line in the order of their names."""
    config = Config()
    config.set_main_option("script_location", str(migrations.SCRIPTS))
    names = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert migrations.HEAD == names[0]
    assert sorted(names, reverse=True) == names


def test_tables_equal_migrations(database: Database) -> None:
    """The migrated schema is what the tables say: columns, types, constraints, indexes."""

    def ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        # SQLite's own tables behind the full-text index are no part of the metadata.
        return not (kind == "table" and name is not None and name.startswith("search_"))

    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": ours})
        assert [] == compare_metadata(context, metadata)


def test_partial_indexes_equal_migrations(database: Database, tmp_path: Path) -> None:
    """The partial indexes of the migrated schema carry the same conditions, which Alembic does not compare."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %' ORDER BY name"
    made = open_database(tmp_path / "made.db")
    with made.write() as connection:
        metadata.create_all(connection)
        expected = connection.exec_driver_sql(query).all()
    made.close()
    with database.read() as connection:
        assert expected == connection.exec_driver_sql(query).all()
    assert len(expected) == 4


def test_newer_is_refused(database: Database) -> None:
    """An archive of a newer caselog is refused, with both versions."""
    stamp(database.path, "9999")
    with pytest.raises(ArchiveNewer) as refusal:
        open_archive(database.path)
    assert ("9999", migrations.HEAD) == (refusal.value.found, refusal.value.known)


def test_foreign_database(tmp_path: Path) -> None:
    """A database of another program is refused."""
    database = open_database(tmp_path / "a.db")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (a INTEGER)")
    database.close()
    with pytest.raises(ArchiveUnusable, match="another program"):
        open_archive(tmp_path / "a.db")


def test_empty_file(tmp_path: Path) -> None:
    """An empty file becomes an archive only where one may be created."""
    (tmp_path / "a.db").touch()
    with pytest.raises(ArchiveMissing):
        open_archive(tmp_path / "a.db", create=False)
    open_archive(tmp_path / "a.db").close()


def test_upgrade(tmp_path: Path, now: datetime) -> None:
    """An older archive is refused until it is upgraded; its content stays, and a copy from before lies beside it."""
    old = old_archive(tmp_path / "a.db", "0001")
    with old.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audits (at, actor, action, subject, reason)"
            " VALUES ('2026-11-24 12:00:00.000000', 'a', 'b', 'c', '')"
        )
    with pytest.raises(ArchiveOutdated):
        open_archive(old.path)
    copy = migrations.upgrade(old, now, is_dead=nobody)
    assert copy is not None
    for path, revision in ((old.path, migrations.HEAD), (copy, "0001")):
        database = open_database(path)
        with database.read() as connection:
            assert revision == migrations.revision_of(connection)
            assert 1 == connection.exec_driver_sql("SELECT count(*) FROM audits").scalar_one()
        database.close()
    assert migrations.upgrade(old, now, is_dead=nobody) is None
    old.close()
    open_archive(old.path).close()


def test_held_account_refuses_the_upgrade(tmp_path: Path, now: datetime, holder: Holder) -> None:
    """While a living process works on an account nothing is copied or changed; a dead one's lock is no obstacle."""
    old = old_archive(tmp_path / "a.db", "0005")
    journal.lock_account(old, "acme", holder=holder, purpose="backup", at=now)

    with pytest.raises(AccountBusy, match="acme"):
        migrations.upgrade(old, now, is_dead=nobody)

    with old.read() as connection:
        assert "0005" == migrations.revision_of(connection)
    assert [] == list(tmp_path.glob("*.before-*"))
    assert migrations.upgrade(old, now, is_dead=lambda dead: dead == holder) is not None
    old.close()


def test_nobody_writes_between_the_copy_and_the_upgrade(
    tmp_path: Path, now: datetime, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written after the copy was taken would be missing on the way back: it has to wait."""
    old = old_archive(tmp_path / "a.db", "0005")
    other = open_database(old.path, busy_seconds=0)
    refused = []
    copy_to = migrations.copy_to

    def copy_and_write(database: Database, target: Path) -> None:
        copy_to(database, target)
        try:
            journal.lock_account(other, "acme", holder=holder, purpose="backup", at=now)
        except ArchiveBusy:
            refused.append(target)

    monkeypatch.setattr(migrations, "copy_to", copy_and_write)
    migrations.upgrade(old, now, is_dead=nobody)

    assert (1, None) == (len(refused), journal.account_lock(old, "acme"))
    other.close()
    old.close()


def test_full_disk_is_seen_before(tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room for the copy and the change, the archive is left as it is."""
    old = old_archive(tmp_path / "a.db", "0001")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(NoSpace):
        migrations.upgrade(old, now, is_dead=nobody)
    with old.read() as connection:
        assert migrations.revision_of(connection) == "0001"
    assert [] == list(tmp_path.glob("*.before-*"))
    old.close()


def test_copies_are_bounded(tmp_path: Path, now: datetime, empty_archive: Path) -> None:
    """Only the newest copies from before upgrades are kept."""
    for day in range(1, 6):
        shutil.copy(empty_archive, tmp_path / f"a.db.before-0001-202601{day:02}T000000Z")
    old = old_archive(tmp_path / "a.db", "0001")
    migrations.upgrade(old, now, is_dead=nobody)
    old.close()
    copies = sorted(path.name for path in tmp_path.glob("a.db.before-*Z"))
    assert [
        "a.db.before-0001-20260104T000000Z",
        "a.db.before-0001-20260105T000000Z",
        f"a.db.before-{migrations.HEAD}-20261124T120000Z",
    ] == copies


def test_created_once(tmp_path: Path) -> None:
    """Processes that open a new archive at the same time make one archive with one identity."""
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert [1, 1, 1] == pool.map(open_and_count, [str(tmp_path / "a.db")] * 3)
