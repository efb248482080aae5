"""Is there room on the disk? Asked before anything large is written."""

from __future__ import annotations

import shutil
from pathlib import Path

from storage.errors import NoSpace

#: Kept free on top of what is written: file systems need room for themselves.
MARGIN = 16 << 20


def require_space(folder: Path, needed: int) -> None:
    """Raise NoSpace unless `folder`'s disk has room for so many bytes."""
    there = next(item for item in (folder, *folder.parents) if item.exists())
    free = shutil.disk_usage(there).free
    if free < needed + MARGIN:
        raise NoSpace(str(folder), needed + MARGIN, free)
