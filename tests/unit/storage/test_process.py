"""Does a process live? Asked of locks, claims, runs and temporary files alike."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from storage.process import lives

ME = psutil.Process()


@pytest.mark.parametrize(("shift", "expected"), [(0, True), (30, True), (-30, True), (3600, False), (-3600, False)])
def test_start_time_tells_processes_apart(shift: float, *, expected: bool) -> None:
    """A clock that was set a little makes nobody look dead; a later process with the same number is another one."""
    assert expected == lives(ME.pid, ME.create_time() + shift)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no dead process in its table")
def test_dead_child_does_not_live() -> None:
    """A process that has ended is dead from that moment on, also while its parent has not noticed."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        started = psutil.Process(child.pid).create_time()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not lives(child.pid, started)
    assert not lives(child.pid, started)
