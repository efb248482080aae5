"""Temporary files: who writes one, and when it counts as abandoned."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.files import remove_abandoned
from storage.files import temporary_beside

WRITER = """
import sys
from pathlib import Path
from storage.files import temporary_beside
path = temporary_beside(Path(sys.argv[1]))
path.write_bytes(b"half")
print(path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def written_elsewhere(tmp_path: Path) -> Callable[[], tuple[subprocess.Popen[str], Path]]:
    """Another process with a temporary file that it has not finished."""

    def start() -> tuple[subprocess.Popen[str], Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "blob")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert process.stdout is not None
        return process, Path(process.stdout.readline().strip())

    return start


def test_a_dead_process_s_file_is_removed(
    written_elsewhere: Callable[[], tuple[subprocess.Popen[str], Path]], tmp_path: Path
) -> None:
    """What a living process writes stays; once it was killed, the file goes."""
    process, path = written_elsewhere()
    with process:
        while_it_lives = remove_abandoned(tmp_path)
        process.kill()

    assert ((), (path,), []) == (while_it_lives, remove_abandoned(tmp_path), list(tmp_path.iterdir()))


def test_only_files_of_ours_are_removed(tmp_path: Path) -> None:
    """A file that merely ends like ours, and our own, stay."""
    (tmp_path / ".notes.tmp").touch()
    (tmp_path / "blob.tmp").touch()
    ours = temporary_beside(tmp_path / "blob")
    ours.touch()

    assert () == remove_abandoned(tmp_path)
    assert () == remove_abandoned(tmp_path / "missing")


def test_another_host_s_file_is_believed_for_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process number of another machine or container proves nothing; only its age does."""
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    path = temporary_beside(tmp_path / "blob")
    path.touch()
    monkeypatch.undo()

    fresh = remove_abandoned(tmp_path)
    os.utime(path, (0, 0))

    assert ((), (path,)) == (fresh, remove_abandoned(tmp_path))
