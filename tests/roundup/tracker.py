"""Install, fill and serve Roundup, a help desk that nobody of this project wrote."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.own_environment import environment
from tests.own_environment import interpreter

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".cache" / "roundup"


@dataclass(frozen=True)
class Tracker:
    """A running tracker: its address, which has a path, and what a complete backup of it must hold."""

    url: str
    truth: dict[str, Any]


def _free_port() -> int:
    """Roundup writes its own address into its pages, so that the port must be known before it begins."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(data: Path, cases: int) -> Iterator[Tracker]:
    """Serve a new tracker on loopback until the block ends."""
    environment(CACHE, HERE / "requirements.lock")
    folder, port = data / "tracker", _free_port()
    url = f"http://127.0.0.1:{port}/desk/"
    python = [str(interpreter(CACHE)), "-W", "ignore"]
    settings = os.environ | {"PYTHONUTF8": "1"}
    fill = [*python, str(HERE / "site" / "seed.py"), str(folder), url, str(cases)]
    subprocess.run(fill, env=settings, check=True, stdout=sys.stderr)
    command = [*python, str(HERE / "site" / "serve.py"), str(folder), str(port)]
    with subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(url, server)
            yield Tracker(url, json.loads((data / "truth.json").read_text(encoding="utf-8")))
        finally:
            server.terminate()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except urllib.error.URLError:
            assert server.poll() is None, "the tracker ended"
            assert time.monotonic() < until, "the tracker does not answer"
            time.sleep(0.05)
        else:
            return
