"""Writes the folder of a case: it is private, and there whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from storage.archive.model import ArchivedCase
from storage.archive.queries import get_case
from storage.blobs import Blobs
from storage.blobs import blobs_of
from storage.bundle.page import ShownFile
from storage.bundle.page import render_case
from storage.database import Database
from storage.database import make_private_folder
from storage.errors import NotFound
from storage.errors import SourceUnreadable
from storage.export import case_object
from storage.export import file_objects
from storage.export import gone_objects
from storage.export import iso
from storage.file_copy import copy_whole
from storage.files import write_new
from storage.json_text import json_text
from storage.names import safe_names
from storage.records import AttachmentRef
from storage.records import CaseRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What was written. `missing` names files that the archive should hold and does not, or not whole."""

    folder: Path
    messages: int
    files: int
    missing: tuple[str, ...]


def write_bundle(database: Database, ref: CaseRef, folder: Path, *, zone: tzinfo | None = None) -> Bundle:
    """Write `case.html`, `case.json` and `files/` to a folder that is not there yet, or empty."""
    archived = get_case(database, ref)
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.new")
    try:
        make_private_folder(fresh)
        owners = _owners(archived)
        shown, missing = _write_files(blobs_of(database), owners, fresh)
        page = render_case(archived, shown, zone)
        write_new(fresh / "case.html", [page.encode("utf-8")])
        data = json_text(_data(archived, shown), indent=2)
        write_new(fresh / "case.json", [f"{data}\n".encode()])
        if folder.is_dir():
            folder.rmdir()
        fresh.replace(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    count = sum(file.path is not None for files in shown for file in files)
    messages = len(archived.record.messages) + len(archived.vanished)
    return Bundle(folder=folder, messages=messages, files=count, missing=missing)


def _owners(archived: ArchivedCase) -> list[tuple[AttachmentRef, ...]]:
    """The files of the case, of each message, of each message that is no longer shown, and those that went alone."""
    threads = [*archived.record.messages, *(gone.message for gone in archived.vanished)]
    gone = tuple(each.file for each in archived.gone)
    return [archived.record.attachments, *(message.attachments for message in threads), gone]


def _write_files(
    blobs: Blobs, owners: Sequence[Sequence[AttachmentRef]], folder: Path
) -> tuple[list[list[ShownFile]], tuple[str, ...]]:
    held = [isinstance(ref.sha256, str) for refs in owners for ref in refs]
    names = iter(safe_names(ref.name for refs in owners for ref in refs))
    if any(held):
        make_private_folder(folder / "files")
    shown: list[list[ShownFile]] = []
    missing: list[str] = []
    for refs in owners:
        shown.append([])
        for ref in refs:
            name, path = next(names), None
            if isinstance(ref.sha256, str):
                path = f"files/{name}" if _copy(blobs, ref.sha256, folder / "files" / name) else None
                missing += [ref.name] if path is None else []
            size = ref.size if isinstance(ref.size, int) else None
            shown[-1].append(ShownFile(name=name, path=path, size=size))
    return shown, tuple(missing)


def _copy(blobs: Blobs, sha256: str, target: Path) -> bool:
    """Copy a content that is what its hash says. What is damaged is left out: it is not what the portal showed."""
    try:
        copy_whole(blobs.path(sha256), target, sha256)
    except (NotFound, SourceUnreadable):
        return False
    return True


def _data(archived: ArchivedCase, shown: Sequence[Sequence[ShownFile]]) -> dict[str, Any]:
    """The interchange object of the case, with where each file lies, and with what the portal shows no more."""
    value = case_object(archived)
    vanished = [
        {
            "id": gone.message.message_id,
            "author": gone.message.author,
            "sent_at": iso(gone.message.sent_at),
            "body": gone.message.body,
            "vanished_at": iso(gone.vanished_at),
            "attachments": file_objects(gone.message.attachments),
        }
        for gone in archived.vanished
    ]
    gone = gone_objects(archived.gone)
    owners = [value, *value["messages"], *vanished]
    for listed, files in zip((*(owner["attachments"] for owner in owners), gone), shown, strict=True):
        for item, file in zip(listed, files, strict=True):
            item["file"] = file.path
    return {**value, "url": archived.record.url, "vanished": vanished, "gone": gone}
