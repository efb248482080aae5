"""Contents by their sha256, as files beside the database: `blobs/ab/abcdef...`. Written whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.database import Database
from storage.database import make_private_folder
from storage.errors import ArchiveUnusable
from storage.errors import BlobDamaged
from storage.errors import NotFound
from storage.files import sync_folder
from storage.files import temporary_beside
from storage.files import write_new

#: Read and hashed at a time.
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored content."""

    sha256: str
    size: int


class Blobs:
    """The contents of one archive. A content that is there already is not written again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, chunks: Iterable[bytes] | bytes, *, expected: str | None = None) -> Blob:
        """Store a content; with `expected`, only if that is its hash."""
        digest = hashlib.sha256()
        size = 0

        is_ours = True  #: the file that is written is at fault, not where the content comes from

        def counted() -> Iterator[bytes]:
            nonlocal size, is_ours
            is_ours = False
            for chunk in (chunks,) if isinstance(chunks, bytes) else chunks:
                is_ours = True
                digest.update(chunk)
                size += len(chunk)
                yield chunk
                is_ours = False
            is_ours = True

        temporary = temporary_beside(self.folder / "blob")
        try:
            make_private_folder(self.folder)
            write_new(temporary, counted())
            sha256 = digest.hexdigest()
            if expected not in (None, sha256):
                raise BlobDamaged(expected=str(expected), actual=sha256)
            self._keep(temporary, sha256)
        except OSError as error:
            if not is_ours:
                raise
            raise ArchiveUnusable(str(self.folder), error.strerror or "it cannot be written to") from error
        finally:
            # It may be the folder itself that is not one, or is not there any more.
            with suppress(OSError):
                temporary.unlink()
        return Blob(sha256, size)

    def put_file(self, path: Path, *, expected: str | None = None) -> Blob:
        with path.open("rb") as file:
            return self.put(_chunks(file), expected=expected)

    def path(self, sha256: str) -> Path:
        """Where the content lies; raises when it is not there."""
        path = self._place(sha256)
        if not path.is_file():
            raise NotFound("blob", sha256)
        return path

    def __contains__(self, sha256: str) -> bool:
        return self._place(sha256).is_file()

    @contextmanager
    def open(self, sha256: str) -> Iterator[BinaryIO]:
        with self.path(sha256).open("rb") as file:
            yield file

    def verify(self, sha256: str) -> int:
        """Read the content again and return its size; raises BlobDamaged when a bit of it differs."""
        digest = hashlib.sha256()
        size = 0
        with self.open(sha256) as file:
            for chunk in _chunks(file):
                digest.update(chunk)
                size += len(chunk)
        if digest.hexdigest() != sha256:
            raise BlobDamaged(expected=sha256, actual=digest.hexdigest())
        return size

    def __iter__(self) -> Iterator[str]:
        """The hashes of all files there, in no order."""
        for path in self.folder.glob("??/*"):
            if path.suffix != ".tmp":
                yield path.name

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def _keep(self, temporary: Path, sha256: str) -> None:
        place = self._place(sha256)
        if place.exists():
            return
        make_private_folder(place.parent)
        temporary.replace(place)
        sync_folder(place.parent)


def blobs_of(database: Database) -> Blobs:
    return Blobs(database.folder / "blobs")


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
