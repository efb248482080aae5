"""One contract for the machine's clock and the one that tests move by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from agent.clock import Clock
from agent.clock import ManualClock
from agent.clock import SystemClock


@pytest.fixture(params=[SystemClock, ManualClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    make: Callable[[], Clock] = request.param
    return make()


def test_now_is_aware_and_in_utc(clock: Clock) -> None:
    """The wall clock answers in UTC."""
    assert timedelta(0) == clock.now().utcoffset()


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.01])
def test_sleep_moves_time_forward(clock: Clock, seconds: float, run_async: Callable[..., object]) -> None:
    """After a sleep at least that much time has gone by, and never less than none."""
    before = clock.monotonic()

    run_async(clock.sleep(seconds))

    # An event loop may wake a clock tick early.
    assert clock.monotonic() - before >= max(0.0, seconds) * 0.99


def test_sleep_lets_others_run(clock: Clock, run_async: Callable[..., object]) -> None:
    """A sleep of no time still yields to other tasks."""
    order: list[str] = []

    async def other() -> None:
        order.append("other")

    async def both() -> None:
        task = asyncio.create_task(other())
        await clock.sleep(0)
        order.append("sleeper")
        await task

    run_async(both())

    assert order == ["other", "sleeper"]


def test_manual_clock_remembers_sleeps(run_async: Callable[..., object]) -> None:
    """A test can see how long was waited, and the wall clock moved along."""
    clock = ManualClock()
    start = clock.now()

    run_async(clock.sleep(90))

    assert ([90], start + timedelta(seconds=90)) == (clock.slept, clock.now())
