"""The rules of the place, as the portal's own log of requests shows that they were kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

OpenShop = Callable[..., Any]


def pages(shop: Any) -> list[dict[str, Any]]:
    """The requests for lists and cases of somebody who is signed in; what a page loads by itself is the browser's."""
    asked = shop.portal.requests()["requests"]
    return [seen for seen in asked if seen["path"].startswith("/cases") and seen["account"] and seen["method"] == "GET"]


def paced(shop: Any, pace: str) -> None:
    file = shop.home / "caselog.toml"
    text = file.read_text("utf-8")
    lines = [f"pace = {pace}" if line.startswith("pace") else line for line in text.splitlines()]
    file.write_text("\n".join(lines if "pace" in text else [*lines, f"pace = {pace}"]) + "\n", encoding="utf-8")


@pytest.mark.long
def test_configured_rate_is_kept(open_shop: OpenShop) -> None:
    """With two requests a second and four pages at a time, the portal sees no more than two pages a second."""
    shop = open_shop(cases=6)
    paced(shop, "{ requests_per_second = 2, pages = 4 }")

    assert 0 == shop.run("backup").code

    moments = sorted(datetime.fromisoformat(seen["time"]) for seen in pages(shop))
    seconds = (moments[-1] - moments[0]).total_seconds()
    assert len(moments) >= 10
    assert len(moments) - 1 <= 2 * (seconds + 0.5)


@pytest.mark.long  # `test_the_stop_switch_is_obeyed_within_one_action` shows it inside one process
def test_stop_ends_a_running_command_within_one_action(open_shop: OpenShop) -> None:
    """After `caselog stop` has returned, a backup asks for no more than the page that was on its way, and exits 15."""
    shop = open_shop(cases=16, latency_ms=300)
    paced(shop, "{ requests_per_second = 0, pages = 1 }")

    with shop.start("backup") as process:
        until = time.monotonic() + 120
        while not any("/cases/" in seen["path"] for seen in pages(shop)):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
            time.sleep(0.05)
        assert 0 == shop.ask("stop", "--reason", "the portal asked us to").code
        before = len(pages(shop))
        process.communicate(timeout=120)

    assert 15 == process.returncode
    assert len(pages(shop)) - before <= 1
    assert 0 == shop.ask("verify").code
