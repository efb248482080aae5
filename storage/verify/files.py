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
    """Every known content is there, whole and of its size; nothing lies there that nobody knows."""
    known: set[str] = set()
    query = select(blobs.c.sha256, blobs.c.size).where(blobs.c.erased_at.is_(None)).order_by(blobs.c.sha256)
    for sha256, size in connection.execute(query).all():
        known.add(sha256)
        try:
            found = store.verify(sha256)
        except NotFound:
            yield _lost(connection, Fault.BLOB_MISSING, sha256, "its file is missing")
            continue
        except (BlobDamaged, OSError):
            yield _lost(connection, Fault.BLOB_DAMAGED, sha256, "its file holds something else")
            continue
        if found != size:
            yield _lost(connection, Fault.BLOB_DAMAGED, sha256, f"{size} bytes were stored, {found} are there")
    for name in sorted(set(store) - known):
        yield Finding(
            fault=Fault.BLOB_UNKNOWN,
            where=f"blob {name}",
            detail="nothing refers to it: a run stopped between writing the file and storing its case",
            remedy=Remedy.NOTHING,
        )


def _lost(connection: Connection, fault: Fault, sha256: str, detail: str) -> Finding:
    users = [
        f"{account}/{case_id} {name!r}"
        for account, case_id, name in connection.execute(
            select(cases.c.account, cases.c.case_id, attachments.c.name)
            .join(attachments, attachments.c.case_key == cases.c.id)
            .where(attachments.c.sha256 == sha256)
        )
    ]
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
        remedy=Remedy.RESTORE,
    )


def check_evidence(connection: Connection, folder: Path) -> Iterator[Finding]:
    """Files of evidence are as they were when they were noted."""
    query = select(evidence.c.path, evidence.c.sha256, evidence.c.run_id).where(evidence.c.erased_at.is_(None))
    for path, sha256, run_id in connection.execute(query):
        try:
            with (folder / path).open("rb") as file:
                is_same = hashlib.file_digest(file, "sha256").hexdigest() == sha256
            detail = "" if is_same else "the file was changed"
        except OSError:
            detail = "the file is missing"
        if detail:
            yield Finding(fault=Fault.EVIDENCE, where=f"{path} of run {run_id}", detail=detail, remedy=Remedy.RESTORE)
