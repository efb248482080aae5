"""Private files whose content lies on the disk before anybody relies on them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path


def write_new(path: Path, chunks: Iterable[bytes]) -> None:
    """Write `chunks` to a private file and wait until they lie on the disk."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename inside `folder` survive a power cut; Windows needs and offers no such thing."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
