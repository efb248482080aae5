"""Puts a copy back where no archive lies. What comes back does not know what the original has sent since."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func
from sqlalchemy import select

from storage import migrations
from storage.copying.files import is_taken
from storage.copying.files import new_folder
from storage.copying.known import RESTORED
from storage.copying.manifest import DATABASE
from storage.copying.manifest import Manifest
from storage.copying.manifest import check_files
from storage.copying.manifest import read_manifest
from storage.database import open_database
from storage.errors import ArchiveNewer
from storage.errors import ArchiveUnusable
from storage.errors import CopyUnusable
from storage.errors import PlaceTaken
from storage.errors import SourceUnreadable
from storage.file_copy import copy_file
from storage.journal.audit import audit
from storage.opening import open_archive
from storage.outbox.model import OutboxStatus
from storage.outbox.restored import REASON
from storage.space import require_space
from storage.tables import outbox_entries
from storage.verify import Finding
from storage.verify import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """`held`: entries that wait for a person now. `outdated`: it must be upgraded before it can be used.

    `written` and `kept` are the other files: put there, or left alone because something was there.
    """

    folder: Path
    made_at: datetime
    held: int
    outdated: bool
    findings: tuple[Finding, ...]
    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def restore_archive(
    source: Path, target: Path, *, actor: str, at: datetime, others: Mapping[str, Path] | None = None
) -> Restored:
    """Restore the copy at `source` into the folder `target`, which has to be empty or missing.

    `others`: where files beside the archive go, by their names in the copy; those in a folder by `folder/`. An
    existing one is never overwritten. Every file is checked before anything is written, and again while it is copied.
    They get their names after the archive has its own: what fails leaves nothing.
    """
    source, target = source.absolute(), target.absolute()
    if is_taken(target):
        raise PlaceTaken(str(target))
    manifest = read_manifest(source)
    if manifest.schema > migrations.HEAD:
        raise ArchiveNewer(str(source), "a newer caselog wrote it", manifest.schema, migrations.HEAD)
    check_files(source, manifest)
    require_space(target.parent, manifest.size)
    places = _places(manifest, others or {})
    kept = tuple(place for place in places.values() if place.exists())
    fresh = {name: place for name, place in places.items() if place not in kept}
    outdated = manifest.schema < migrations.HEAD
    with _put_together(source, manifest, fresh), new_folder(target) as part:
        for name in manifest.files:
            if name == DATABASE or name.startswith(("blobs/", "evidence/")):
                _put(source, manifest, name, part / name)
        held, findings = _settle(part / DATABASE, source, actor, at, outdated=outdated)
    return Restored(
        folder=target,
        made_at=manifest.made_at,
        held=held,
        outdated=outdated,
        findings=findings,
        written=tuple(fresh.values()),
        kept=kept,
    )


def _put(source: Path, manifest: Manifest, name: str, target: Path) -> None:
    try:
        copied = copy_file(source / name, target)
    except SourceUnreadable as error:
        raise CopyUnusable(str(source), (f"{name}: {error.reason}",)) from error
    if copied != manifest.files[name]:
        raise CopyUnusable(str(source), (f"{name}: it changed while it was read",))


def _places(manifest: Manifest, others: Mapping[str, Path]) -> dict[str, Path]:
    """Where the copy's other files go, by their names in it."""
    found: dict[str, Path] = {}
    for name in manifest.files:
        folder, slash, file = name.rpartition("/")
        if name in others:
            found[name] = others[name]
        elif folder + slash in others:
            found[name] = others[folder + slash] / file
    return found


@contextmanager
def _put_together(source: Path, manifest: Manifest, places: Mapping[str, Path]) -> Iterator[None]:
    """Files that appear together when the block ends well; until then their names say `.incomplete`.

    What could go wrong with them has gone wrong before the block begins.
    """
    unnamed = {place: place.with_name(f"{place.name}.incomplete") for place in places.values()}
    try:
        for name, place in places.items():
            _put(source, manifest, name, unnamed[place])
        yield
        for place, fresh in unnamed.items():
            fresh.replace(place)
    except OSError as error:
        raise ArchiveUnusable(error.filename or str(source), error.strerror or "it cannot be written") from error
    finally:
        for fresh in unnamed.values():
            with suppress(OSError):
                fresh.unlink(missing_ok=True)


def _settle(path: Path, source: Path, actor: str, at: datetime, *, outdated: bool) -> tuple[int, tuple[Finding, ...]]:
    """Open it for the first time, which gives it an identity of its own and holds what is unsent.

    An outdated one cannot be used yet; where it came from is noted all the same.
    """
    database = open_database(path, create=False) if outdated else open_archive(path, create=False, at=at)
    try:
        audit(database, actor=actor, action=RESTORED, subject=str(source), reason="", at=at)
        if outdated:
            return 0, ()
        with database.read() as connection:
            held = connection.execute(
                select(func.count())
                .select_from(outbox_entries)
                .where(outbox_entries.c.status == OutboxStatus.HELD, outbox_entries.c.reason == REASON)
            ).scalar_one()
        return held, tuple(verify(database))
    finally:
        database.close()
