from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.blobs import Blob
from storage.blobs import Blobs
from storage.errors import BlobDamaged
from storage.errors import NotFound

CONTENT = b"a picture of a lamp"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def files(store: Blobs) -> list[str]:
    return sorted(path.relative_to(store.folder).as_posix() for path in store.folder.rglob("*") if path.is_file())


def test_put(store: Blobs) -> None:
    """A content lies under its own hash, whether it comes at once, in parts or from a file."""
    expected = Blob(SHA256, len(CONTENT))
    assert expected == store.put(CONTENT)
    assert expected == store.put([CONTENT[:5], b"", CONTENT[5:]])
    (store.folder.parent / "lamp.png").write_bytes(CONTENT)
    assert expected == store.put_file(store.folder.parent / "lamp.png")
    assert [f"{SHA256[:2]}/{SHA256}"] == files(store)
    assert CONTENT == store.path(SHA256).read_bytes()
    assert SHA256 in store
    assert [SHA256] == list(store)
    assert len(CONTENT) == store.verify(SHA256)


def test_empty_content(store: Blobs) -> None:
    """An empty file is a content too."""
    assert 0 == store.verify(store.put(b"").sha256)


def test_expected(store: Blobs) -> None:
    """A content that is not the promised one is not kept."""
    with pytest.raises(BlobDamaged):
        store.put(CONTENT, expected="0" * 64)
    assert [] == files(store)


def test_broken_stream(store: Blobs) -> None:
    """A download that breaks off leaves nothing behind."""

    def chunks() -> Iterator[bytes]:
        yield CONTENT
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.put(chunks())
    assert [] == files(store)


def test_missing(store: Blobs) -> None:
    """A content that is not there is named."""
    assert SHA256 not in store
    assert [] == list(store)
    with pytest.raises(NotFound, match=SHA256):
        store.verify(SHA256)


def test_flipped_bit(store: Blobs) -> None:
    """A content that changed on the disk is damaged, and says what it is now."""
    store.put(CONTENT)
    store.path(SHA256).write_bytes(b"b" + CONTENT[1:])
    with pytest.raises(BlobDamaged) as damage:
        store.verify(SHA256)
    assert SHA256 == damage.value.expected


def test_same_content_at_once(store: Blobs) -> None:
    """Several downloads of the same content at the same time end in one whole file."""
    with ThreadPoolExecutor(4) as pool:
        blobs = list(pool.map(store.put, [CONTENT * 1000] * 8))
    assert 1 == len(set(blobs)) == len(files(store))
    store.verify(blobs[0].sha256)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_private(store: Blobs) -> None:
    """Contents are for the user alone."""
    store.put(CONTENT)
    path = store.path(SHA256)
    assert [0o600, 0o700, 0o700] == [item.stat().st_mode & 0o777 for item in (path, path.parent, store.folder)]
