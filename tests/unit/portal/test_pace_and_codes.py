"""How fast a portal is asked, and which one-time codes are used."""

from __future__ import annotations

import asyncio
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import pyotp
import pytest

from agent.clock import ManualClock
from agent.errors import SecretUnavailable
from agent.portal.codes import OneTimeCodes
from agent.portal.limiter import Limiter

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#: The ten bytes that many portals still find enough, and its code at the first second.
SHORT_SECRET, SHORT_CODE = "JBSWY3DPEHPK3PXP", "282760"


def test_requests_keep_their_distance(run_async: AsyncRunner[Any]) -> None:
    """At two a second the third request begins a second after the first; the first does not wait."""
    clock = ManualClock()
    limiter = Limiter(clock, requests_per_second=2, at_once=8)
    began = clock.monotonic()
    times: list[float] = []

    async def one() -> None:
        await limiter.turn()
        times.append(clock.monotonic() - began)

    async def go() -> None:
        await asyncio.gather(*(one() for _ in range(3)))

    run_async(go())

    assert [0.0, 0.5, 1.0] == times


def test_no_limit_waits_for_nothing(run_async: AsyncRunner[Any]) -> None:
    """A rate of nought is as fast as it can."""
    clock = ManualClock()
    limiter = Limiter(clock, requests_per_second=0, at_once=1)

    async def go() -> None:
        for _ in range(100):
            await limiter.turn()

    run_async(go())

    assert [] == clock.slept


def test_a_rest_holds_everybody(run_async: AsyncRunner[Any]) -> None:
    """What the portal asked for is waited for, also if a shorter wish comes after it."""
    clock = ManualClock()
    limiter = Limiter(clock, requests_per_second=0, at_once=1)
    limiter.rest(30)
    limiter.rest(5)

    run_async(limiter.turn())

    assert 30.0 == sum(clock.slept)


def test_an_answer_is_heeded(run_async: AsyncRunner[Any]) -> None:
    """A rest is as long as told or as usual, a minute at most; one 429 halves the speed once, however many met it."""
    clock = ManualClock()
    limiter = Limiter(clock, requests_per_second=2, at_once=8)
    began = clock.monotonic()

    async def turns() -> list[float]:
        limiter.heed(200, None)
        limiter.heed(503, 7)
        await limiter.turn()
        after_error = clock.monotonic() - began
        limiter.heed(429, None)
        limiter.heed(429, 3600)
        times = [after_error]
        for _ in range(2):
            await limiter.turn()
            times.append(clock.monotonic() - began)
        return times

    assert [7.0, 67.0, 68.0] == run_async(turns())


def test_slots_bound_what_runs_at_once(run_async: AsyncRunner[Any]) -> None:
    """Never more pages at a time than the pace allows."""
    limiter = Limiter(ManualClock(), requests_per_second=0, at_once=2)
    running = most = 0

    async def one() -> None:
        nonlocal running, most
        async with limiter.slot():
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    async def go() -> None:
        await asyncio.gather(*(one() for _ in range(6)))

    run_async(go())

    assert 2 == most


def codes(folder: Path, clock: ManualClock, secret: str = SECRET) -> OneTimeCodes:
    return OneTimeCodes(secret, clock=clock, memory=folder / "last-code")


def at(seconds: int) -> ManualClock:
    return ManualClock(datetime.fromtimestamp(1_800_000_000 + seconds, UTC))


def code_at(seconds: int) -> str:
    return pyotp.TOTP(SECRET).at(1_800_000_000 + seconds)


def test_a_code_is_used_once(run_async: AsyncRunner[Any], tmp_path: Path) -> None:
    """A second code in the same period, asked for by the next run as well, waits for the next period."""
    clock = at(10)

    first = run_async(codes(tmp_path, clock).next())
    second = run_async(codes(tmp_path, clock).next())

    assert (code_at(10), code_at(30), [20.0]) == (first, second, clock.slept)


def test_a_fresh_period_needs_no_waiting(run_async: AsyncRunner[Any], tmp_path: Path) -> None:
    """Nobody waits for a code that was not used yet."""
    run_async(codes(tmp_path, at(10)).next())
    clock = at(31)

    assert code_at(31) == run_async(codes(tmp_path, clock).next())
    assert [] == clock.slept


def test_a_clock_that_was_wrong_does_not_block(run_async: AsyncRunner[Any], tmp_path: Path) -> None:
    """A code remembered from years ahead is not waited for."""
    run_async(codes(tmp_path, at(10_000_000)).next())
    clock = at(10)

    assert code_at(10) == run_async(codes(tmp_path, clock).next())
    assert [] == clock.slept


def test_an_address_says_the_period(run_async: AsyncRunner[Any], tmp_path: Path) -> None:
    """An otpauth address carries a period of its own."""
    clock = at(0)
    address = f"otpauth://totp/Portal:me?secret={SECRET}&period=7"
    both = [run_async(codes(tmp_path, clock, address).next()) for _ in range(2)]

    totp = pyotp.TOTP(SECRET, interval=7)
    moments = (1_800_000_000, 1_800_000_007)
    assert [totp.at(moment) for moment in moments] == both


@pytest.mark.parametrize("secret", ["not base32!", "otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1", "1"])
def test_what_is_no_secret_is_told_without_it(tmp_path: Path, secret: str) -> None:
    """A wrong secret is a configuration error that does not quote it."""
    with pytest.raises(SecretUnavailable) as caught:
        codes(tmp_path, at(0), secret)

    assert secret not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_spaces_and_case_do_not_matter(run_async: AsyncRunner[Any], tmp_path: Path) -> None:
    """A secret may be typed as portals show it, in groups of small letters."""
    assert code_at(10) == run_async(codes(tmp_path, at(10), "jbsw y3dp ehpk 3pxp JBSW-Y3DP-EHPK-3PXP").next())


def test_a_short_secret_does(run_async: AsyncRunner[Any], tmp_path: Path) -> None:
    """How long a secret is, is the portal's choice."""
    clock = ManualClock(datetime.fromtimestamp(0, UTC))

    assert SHORT_CODE == run_async(codes(tmp_path, clock, SHORT_SECRET).next())
