"""Files on their way into a new folder: private, and visible all at once."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from storage.database import make_private_folder
from storage.errors import ArchiveUnusable
from storage.errors import PlaceTaken
from storage.files import sync_folder


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `target` when the block ends well; until then its name says `.incomplete`.

    Raises PlaceTaken when something lies at `target`, and ArchiveUnusable when the disk refuses.
    """
    if is_taken(target):
        raise PlaceTaken(str(target))
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.incomplete")
    try:
        make_private_folder(part)
        yield part
        sync_tree(part)
        if target.is_dir():  # empty: Windows replaces no folder by a rename
            target.rmdir()
        part.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise ArchiveUnusable(str(target), error.strerror or "it cannot be written") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def is_taken(target: Path) -> bool:
    """Whether something lies there; an empty folder is nothing."""
    if target.is_dir() and not target.is_symlink():
        return any(target.iterdir())
    return os.path.lexists(target)


def remove_empty(folder: Path) -> None:
    """Remove `folder` and the folders below it, as far as they are empty and the system lets them go."""
    below = [path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink()]
    for path in (*sorted(below, reverse=True), folder):
        with suppress(OSError):
            path.rmdir()


def sync_tree(folder: Path) -> None:
    """Let every entry of every folder below survive a power cut; the files themselves were synced when written."""
    for item in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
        sync_folder(item)
