"""Puts a copy back where no archive lies. What comes back does not know what the original has sent since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func
from sqlalchemy import select

from storage import migrations
from storage.copying.files import is_taken
from storage.copying.files import new_folder
from storage.copying.manifest import DATABASE
from storage.copying.manifest import Manifest
from storage.copying.manifest import check_files
from storage.copying.manifest import read_manifest
from storage.errors import ArchiveNewer
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
    """
    source, target = source.absolute(), target.absolute()
    if is_taken(target):
        raise PlaceTaken(str(target))
    manifest = read_manifest(source)
    if manifest.schema > migrations.HEAD:
        raise ArchiveNewer(str(source), "a newer caselog wrote it", manifest.schema, migrations.HEAD)
    check_files(source, manifest)
    require_space(target.parent, manifest.size)
    written, kept = _put_others(source, manifest, others or {})
    outdated = manifest.schema < migrations.HEAD
    with new_folder(target) as part:
        for name in manifest.files:
            if name == DATABASE or name.startswith(("blobs/", "evidence/")):
                _put(source, manifest, name, part / name)
        held, findings = (0, ()) if outdated else _settle(part / DATABASE, source, actor, at)
    return Restored(
        folder=target,
        made_at=manifest.made_at,
        held=held,
        outdated=outdated,
        findings=findings,
        written=written,
        kept=kept,
    )


def _put(source: Path, manifest: Manifest, name: str, target: Path) -> None:
    try:
        copied = copy_file(source / name, target)
    except SourceUnreadable as error:
        raise CopyUnusable(str(source), (f"{name}: {error.reason}",)) from error
    if copied != manifest.files[name]:
        raise CopyUnusable(str(source), (f"{name}: it changed while it was read",))


def _put_others(
    source: Path, manifest: Manifest, others: Mapping[str, Path]
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    written: list[Path] = []
    kept: list[Path] = []
    for name in manifest.files:
        folder, slash, file = name.rpartition("/")
        place = others.get(name) or (others[folder + slash] / file if folder + slash in others else None)
        if place is None:
            continue
        if place.exists():
            kept.append(place)
            continue
        # Under another name first: a configuration that is half there would be kept by the next try.
        fresh = place.with_name(f"{place.name}.incomplete")
        _put(source, manifest, name, fresh)
        fresh.replace(place)
        written.append(place)
    return tuple(written), tuple(kept)


def _settle(path: Path, source: Path, actor: str, at: datetime) -> tuple[int, tuple[Finding, ...]]:
    """Open it for the first time, which gives it an identity of its own and holds what is unsent."""
    database = open_archive(path, create=False, at=at)
    try:
        audit(database, actor=actor, action="restored", subject=str(source), reason="", at=at)
        with database.read() as connection:
            held = connection.execute(
                select(func.count())
                .select_from(outbox_entries)
                .where(outbox_entries.c.status == OutboxStatus.HELD, outbox_entries.c.reason == REASON)
            ).scalar_one()
        return held, tuple(verify(database))
    finally:
        database.close()
