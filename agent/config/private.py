"""Folders and files that only their owner may read.

On Windows the user folders are private by their access lists, and a mode would say nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from storage.files import temporary_beside


def private_folder(path: Path) -> Path:
    """Make the folder with its parents, closed to others; a folder that exists is closed as well."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        path.chmod(0o700)
    return path


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step; it is never there half written, nor readable by others for a moment."""
    private_folder(path.parent)
    fresh = temporary_beside(path)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
