"""A portal that cannot be reached, or goes away: never a run with zero cases, never an absence."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import Any

OpenShop = Callable[..., Any]


def archived(shop: Any) -> list[tuple[str, object]]:
    cases = shop.run("cases", "list", "--json").value["cases"]
    return sorted((case["case_id"], case["absent_since"]) for case in cases)


def test_unreachable_portal_is_no_empty_portal(open_shop: OpenShop) -> None:
    """Portal down, or its name unknown: the run failed with exit 17, and proves nothing about any case."""
    shop = open_shop(cases=2)
    assert 0 == shop.run("backup").code
    before = archived(shop)
    complete = shop.run("status", "--json").value["accounts"][0]["last_complete_at"]
    config = shop.home / "caselog.toml"
    shop.portal.stop()

    down = shop.run("backup", "--json")
    config.write_text(config.read_text().replace(shop.portal.ready.url, "http://portal.invalid"))
    unknown = shop.run("backup", "--json")

    for ran in (down, unknown):
        [run] = ran.value["runs"]
        assert (17, "failed", {}) == (ran.code, run["outcome"], run["certificate"])
        assert {"seen": 0, "new": 0, "changed": 0, "unchanged": 0, "absent": 0} == run["cases"]
        assert "base_url" in run["error"]["next"]
    assert before == archived(shop)
    assert complete == shop.run("status", "--json").value["accounts"][0]["last_complete_at"]
    assert 0 == shop.run("verify").code


def test_portal_that_goes_down_in_mid_run(open_shop: OpenShop) -> None:
    """What was stored is whole, the run failed with exit 17, and nothing is marked absent."""
    shop = open_shop(cases=16, latency_ms=100)
    with shop.start("backup", "--json") as process:
        wait_for_cases(shop, process)
        shop.portal.stop()
        out, _ = process.communicate(timeout=120)

    assert 17 == process.returncode, out
    stored = archived(shop)
    assert 0 < len(stored) < 16
    assert {None} == {absent for _, absent in stored}
    assert 0 == shop.run("verify").code


def wait_for_cases(shop: Any, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while sum("/cases/" in request["path"] for request in shop.portal.requests()["requests"]) < 4:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
