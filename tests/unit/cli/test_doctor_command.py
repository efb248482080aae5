"""`doctor` looks at everything even when the first thing is broken, and says what to do about each."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.browser.engines import Drive
from agent.browser.engines import EngineKind
from agent.browser.engines import FoundEngine
from agent.cli import browsers
from agent.cli.browsers import Launched
from agent.cli.doctor import live
from agent.errors import PortalUnreachable
from agent.extract.snapshot import Engine

Runner = Callable[..., Any]

CHROMIUM = FoundEngine(Engine.CHROMIUM, EngineKind.SYSTEM, Path("chromium"), "156.0", Drive.CDP)


@pytest.fixture(autouse=True)
def _without_firefox(monkeypatch: pytest.MonkeyPatch) -> None:
    async def launched(_call: object) -> Launched:
        return Launched((CHROMIUM,), {"firefox": ("firefox: not there",)})

    monkeypatch.setattr(browsers, "launch_each", launched)


def test_everything_is_looked_at(caselog: Runner, configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing secret hides no missing browser; the exit code is the worst one's."""
    monkeypatch.delenv("CASELOG_PASSWORD_MAIN", raising=False)

    ran = caselog("doctor", "--json")

    checks = {check["name"]: check for check in ran.value["checks"]}
    assert ran.code == 6
    assert {
        "configuration": True,
        "accounts.main.password": False,
        "archive": True,
        "disk": True,
        "chromium": True,
        "firefox": False,
    } == {name: check["ok"] for name, check in checks.items() if name in {*_ALWAYS, "accounts.main.password"}}
    assert "CASELOG_PASSWORD_MAIN is not set" in checks["accounts.main.password"]["detail"]
    assert "caselog engines install" == checks["firefox"]["next"]


_ALWAYS = {"configuration", "archive", "disk", "chromium", "firefox"}


def test_broken_configuration_hides_nothing_else(caselog: Runner, home: Path) -> None:
    """With a file that cannot be read the machine is still checked."""
    home.mkdir()
    (home / "caselog.toml").write_text("nonsense = 1\n")

    ran = caselog("doctor")

    assert ran.code == 6
    assert "is no known key" in ran.out
    assert "156.0 opens a page" in ran.out


def test_stop_switch_and_open_folder_are_noted(caselog: Runner, configured: Path) -> None:
    """What fails nothing but is worth knowing is a note with its next step."""
    caselog("stop")
    configured.chmod(0o755)

    notes = {check["name"]: check["next"] for check in caselog("doctor", "--json").value["checks"] if check["ok"]}

    assert "caselog resume" == notes["stop switch"]
    assert f"chmod 700 {configured}" == notes["privacy"]


def test_checks_are_kept_when_the_portal_cannot_be_met(
    caselog: Runner, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found here is told beside why nothing was seen there; the exit code is the worse one's."""

    def unreachable(*_: object, **_how: object) -> None:
        raise PortalUnreachable("main", "connection refused", "http://127.0.0.1:9/")

    monkeypatch.setattr(live, "look_live", unreachable)

    ran, shown = caselog("doctor", "--live", "main", "--json"), caselog("doctor", "--live", "main")

    assert (17, True) == (ran.code, "disk" in {check["name"] for check in ran.value["checks"]})
    assert {
        "exit_code": 17,
        "what": "main: the portal cannot be reached (connection refused)",
        "where": ["http://127.0.0.1:9/"],
        "next": "Check the network, the proxy and accounts.main.base_url.",
    } == ran.value["live"]["error"]
    assert (True, True) == ("firefox: firefox: not there" in shown.out, "connection refused" in shown.out)


@pytest.mark.usefixtures("configured")
def test_check_is_told_as_soon_as_it_was_made(caselog: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the browsers has read what was found before; a note is marked as one."""
    device, seen = io.BytesIO(), []

    async def launched(_call: object) -> Launched:
        seen.extend(device.getvalue().decode().splitlines())
        return Launched((), {})

    monkeypatch.setattr(browsers, "launch_each", launched)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(device, encoding="utf-8"))

    caselog("doctor")

    assert "note    archive: none yet  Next: caselog backup" in seen


@pytest.mark.usefixtures("configured")
def test_machine_that_refuses_a_check_ends_no_other(caselog: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that no browser can be started in is that check's result."""

    async def refused(_call: object) -> Launched:
        raise PermissionError(errno.EACCES, "Permission denied", "/runs")

    monkeypatch.setattr(browsers, "launch_each", refused)

    assert {
        "name": "browsers",
        "ok": False,
        "detail": "A file may not be used. /runs",
        "next": "Mend its rights, or run caselog as its owner.",
    } == caselog("doctor", "--json").value["checks"][-1]
