"""`caselog setup` tries the cheap way first, says what it did, and names what a person has to do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from agent.browser.engines import Drive
from agent.browser.engines import EngineKind
from agent.browser.engines import FoundEngine
from agent.cli import browsers
from agent.cli import installing
from agent.cli.browsers import Launched
from agent.cli.installing import Step
from agent.extract.snapshot import Engine

Runner = Callable[..., Any]

CHROMIUM = FoundEngine(Engine.CHROMIUM, EngineKind.SYSTEM, Path("chromium"), "156.0", Drive.CDP)
FIREFOX = FoundEngine(Engine.FIREFOX, EngineKind.SYSTEM, Path("firefox"), "153.0", Drive.BIDI)
BOTH = Launched((CHROMIUM, FIREFOX), {})
NO_FIREFOX = Launched((CHROMIUM,), {"firefox": ("firefox: not there",)})


class Machine:
    """A machine on which steps may or may not help; it remembers what was tried."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.launches = [BOTH]
        self.fonts = True
        self.download = Step("download", ok=False, detail="Error: no such host")
        self.packages = Step("install", ok=False, detail="needs an administrator")
        self.tried: list[str] = []
        monkeypatch.setattr(browsers, "launch_each", self._launch)
        monkeypatch.setattr(installing, "has_cjk_fonts", lambda: self.fonts)
        monkeypatch.setattr(installing, "download", self._download)
        monkeypatch.setattr(installing, "install_packages", self._install)

    async def _launch(self, _call: object) -> Launched:
        return self.launches.pop(0) if len(self.launches) > 1 else self.launches[0]

    def _download(self, engines: Collection[str]) -> Step:
        self.tried.append(f"download {' '.join(engines)}")
        return self.download

    def _install(self, wanted: Collection[str]) -> Step:
        self.tried.append(f"packages {' '.join(wanted)}")
        return self.packages


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_machine_that_is_ready_is_left_alone(caselog: Runner, machine: Machine) -> None:
    """Where both engines work nothing is downloaded or installed."""
    ran = caselog("setup", "--json")

    assert (0, []) == (ran.code, machine.tried)
    assert ["chromium", "firefox"] == [engine["engine"] for engine in ran.value["engines"]]


def test_download_that_helps_is_enough(caselog: Runner, machine: Machine) -> None:
    """After a download that works no system package is touched."""
    machine.launches = [NO_FIREFOX, BOTH]
    machine.download = Step("download", ok=True)

    assert (0, ["download firefox"]) == (caselog("setup").code, machine.tried)


def test_download_that_does_not_launch_is_followed_by_packages(caselog: Runner, machine: Machine) -> None:
    """A downloaded browser that lacks its libraries counts as missing."""
    machine.launches = [NO_FIREFOX, NO_FIREFOX, BOTH]
    machine.download = Step("download", ok=True)
    machine.packages = Step("install", ok=True)

    assert (0, ["download firefox", "packages firefox"]) == (caselog("setup").code, machine.tried)


def test_fonts_alone_come_from_packages(caselog: Runner, machine: Machine) -> None:
    """Missing fonts are asked for, and their absence fails nothing."""
    machine.fonts = False

    ran = caselog("setup")

    assert (0, ["packages fonts"]) == (ran.code, machine.tried)
    assert "screenshots will show boxes" in ran.out


def test_engine_that_cannot_be_had_is_named(caselog: Runner, machine: Machine) -> None:
    """A person learns what is missing, what it means, and what was tried."""
    machine.launches = [NO_FIREFOX]

    ran = caselog("engines", "install", "--json")

    assert ran.code == 6
    assert [
        "without firefox replies cannot be sent, since only Firefox is proven not to send one twice",
        "download: Error: no such host",
        "install: needs an administrator",
        "firefox: not there",
    ] == ran.value["error"]["where"]


def test_step_that_fails_tells_its_own_error() -> None:
    """The line that names the error is kept, not the stack below it."""
    script = "print('Downloading'); print('Error: no such host'); print('    at Object.x'); raise SystemExit(1)"

    step = installing._run("try", [sys.executable, "-c", script], seconds=60, environ={})

    assert Step("try", ok=False, detail="Error: no such host") == step


def test_packages_without_an_administrator_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing may be installed, the command to type is told."""
    monkeypatch.setattr(installing, "_root_prefix", lambda: None)
    monkeypatch.setattr(sys, "platform", "linux")

    step = installing.install_packages(["chromium", "fonts"])

    assert not step.ok
    assert "apt-get install chromium fonts-noto-cjk" in step.detail


BROWSERS = f"{sys.executable} -m playwright install-deps chromium firefox, then run: caselog setup"


@pytest.mark.parametrize(
    ("wanted", "steps"),
    [
        (["firefox"], BROWSERS),
        (["fonts"], "apt-get install fonts-noto-cjk"),
        (["chromium", "fonts"], f"apt-get install fonts-noto-cjk and {BROWSERS}"),
    ],
)
def test_ubuntu_gets_steps_that_work_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wanted: list[str], steps: str
) -> None:
    """Debian's firefox-esr is not named where no such package is."""
    release = tmp_path / "os-release"
    release.write_text('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n')
    monkeypatch.setattr(installing, "RELEASE", release)
    monkeypatch.setattr(sys, "platform", "linux")

    step = installing.install_packages(wanted)

    assert (False, f"needs an administrator: {steps}") == (step.ok, step.detail)
