"""Browsers that are missing or crash at their start, a driver that dies: exit 6, or the other engine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OpenShop = Callable[..., Any]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the broken browsers are shell scripts")


@pytest.fixture
def crashing(tmp_path: Path) -> Callable[[str], str]:
    """A browser that tells its version and then crashes whenever it is started."""

    def make(name: str) -> str:
        version = {"chromium": "Chromium 156.0.1.1", "firefox": "Mozilla Firefox 153.0"}[name]
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\ncase "$*" in *-version*) echo "{version}"; exit 0;; esac\nexit 7\n')
        path.chmod(0o700)
        return str(path)

    return make


def variable(engine: str) -> str:
    from agent.browser.places import OVERRIDES
    from agent.extract.snapshot import Engine

    return OVERRIDES[Engine(engine)]


@pytest.mark.long
def test_other_engine_does_the_run(open_shop: OpenShop, crashing: Callable[[str], str]) -> None:
    """Where Chromium crashes at its start, Firefox reads everything, and the person is told."""
    shop = open_shop(cases=1)

    ran = shop.run("backup", "--json", **{variable("chromium"): crashing("chromium")})

    [run] = ran.value["runs"]
    assert (0, "complete", "firefox") == (ran.code, run["outcome"], run["engine"])
    assert "engine_replaced" in ran.err
    assert "Traceback" not in ran.err


def test_no_engine_that_starts(open_shop: OpenShop, crashing: Callable[[str], str]) -> None:
    """Two browsers that crash are exit 6, with the command that gets another; the run is journalled as failed."""
    shop = open_shop(cases=2)
    broken = {variable(engine): crashing(engine) for engine in ("chromium", "firefox")}

    ran = shop.run("backup", "--json", **broken)

    [run] = ran.value["runs"]
    assert (6, "failed") == (ran.code, run["outcome"])
    assert "caselog engines install" in run["error"]["next"]
    assert [] == shop.portal.requests()["requests"]


def test_driver_that_dies_at_its_start(open_shop: OpenShop) -> None:
    """Playwright's driver is a program of its own; where it does not run, nothing is asked of the portal."""
    shop = open_shop(cases=2)

    ran = shop.run("backup", PLAYWRIGHT_NODEJS_PATH="/bin/false")

    assert (6, []) == (ran.code, shop.portal.requests()["requests"])
    assert "driver" in ran.err
    assert "Traceback" not in ran.err
