"""What an error from a browser means."""

from __future__ import annotations

import asyncio
from datetime import UTC
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Any

import pytest
from playwright.async_api import Error
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from agent.browser.calls import PageTrouble
from agent.browser.calls import attempted
from agent.browser.calls import guarded
from agent.browser.retry_after import retry_after_seconds
from agent.browser.watch import failure_code
from agent.browser.watch import shows_error_page
from agent.errors import EngineDied

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner


async def failing(error: Exception) -> None:
    raise error


def caught_from(run_async: AsyncRunner[Any], error: Exception) -> Exception:
    with pytest.raises(Exception) as caught:
        run_async(guarded(failing(error), what="open", engine="firefox", seconds=5))
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        Error("Page.goto: Target crashed"),
        Error("Page.title: Target page, context or browser has been closed"),
        Exception("Connection closed while reading from the driver"),
    ],
)
def test_a_dead_browser_is_an_engine_that_died(run_async: AsyncRunner[Any], error: Exception) -> None:
    """Browser, renderer and driver die with different errors that all mean: launch again."""
    assert isinstance(caught_from(run_async, error), EngineDied)


@pytest.mark.parametrize(
    ("error", "timed_out"),
    [(Error("Locator.click: no such element\nCall log:"), False), (PlaywrightTimeoutError("Timeout 5 ms"), True)],
)
def test_a_page_that_does_not_answer_is_trouble(run_async: AsyncRunner[Any], error: Exception, timed_out: bool) -> None:
    """Any other error of Playwright's is the page's, in one line."""
    trouble = caught_from(run_async, error)

    assert isinstance(trouble, PageTrouble)
    assert ("open", str(error).splitlines()[0], timed_out) == (trouble.what, trouble.why, trouble.timed_out)


def test_a_bug_passes(run_async: AsyncRunner[Any]) -> None:
    """An error that no browser raised is neither swallowed nor renamed."""
    error = ValueError("ours")

    assert error is caught_from(run_async, error)
    with pytest.raises(ValueError, match="ours"):
        run_async(attempted(failing(error), seconds=5))


def test_a_call_that_never_returns_is_trouble(run_async: AsyncRunner[Any]) -> None:
    """A page that loops for ever costs the deadline."""
    with pytest.raises(PageTrouble):
        run_async(guarded(asyncio.Event().wait(), what="read", engine="firefox", seconds=0.01))


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 13:00:30 +0100", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, expected: float | None) -> None:
    """The header is seconds or a date; what is neither says nothing."""
    assert expected == retry_after_seconds(value, NOW)


def test_failure_codes() -> None:
    """The network's own word is taken out of what the browsers say around it."""
    said = {
        "Page.goto: net::ERR_CONNECTION_REFUSED at http://127.0.0.1:1/\nCall log:": "net::ERR_CONNECTION_REFUSED",
        "Page.goto: NS_ERROR_UNKNOWN_HOST": "NS_ERROR_UNKNOWN_HOST",
        "about:neterror?e=contentEncodingError&u=http": "contentEncodingError",
        "Page.goto: Download is starting\nlog": "Download is starting",
    }

    assert list(said.values()) == [failure_code(text) for text in said]
    assert [True, True, False] == [
        shows_error_page(url)
        for url in ("chrome-error://chromewebdata/", "about:neterror?e=x", "https://x/about:neterror")
    ]
