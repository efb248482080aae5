"""`doctor` looks at everything even when the first thing is broken, and says what to do about each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.browser.engines import Drive
from agent.browser.engines import EngineKind
from agent.browser.engines import FoundEngine
from agent.cli import browsers
from agent.cli.browsers import Launched
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
