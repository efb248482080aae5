"""A disk that fills up in the middle of a backup: exit 5, a sound archive, and the next run goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a tmpfs")


@pytest.fixture
def small_disk() -> Iterator[Callable[..., None]]:
    """Mount a disk of so many kilobytes, or change its size; only root may."""
    mounted: list[Path] = []

    def mount(place: Path, kilobytes: int) -> None:
        options = f"{'remount,' if place in mounted else ''}size={kilobytes}k"
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", place], capture_output=True, check=False)
        if made.returncode != 0:
            pytest.skip("no disk may be mounted here")
        mounted.append(place)

    yield mount
    for place in set(mounted):
        subprocess.run(["umount", place], check=True)


@pytest.mark.long
def test_disk_that_fills_in_mid_run(open_shop: Callable[..., Any], small_disk: Callable[..., None]) -> None:
    """What was stored until then is whole; with more room the next run completes the backup."""
    shop = open_shop(cases=9)
    data = shop.home / "data"
    data.mkdir()
    small_disk(data, 900)

    full = shop.run("backup")
    small_disk(data, 64_000)
    checked = shop.run("verify")
    again = shop.run("backup", "--json")

    assert (5, 0, 0) == (full.code, checked.code, again.code), (full, checked)
    assert "the disk is full" in full.out
    assert "Make room" in full.out
    assert ("complete", 9) == (again.value["runs"][0]["outcome"], again.value["runs"][0]["cases"]["seen"])
