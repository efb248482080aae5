"""A file that cannot be read keeps nothing else from being copied, and no disk is blamed that is in order."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest

from storage import file_copy
from storage.errors import SourceUnreadable
from storage.file_copy import CopiedFile
from storage.file_copy import copy_file
from storage.file_copy import copy_whole

CONTENT = b"a paper"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


class Failing(io.BytesIO):
    """Gives the beginning of a file; then the disk reports an error."""

    def read(self, *_: Any) -> bytes:
        if self.tell():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().read(2)


def test_content_and_hash(source: Path, tmp_path: Path) -> None:
    """The copy is what was read, and so is what is said of it."""
    copied = copy_file(source, tmp_path / "deep" / "target")

    assert (CopiedFile(len(CONTENT), hashlib.sha256(CONTENT).hexdigest()), CONTENT) == (
        copied,
        (tmp_path / "deep" / "target").read_bytes(),
    )


@pytest.mark.parametrize("what", ["missing", "folder", "dies"])
def test_unreadable_source_leaves_nothing(source: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, a folder, or unreadable in its middle: the source is named with the reason, and no target is there."""
    number = {"missing": errno.ENOENT, "folder": errno.EISDIR, "dies": errno.EIO}[what]
    source.unlink()
    if what == "folder":
        source.mkdir()
    if what == "dies":
        monkeypatch.setattr(file_copy, "_open", lambda _path: Failing(CONTENT))

    with pytest.raises(SourceUnreadable) as told:
        copy_file(source, source.with_name("target"))

    assert (str(source), os.strerror(number)) == (told.value.path, told.value.reason)
    assert not source.with_name("target").exists()


def test_full_target_is_not_the_sources_fault(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the target's disk refuses, its own error comes out."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        copy_file(source, source.with_name("target"))


def test_another_content_is_left_out(source: Path) -> None:
    """A file that is not what was stored is not passed on."""
    with pytest.raises(SourceUnreadable, match="not what was stored"):
        copy_whole(source, source.with_name("target"), "0" * 64)
    assert not source.with_name("target").exists()
