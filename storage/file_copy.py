"""Copies single files, hashed on the way. What cannot be read is told apart from a disk that cannot be written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.database import make_private_folder
from storage.errors import SourceUnreadable
from storage.files import write_new

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class CopiedFile:
    size: int
    sha256: str


def copy_file(source: Path, target: Path) -> CopiedFile:
    """Copy one file and return what was read; whether it is what was expected, the caller knows.

    Raises SourceUnreadable, and then leaves nothing at `target`; an OSError is the target's.
    """
    digest = hashlib.sha256()
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    with _open(source) as file:
        chunks = _chunks(file, source)
        make_private_folder(target.parent)
        try:
            write_new(target, counted())
        except SourceUnreadable:
            target.unlink()
            raise
    return CopiedFile(size, digest.hexdigest())


def copy_whole(source: Path, target: Path, sha256: str) -> CopiedFile:
    """Copy a file that has this hash; raises SourceUnreadable also for one that has another, and leaves nothing."""
    copied = copy_file(source, target)
    if copied.sha256 != sha256:
        target.unlink()
        raise SourceUnreadable(str(source), "it is not what was stored")
    return copied


def hash_file(path: Path) -> CopiedFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return CopiedFile(file.tell(), digest)


def _open(source: Path) -> BinaryIO:
    try:
        return source.open("rb")
    except OSError as error:
        raise _unreadable(source, error) from error


def _chunks(file: BinaryIO, source: Path) -> Iterator[bytes]:
    try:
        while chunk := file.read(CHUNK):
            yield chunk
    except OSError as error:
        raise _unreadable(source, error) from error


def _unreadable(source: Path, error: OSError) -> SourceUnreadable:
    return SourceUnreadable(str(source), error.strerror or "it cannot be read")
