"""Where browsers usually lie. Pure: platform and environment are arguments."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path

from agent.extract.snapshot import Engine

OVERRIDES = {Engine.CHROMIUM: "CASELOG_CHROMIUM", Engine.FIREFOX: "CASELOG_FIREFOX"}

COMMANDS = {
    Engine.CHROMIUM: (
        "google-chrome-stable",
        "google-chrome",
        "chromium",
        "chromium-browser",
        "microsoft-edge-stable",
        "microsoft-edge",
    ),
    Engine.FIREFOX: ("firefox", "firefox-esr"),
}

_LINUX = {
    Engine.CHROMIUM: ("/opt/google/chrome/chrome", "/snap/bin/chromium", "/opt/microsoft/msedge/msedge"),
    Engine.FIREFOX: ("/usr/lib/firefox/firefox", "/opt/firefox/firefox", "/snap/bin/firefox"),
}

_MAC = {
    Engine.CHROMIUM: (
        "Google Chrome.app/Contents/MacOS/Google Chrome",
        "Chromium.app/Contents/MacOS/Chromium",
        "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    Engine.FIREFOX: ("Firefox.app/Contents/MacOS/firefox",),
}

_WINDOWS = {
    Engine.CHROMIUM: (
        "Google/Chrome/Application/chrome.exe",
        "Chromium/Application/chrome.exe",
        "Microsoft/Edge/Application/msedge.exe",
    ),
    Engine.FIREFOX: ("Mozilla Firefox/firefox.exe",),
}


def usual_places(engine: Engine, *, platform: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the paths at which installers put this engine, best first."""
    if platform == "win32":
        roots = [environ[name] for name in ("ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA") if environ.get(name)]
        for below in _WINDOWS.get(engine, ()):
            yield from (Path(root) / below for root in roots)
    elif platform == "darwin":
        roots = ["/Applications"]
        if environ.get("HOME"):
            roots.append(f"{environ['HOME']}/Applications")
        for below in _MAC.get(engine, ()):
            yield from (Path(root) / below for root in roots)
    else:
        yield from map(Path, _LINUX.get(engine, ()))
