"""Copies an archive while it is used: the database as of one commit, then exactly the files that it refers to.

A file is written before the row that names it and never changed, so that every row of the copied database finds its
file. The copy appears under its name only when it is whole, verified and on the disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage import migrations
from storage.copying.contents import contents
from storage.copying.contents import size_of
from storage.copying.files import is_taken
from storage.copying.files import new_folder
from storage.copying.known import COPIED
from storage.copying.manifest import DATABASE
from storage.copying.manifest import Manifest
from storage.copying.manifest import write_manifest
from storage.database import Database
from storage.database import open_database
from storage.errors import PlaceTaken
from storage.errors import SourceUnreadable
from storage.file_copy import CopiedFile
from storage.file_copy import copy_file
from storage.file_copy import copy_whole
from storage.file_copy import hash_file
from storage.journal.audit import audit
from storage.space import require_space
from storage.verify import Finding
from storage.verify import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """`findings`: damage that the archive has, and so has the copy. `left_out`: what could not be copied, and why."""

    folder: Path
    files: int
    size: int
    findings: tuple[Finding, ...]
    left_out: Mapping[str, str]


def copy_archive(
    database: Database, target: Path, *, actor: str, at: datetime, others: Mapping[str, Path] | None = None
) -> Copied:
    """Copy the archive to the new folder `target`, with `others` (name in the copy: file) beside it.

    A file that is missing, unreadable or damaged is left out and told; everything else is copied all the same.
    """
    target = target.absolute()
    if is_taken(target):
        raise PlaceTaken(str(target))
    require_space(target.parent, size_of(database))
    with new_folder(target) as part:
        filled = copy_contents(database, part)
        for name, path in (others or {}).items():
            try:
                filled.files[name] = copy_file(path, part / name)
            except SourceUnreadable as error:
                filled.left_out[name] = error.reason
        manifest = Manifest(made_at=at, schema=filled.schema, files=filled.files)
        write_manifest(part, manifest)
        # Noted before the copy has its name: no copy may exist that an erasure would not mention.
        audit(database, actor=actor, action=COPIED, subject=str(target), reason="", at=at)
    return Copied(
        folder=target,
        files=len(manifest.files),
        size=manifest.size,
        findings=filled.findings,
        left_out=filled.left_out,
    )


@dataclass(frozen=True, slots=True)
class Filled:
    """What a folder holds now: files by their names, and why others are not among them."""

    files: dict[str, CopiedFile]
    left_out: dict[str, str]
    findings: tuple[Finding, ...]
    schema: str


def copy_contents(database: Database, folder: Path) -> Filled:
    """The database and its files into `folder`."""
    migrations.copy_to(database, folder / DATABASE)
    files: dict[str, CopiedFile] = {}
    left_out: dict[str, str] = {}
    copy = open_database(folder / DATABASE, create=False)
    try:
        for content in contents(copy):
            try:
                files[content.name] = copy_whole(database.folder / content.name, folder / content.name, content.sha256)
            except SourceUnreadable as error:
                left_out[content.name] = error.reason
        findings = tuple(verify(copy))
        with copy.read() as connection:
            schema = migrations.revision_of(connection) or ""
    finally:
        copy.close()
    files[DATABASE] = hash_file(folder / DATABASE)
    return Filled(files, left_out, findings, schema)
