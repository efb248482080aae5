"""A portal that cannot be reached, or goes away: never a run with zero cases, never an absence."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from storage import archive
from storage import journal
from storage.opening import open_archive
from storage.verify import Remedy
from storage.verify import verify

OpenShop = Callable[..., Any]


def state(shop: Any) -> tuple[list[tuple[str, object]], str | None, list[object]]:
    """The archived cases with their absences, the last complete run, and what is damaged."""
    database = open_archive(shop.home / "data" / "archive.sqlite3")
    states = archive.case_states(database, shop.account).values()
    cases: list[tuple[str, object]] = [(each.case_id, each.absent_since) for each in states]
    complete = journal.last_complete_run(database, shop.account)
    damage: list[object] = [finding for finding in verify(database) if finding.remedy is not Remedy.NOTHING]
    database.close()
    return cases, complete.run_id if complete else None, damage


def test_unreachable_portal_is_no_empty_portal(open_shop: OpenShop) -> None:
    """Where its name is unknown the run failed with exit 17, and proves nothing about any case."""
    shop = open_shop(cases=2)
    assert 0 == shop.run("backup").code
    before = state(shop)
    config = shop.home / "caselog.toml"
    config.write_text(config.read_text().replace(shop.portal.ready.url, "http://portal.invalid"))

    ran = shop.run("backup", "--json")

    [run] = ran.value["runs"]
    assert (17, "failed", {}) == (ran.code, run["outcome"], run["certificate"])
    assert {0} == set(run["cases"].values())
    assert [["reload", "reload"]] == [recovery["rungs"] for recovery in run["recoveries"]]
    assert "base_url" in run["error"]["next"]
    assert before == state(shop)


@pytest.mark.long  # every rung of the ladder finds the connection refused
def test_portal_that_goes_down_in_mid_run(open_shop: OpenShop) -> None:
    """What was stored is whole, the run failed with exit 17, and nothing is marked absent."""
    shop = open_shop(cases=10, latency_ms=100)
    with shop.start("backup", "--json") as process:
        wait_for_cases(shop, process)
        shop.portal.stop()
        out, _ = process.communicate(timeout=200)

    cases, complete, damage = state(shop)
    assert (17, None, []) == (process.returncode, complete, damage), out
    assert 0 < len(cases) < 10
    assert {None} == {absent for _, absent in cases}


def wait_for_cases(shop: Any, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while sum("/cases/" in request["path"] for request in shop.portal.requests()["requests"]) < 5:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
