"""A run's folder: who owns it, what lives off it, what is left when the owner was killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from agent.browser.rundir import RunDirectory
from agent.browser.rundir import leftovers
from agent.browser.rundir import reap
from agent.browser.rundir import remove_leftovers
from agent.errors import ConfigurationError


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits, with arguments that it does not look at."""
    waiting = "import sys; sys.stdin.read()"
    started = subprocess.Popen([sys.executable, "-c", waiting, *arguments], stdin=subprocess.PIPE)
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def dead_pid() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_what_uses_the_folder_is_ended(tmp_path: Path) -> None:
    """A process whose command line names the folder ends with the run; others, and we ourselves, live on."""
    with process(f"--user-data-dir={tmp_path / 'profile'}") as user, process("--elsewhere") as other:
        assert (user.pid,) == reap(tmp_path)

        user.wait()
        assert psutil.Process(other.pid).is_running()


def test_the_folder_of_a_dead_owner_is_removed_with_what_uses_it(tmp_path: Path) -> None:
    """A killed run's folder and processes are found by the next run; a living run's are left alone."""
    me = psutil.Process()
    living = tmp_path / f"run-{me.pid}-{int(me.create_time()):x}-0a"
    dead = tmp_path / f"run-{dead_pid()}-{int(me.create_time()):x}-0b"
    reused = tmp_path / f"run-{me.pid}-{int(me.create_time() - 5000):x}-0c"
    stranger = tmp_path / "other"
    for folder in (living, dead, reused, stranger):
        (folder / "profile").mkdir(parents=True)

    with process(str(dead)) as orphan:
        assert {dead, reused} == set(leftovers(tmp_path))
        assert {dead, reused} == set(remove_leftovers(tmp_path))
        orphan.wait()

    assert {living, stranger} == set(tmp_path.iterdir())


def test_a_new_folder_is_private_and_owned() -> None:
    """The folder is closed to others, belongs to this process, and goes with all that is in it."""
    with tempfile.TemporaryDirectory(prefix="runs") as root:  # pytest's own are too long
        directory = RunDirectory.create(Path(root))
        (directory.path / "file").touch()

        assert [] == list(leftovers(Path(root)))
        assert sys.platform == "win32" or 0o700 == directory.path.stat().st_mode & 0o777
        directory.remove()
        assert [] == list(Path(root).iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="sockets have no paths there")
def test_a_path_too_long_for_sockets_is_refused(tmp_path: Path) -> None:
    """Chromium would fail to start without a reason, so the folder says so first."""
    with pytest.raises(ConfigurationError):
        RunDirectory.create(tmp_path / ("x" * 60))
