"""Programs that are killed before their n-th step, where a step changes a file or commits to a database."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

#: Goes before a program. `what`, `source`, `target` and the number of the last step (0: none) are its arguments.
PRELUDE = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine

now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
what, source, target, last = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
steps = 0

def step(*_):
    global steps
    steps += 1
    if steps == last:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

def counted(module, name):
    original = getattr(module, name)

    def wrapped(*arguments, **options):
        step()
        return original(*arguments, **options)

    setattr(module, name, wrapped)

for name in ("fsync", "rename", "replace", "mkdir", "unlink", "rmdir"):
    counted(os, name)
event.listen(Engine, "commit", step)
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def run(script: str, what: str, source: object, target: object, last: int) -> int:
    """How many steps it takes when `last` is 0; else it is killed before that one."""
    with start(f"{PRELUDE}{script}\nprint(steps)\n", what, source, target, last) as process:
        out, errors = process.communicate()
    assert process.returncode == (-9 if last else 0), errors
    return 0 if last else int(out)


def points(steps: int, count: int = 5) -> list[int]:
    """So many steps, spread evenly, the first and the last among them."""
    return sorted({1 + round(number * (steps - 1) / (count - 1)) for number in range(count)})
