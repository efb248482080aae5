"""Which product and version an executable is, found out without opening a window."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from agent.extract.snapshot import Engine

FLOORS = {Engine.CHROMIUM: 120, Engine.FIREFOX: 140}

_ASK_SECONDS = 20
_NUMBER = re.compile(r"\d+(?:\.\d+)+")
_PRODUCTS = {
    Engine.CHROMIUM: re.compile(r"(?:Google Chrome|Chromium|Microsoft Edge)\D{0,40}?(\d+(?:\.\d+)+)"),
    Engine.FIREFOX: re.compile(r"(?:Mozilla Firefox|Firefox|Nightly)\D{0,40}?(\d+(?:\.\d+)+)"),
}
_WINDOWS_PROGRAMS = {Engine.CHROMIUM: {"chrome.exe", "msedge.exe"}, Engine.FIREFOX: {"firefox.exe"}}


def product_version(engine: Engine, said: str) -> str | None:
    """Take the version out of what `--version` printed, or `None` where another product speaks."""
    found = _PRODUCTS[engine].search(said)
    return found[1] if found else None


def below_floor(engine: Engine, version: str) -> bool:
    return int(version.split(".", 1)[0]) < FLOORS[engine]


def read_version(engine: Engine, path: Path) -> str | None:
    """Return the version, or `None` where the file is not that engine."""
    on_windows = sys.platform == "win32"  # there `--version` opens a window
    return installed_version(engine, path) if on_windows else product_version(engine, _ask(path))


def _ask(path: Path) -> str:
    try:
        answer = subprocess.run(
            [str(path), "--version"],
            capture_output=True,
            timeout=_ASK_SECONDS,
            stdin=subprocess.DEVNULL,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout


def installed_version(engine: Engine, path: Path) -> str | None:
    """Read the version from the files beside a Windows executable."""
    if path.name.lower() not in _WINDOWS_PROGRAMS[engine]:
        return None
    found = _from_application_ini(path) if engine is Engine.FIREFOX else _from_neighbours(path)
    return max(found, key=_sortable, default=None)


def _from_application_ini(path: Path) -> Iterator[str]:
    try:
        text = (path.parent / "application.ini").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    yield from re.findall(r"^Version=(\d+(?:\.\d+)+)", text, re.MULTILINE)


def _from_neighbours(path: Path) -> Iterator[str]:
    """Chromium's installer leaves a folder, its archive a manifest, that is named by the version."""
    try:
        names = [neighbour.name.removesuffix(".manifest") for neighbour in path.parent.iterdir()]
    except OSError:
        return
    yield from filter(_NUMBER.fullmatch, names)


def _sortable(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
