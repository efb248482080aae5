"""Makes the environment that crawlee runs in: it is no dependency of ours."""

from __future__ import annotations

from pathlib import Path

from tests.own_environment import environment
from tests.own_environment import interpreter

HERE = Path(__file__).parent
CACHE = HERE.parent.parent.parent / ".cache" / "bench"


def python() -> Path:
    """The environment's interpreter; the environment is made once for each content of its lock."""
    environment(CACHE, HERE / "requirements.lock")
    return interpreter(CACHE)
