"""Where browsers are looked for, and what is taken for one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import playwright
import pytest

from agent.browser.engines import Drive
from agent.browser.engines import EngineKind
from agent.browser.engines import FoundEngine
from agent.browser.engines import Tried
from agent.browser.engines import find_engines
from agent.browser.launch import CHROMIUM_SWITCHES
from agent.browser.launch import LaunchSpec
from agent.browser.launch import lacks_screen
from agent.browser.launch import launch_arguments
from agent.browser.places import usual_places
from agent.browser.version import below_floor
from agent.browser.version import installed_version
from agent.browser.version import product_version
from agent.errors import NoEngine
from agent.extract.snapshot import Engine

CHROMIUM = "Chromium 156.0.8078.79 built on Debian"
FIREFOX = "Mozilla Firefox 153.7.0esr"


def program(folder: Path, name: str, says: str) -> Path:
    """An executable that prints a line for `--version`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\necho "{says}"\n')
    path.chmod(0o755)
    return path


def found_engine(engine: Engine = Engine.CHROMIUM, kind: EngineKind = EngineKind.SYSTEM) -> FoundEngine:
    drive = Drive.CDP if engine is Engine.CHROMIUM else Drive.BIDI
    return FoundEngine(engine, kind, Path("/usr/bin/browser"), "156.0", drive)


def test_own_builds_go_before_the_systems(tmp_path: Path) -> None:
    """Playwright's own build comes first, then the search path; only Playwright's Firefox speaks its protocol."""
    own = {
        Engine.CHROMIUM: program(tmp_path / "own", "chrome", "Chromium 140.0.1"),
        Engine.FIREFOX: program(tmp_path / "own", "firefox", "Mozilla Firefox 142.0.1"),
    }
    chromium = program(tmp_path / "bin", "chromium", CHROMIUM)
    firefox = program(tmp_path / "bin", "firefox", FIREFOX)

    discovery = find_engines(own, environ={"PATH": str(tmp_path / "bin")}, platform="none")

    assert (
        FoundEngine(Engine.CHROMIUM, EngineKind.PLAYWRIGHT, own[Engine.CHROMIUM], "140.0.1", Drive.CDP),
        FoundEngine(Engine.CHROMIUM, EngineKind.SYSTEM, chromium, "156.0.8078.79", Drive.CDP),
        FoundEngine(Engine.FIREFOX, EngineKind.PLAYWRIGHT, own[Engine.FIREFOX], "142.0.1", Drive.JUGGLER),
        FoundEngine(Engine.FIREFOX, EngineKind.SYSTEM, firefox, "153.7.0", Drive.BIDI),
    ) == tuple(found for found in discovery.found if tmp_path in found.path.parents)


def test_a_browser_that_a_person_names_is_the_only_one(tmp_path: Path) -> None:
    """An override that does not work is reported; another browser is never taken in its place."""
    program(tmp_path / "bin", "chromium", CHROMIUM)
    environ = {"PATH": str(tmp_path / "bin"), "CASELOG_CHROMIUM": "/bin/true"}

    discovery = find_engines({}, environ=environ, platform="none")

    assert Tried(Engine.CHROMIUM, "CASELOG_CHROMIUM=/bin/true", "does not answer as chromium") in discovery.tried
    with pytest.raises(NoEngine) as caught:
        discovery.best(Engine.CHROMIUM)
    assert ["CASELOG_CHROMIUM=/bin/true: does not answer as chromium"] == list(caught.value.tried)


def test_what_is_too_old_or_another_product_is_not_used(tmp_path: Path) -> None:
    """A browser below the floor and a program of the right name that is no browser are listed with the reason."""
    old = program(tmp_path, "chromium", "Chromium 99.0.1")
    other = program(tmp_path, "firefox", "Command requires the snap to be installed")

    discovery = find_engines({}, environ={"PATH": str(tmp_path)}, platform="none")

    assert {
        Tried(Engine.CHROMIUM, str(old), "version 99.0.1 is older than 120"),
        Tried(Engine.FIREFOX, str(other), "does not answer as firefox"),
    } == {tried for tried in discovery.tried if str(tmp_path) in tried.where}


def test_one_browser_under_two_names_is_one(tmp_path: Path) -> None:
    """A link to a browser that was found is not another browser."""
    real = program(tmp_path / "bin", "chromium", CHROMIUM)
    (tmp_path / "bin" / "google-chrome").symlink_to(real)

    discovery = find_engines({}, environ={"PATH": str(tmp_path / "bin")}, platform="none")

    assert 1 == len([found for found in discovery.found if tmp_path in found.path.parents])


@pytest.mark.parametrize(
    ("engine", "said", "expected"),
    [
        (Engine.CHROMIUM, CHROMIUM, "156.0.8078.79"),
        (Engine.CHROMIUM, "Google Chrome 143.0.7499.40 \n", "143.0.7499.40"),
        (Engine.CHROMIUM, "Google Chrome for Testing 143.0.7499.4", "143.0.7499.4"),
        (Engine.CHROMIUM, "Microsoft Edge 143.0.3650.66", "143.0.3650.66"),
        (Engine.FIREFOX, FIREFOX, "153.7.0"),
        (Engine.CHROMIUM, FIREFOX, None),
        (Engine.FIREFOX, CHROMIUM, None),
        (Engine.CHROMIUM, "", None),
    ],
)
def test_the_product_speaks_for_itself(engine: Engine, said: str, expected: str | None) -> None:
    """The version is taken from what the right product prints, and from nothing else."""
    assert expected == product_version(engine, said)


def test_windows_versions_are_read_from_files(tmp_path: Path) -> None:
    """Where asking would open a window, the newest version beside the executable counts."""
    chrome = tmp_path / "Google" / "Chrome" / "Application" / "chrome.exe"
    (chrome.parent / "99.0.1.2").mkdir(parents=True)
    (chrome.parent / "143.0.1.2").mkdir()
    (chrome.parent / "Dictionaries").mkdir()
    firefox = tmp_path / "Mozilla Firefox" / "firefox.exe"
    firefox.parent.mkdir()
    (firefox.parent / "application.ini").write_text("[App]\nName=Firefox\nVersion=153.7\n")

    assert "143.0.1.2" == installed_version(Engine.CHROMIUM, chrome)
    assert "153.7" == installed_version(Engine.FIREFOX, firefox)
    assert None is installed_version(Engine.CHROMIUM, firefox)


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("win32", {"ProgramFiles": "C:/P"}, Path("C:/P/Google/Chrome/Application/chrome.exe")),
        ("darwin", {"HOME": "/Users/a"}, Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")),
        ("linux", {}, Path("/opt/google/chrome/chrome")),
    ],
)
def test_every_system_has_usual_places(platform: str, environ: dict[str, str], expected: Path) -> None:
    """On each system Chrome's own place is looked at first."""
    assert expected == next(usual_places(Engine.CHROMIUM, platform=platform, environ=environ))


def test_floors_are_inclusive() -> None:
    """The oldest version that is known to do is allowed."""
    assert (True, False) == (below_floor(Engine.FIREFOX, "139.9"), below_floor(Engine.FIREFOX, "140.0"))


PREFERENCES = {"network.http.request.max-attempts": 1, "extensions.enabledScopes": 0}
SWITCHES = {"args": list(CHROMIUM_SWITCHES), "chromium_sandbox": True}
COMMON = {"headless": True, "handle_sigint": False}
OWN = EngineKind.PLAYWRIGHT


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            found_engine(),
            {**COMMON, **SWITCHES, "executable_path": str(Path("/usr/bin/browser"))},
        ),
        (found_engine(kind=OWN), {**COMMON, **SWITCHES, "channel": "chromium"}),
        (
            found_engine(Engine.FIREFOX),
            {
                **COMMON,
                "firefox_user_prefs": PREFERENCES,
                "channel": "moz-firefox",
                "executable_path": str(Path("/usr/bin/browser")),
            },
        ),
        (
            replace(found_engine(Engine.FIREFOX, OWN), how_driven=Drive.JUGGLER),
            {**COMMON, "firefox_user_prefs": PREFERENCES, "executable_path": str(Path("/usr/bin/browser"))},
        ),
    ],
)
def test_launch_arguments(found: FoundEngine, expected: dict[str, object]) -> None:
    """Firefox always sends once; own Chromium runs in the new headless, other Firefoxes over BiDi."""
    spec = LaunchSpec(found, sandbox=True)

    assert expected == launch_arguments(spec)
    assert (found.engine is Engine.FIREFOX) == spec.sends_once


def test_chromium_keeps_off_what_playwright_turns_off() -> None:
    """Of two lists of features Chromium heeds only the last, ours: it names all that this Playwright's driver names."""
    package = Path(playwright.__file__).parent / "driver" / "package" / "lib"
    bundle = (package / "coreBundle.js").read_text(encoding="utf-8")
    listed = bundle.partition("disabledFeatures = [")[2].partition("].filter")[0]
    theirs = set(re.findall(r'^\s*"(\w+)"', listed, re.MULTILINE))
    (switch,) = CHROMIUM_SWITCHES
    ours = set(switch.removeprefix("--disable-features=").split(","))

    assert len(theirs) > 10
    assert {"WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "RenderDocument"} == ours - theirs
    assert set() == theirs - ours


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {}, True),
        ("linux", {"DISPLAY": ":0"}, False),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, False),
        ("darwin", {}, False),
        ("win32", {}, False),
    ],
)
def test_a_window_needs_a_screen(platform: str, environ: dict[str, str], expected: bool) -> None:
    """A server without a display is told so, instead of a browser that dies."""
    assert expected == lacks_screen(platform=platform, environ=environ)
