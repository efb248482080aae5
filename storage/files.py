"""Private files whose content lies on the disk before anybody relies on them.

A file is written under a temporary name first. That name says who writes it, so that what a killed process left behind
is known for certain.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import stat
import sys
import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import psutil

from storage.process import lives

_TEMPORARY = re.compile(r"\..+\.([0-9a-f]{8})-(\d+)-([0-9a-f]+)-[0-9a-f]+\.tmp(-wal|-shm|-journal)?")
#: Seconds after which a file of another host's is abandoned: nothing takes so long to write.
_STALE = 24 * 3600.0


def temporary_beside(path: Path) -> Path:
    """A name for the file that is to become `path`."""
    me = psutil.Process()
    return path.with_name(f".{path.name}.{_host()}-{me.pid}-{int(me.create_time()):x}-{secrets.token_hex(4)}.tmp")


def remove_abandoned(folder: Path) -> tuple[Path, ...]:
    """Remove the temporary files in `folder` that no living process writes any more; returns them."""
    if not folder.is_dir():
        return ()
    abandoned = tuple(path for path in sorted(folder.glob(".*.tmp*")) if _is_abandoned(path))
    for path in abandoned:
        # Another process may clean up at the same time.
        path.unlink(missing_ok=True)
    return abandoned


def _is_abandoned(path: Path) -> bool:
    owner = _TEMPORARY.fullmatch(path.name)
    if owner is None:
        return False
    if owner[1] == _host():
        return not lives(int(owner[2]), int(owner[3], 16))
    try:
        return time.time() - path.stat().st_mtime > _STALE
    except FileNotFoundError:
        return False


def _host() -> str:
    # Another machine's, or another container's, process numbers mean nothing here.
    return sha256(socket.gethostname().encode()).hexdigest()[:8]


def why_unreadable(path: Path) -> str | None:
    """Why a file that a person named cannot be read, as the end of a sentence; `None` when it can be."""
    try:
        # A pipe would be waited for, and for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            return "is no file"
        with path.open("rb"):
            return None
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    except ValueError:  # a NUL in the name
        return "has no name that a file can have"


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
