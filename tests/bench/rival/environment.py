"""Makes the environment that crawlee runs in: it is no dependency of ours."""

from __future__ import annotations

import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parent.parent.parent / ".cache" / "bench"


def python() -> Path:
    """The environment's interpreter; the environment is made once for each content of its lock."""
    lock, stamp = HERE / "requirements.lock", CACHE / "installed"
    program = CACHE / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    digest = sha256(lock.read_bytes()).hexdigest()
    if not (stamp.is_file() and stamp.read_text(encoding="ascii") == digest):
        venv.create(CACHE / "venv", with_pip=True, clear=True)
        command = [str(program), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(lock)]
        subprocess.run(command, check=True, stdout=sys.stderr)
        stamp.write_text(digest, encoding="ascii")
    return program
