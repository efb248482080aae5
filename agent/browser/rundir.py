"""The folder that all of a run's browsers write to, and the processes that live off it.

Its name says who owns it (process id and start time), so that what a killed run left behind is known for certain. It
must lie on a local disk: another machine's process ids mean nothing here.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from agent.config.private import private_folder
from agent.errors import ConfigurationError
from agent.errors import Problem
from storage.process import lives

_NAME = re.compile(r"run-(\d+)-([0-9a-f]+)-[0-9a-f]+")
_REAP_SECONDS = 5.0
#: Chromium puts `org.chromium.Chromium.XXXXXX/SingletonSocket` below, and a socket's path has at most 103 characters.
_LONGEST = 57


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """A private folder of this process."""

    path: Path

    @classmethod
    def create(cls, root: Path) -> RunDirectory:
        """Make one below `root`, after removing what dead runs left there."""
        private_folder(root)
        remove_leftovers(root)
        me = psutil.Process()
        path = root.resolve() / f"run-{me.pid}-{int(me.create_time()):x}-{secrets.token_hex(2)}"
        if sys.platform != "win32" and len(str(path)) > _LONGEST:
            raise ConfigurationError((Problem(str(root), "too long a path for the browsers' sockets"),))
        path.mkdir(mode=0o700)
        return cls(path)

    def reap(self) -> tuple[int, ...]:
        """End the processes that still use the folder; returns their ids."""
        return reap(self.path)

    def remove(self) -> None:
        self.reap()
        _remove_tree(self.path)


def usual_root() -> Path:
    """Where run folders lie unless told otherwise: a user's own, with a short path."""
    if sys.platform != "win32":
        return Path("/tmp") / f"caselog-{os.getuid()}"  # noqa: S108 - closed to others; a Mac's own is too long
    else:  # noqa: RET505 - a checker for Windows would call what follows unreachable
        return Path(tempfile.gettempdir()) / "caselog"


def remove_leftovers(root: Path) -> tuple[Path, ...]:
    """End the processes and remove the folders of runs whose owner is dead; returns the folders."""
    dead = tuple(leftovers(root))
    for path in dead:
        reap(path)
        _remove_tree(path)
    return dead


def leftovers(root: Path) -> Iterator[Path]:
    """Yield the folders of dead runs."""
    if not root.is_dir():
        return
    for path in sorted(root.resolve().iterdir()):
        owner = _NAME.fullmatch(path.name)
        if owner and not lives(int(owner[1]), int(owner[2], 16)):
            yield path


def reap(directory: Path) -> tuple[int, ...]:
    """Kill, by id, each process whose command line names the folder, with its descendants; never one of our own line.

    When a driver is killed, only some of an orphaned Firefox's processes name the folder; the others end with those.
    """
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    doomed = {process.pid: process for process in _naming(str(directory)) if process.pid not in ours}
    for process in list(doomed.values()):
        for child in _children(process):
            doomed.setdefault(child.pid, child)
    for process in doomed.values():
        _kill(process)
    psutil.wait_procs(list(doomed.values()), timeout=_REAP_SECONDS)
    return tuple(sorted(doomed))


def _naming(directory: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if any(directory in argument for argument in process.cmdline()):
                yield process
        except psutil.Error:
            continue


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:  # gone by itself, or not ours to end
        return


def _remove_tree(path: Path) -> None:
    # A file that Windows still holds stays until the next run looks for leftovers.
    shutil.rmtree(path, ignore_errors=True)
