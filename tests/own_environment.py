"""Virtual environments for programs that the tests run and that are no dependency of caselog."""

from __future__ import annotations

import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path


def interpreter(folder: Path) -> Path:
    return folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"


def environment(folder: Path, lock: Path) -> bool:
    """Make the environment in `folder` once for each content of its lock. Says whether it is a new one."""
    stamp = folder / "installed"
    digest = sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
        return False
    venv.create(folder / "venv", clear=True)
    # The lock names every package: nothing is left to resolve. Our own pip spares the environment one.
    pip = [sys.executable, "-m", "pip", "--python", str(interpreter(folder)), "install", "--disable-pip-version-check"]
    command = [*pip, "-q", "--no-compile", "--no-deps", "--require-hashes", "-r", str(lock)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    stamp.write_text(digest, encoding="ascii")
    return True
