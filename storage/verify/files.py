"""Contents on the disk against the database, and evidence against its hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy import select

from storage.blobs import Blobs
from storage.errors import BlobDamaged
from storage.errors import NotFound
from storage.tables import attachments
from storage.tables import blobs
from storage.tables import cases
from storage.tables import evidence
from storage.tables import outbox_attachments
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy


def check_blobs(connection: Connection, store: Blobs) -> Iterator[Finding]:
    """Every known content is there, whole and of its size; nothing else lies there, and nothing is kept for nobody."""
    known: set[str] = set()
    erased: set[str] = set()
    used = _used(connection)
    for sha256, size, erased_at in connection.execute(
        select(blobs.c.sha256, blobs.c.size, blobs.c.erased_at).order_by(blobs.c.sha256)
    ).all():
        if erased_at is not None:
            erased.add(sha256)
            continue
        known.add(sha256)
        damage = _compare(store, sha256, size)
        if damage is not None:
            yield _lost(connection, *damage, sha256)
        elif sha256 not in used:
            yield _left(sha256, "no attachment refers to it any more")
    for name in sorted(set(store) - known):
        if name in erased:
            detail = "it was erased, its file is there"
            yield Finding(fault=Fault.ERASED, where=f"blob {name}", detail=detail, remedy=Remedy.ERASE)
        else:
            yield _left(name, "nothing refers to it: a run stopped between writing the file and storing its case")


def _compare(store: Blobs, sha256: str, size: int) -> tuple[Fault, str] | None:
    try:
        found = store.verify(sha256)
    except NotFound:
        return Fault.BLOB_MISSING, "its file is missing"
    except BlobDamaged:
        return Fault.BLOB_DAMAGED, "its file holds something else"
    except OSError as error:
        return Fault.BLOB_DAMAGED, f"its file cannot be read ({error.strerror})"
    return None if found == size else (Fault.BLOB_DAMAGED, f"{size} bytes were stored, {found} are there")


def _used(connection: Connection) -> set[str]:
    query = select(attachments.c.sha256).where(attachments.c.sha256.is_not(None))
    return set(connection.execute(query.union(select(outbox_attachments.c.sha256))).scalars())


def _left(name: str, detail: str) -> Finding:
    return Finding(fault=Fault.BLOB_UNKNOWN, where=f"blob {name}", detail=detail, remedy=Remedy.NOTHING)


def _lost(connection: Connection, fault: Fault, detail: str, sha256: str) -> Finding:
    shown = connection.execute(
        select(cases.c.account, cases.c.case_id, attachments.c.name, attachments.c.gone_at, cases.c.absent_since)
        .join(attachments, attachments.c.case_key == cases.c.id)
        .where(attachments.c.sha256 == sha256)
    ).all()
    users = [f"{row.account}/{row.case_id} {row.name!r}" for row in shown]
    can_fetch = any(row.gone_at is None and row.absent_since is None for row in shown)
    users += [
        f"outbox entry {entry_id} {name!r}"
        for entry_id, name in connection.execute(
            select(outbox_attachments.c.entry_id, outbox_attachments.c.name).where(
                outbox_attachments.c.sha256 == sha256
            )
        )
    ]
    return Finding(
        fault=fault,
        where=f"blob {sha256}",
        detail=f"{detail}; used by {', '.join(users) or 'nothing'}",
        remedy=Remedy.FETCH if can_fetch else Remedy.RESTORE,
    )


def check_evidence(connection: Connection, folder: Path) -> Iterator[Finding]:
    """Files of evidence are as they were when they were noted; one that nobody noted was left by a stopped run."""
    known: set[Path] = set()
    for path, sha256, run_id, erased_at in connection.execute(
        select(evidence.c.path, evidence.c.sha256, evidence.c.run_id, evidence.c.erased_at)
    ):
        where = f"{path} of run {run_id}"
        known.add(folder / path)
        if erased_at is not None:
            if (folder / path).exists():
                detail = "it was erased, its file is there"
                yield Finding(fault=Fault.ERASED, where=where, detail=detail, remedy=Remedy.ERASE)
            continue
        try:
            with (folder / path).open("rb") as file:
                is_same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
            detail = "" if is_same else "the file was changed"
        except FileNotFoundError:
            detail = "the file is missing"
        except OSError as error:
            detail = f"the file cannot be read ({error.strerror})"
        if detail:
            yield Finding(fault=Fault.EVIDENCE, where=where, detail=detail, remedy=Remedy.RESTORE)
    for file in sorted((folder / "evidence").rglob("*")):
        if file.is_file() and file not in known:
            name = file.relative_to(folder).as_posix()
            detail = "no run noted it: one stopped before it could"
            yield Finding(fault=Fault.EVIDENCE, where=name, detail=detail, remedy=Remedy.NOTHING)
