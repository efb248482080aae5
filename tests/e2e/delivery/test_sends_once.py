"""The engine that submits does not send a form a second time by itself; another one does, so that this can be seen."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext
from playwright.async_api import Error

from agent.browser.running import Browsers
from agent.extract.snapshot import Engine
from tests.conftest import AsyncRunner
from tests.e2e.delivery.forgetful_server import Forget
from tests.e2e.delivery.forgetful_server import ForgetfulServer
from tests.e2e.delivery.forgetful_server import http2_certificate

pytestmark = pytest.mark.long  # `test_send_mock_portal.py` meets the same cuts

#: (what the server does, whether the form has a file) -> how many POSTs reached it
Counts = dict[tuple[Forget, bool], int]

HTTP1 = (Forget.RESET, Forget.CLOSE)


async def submit(context: BrowserContext, server: ForgetfulServer, file: Path) -> None:
    page = await context.new_page()
    try:
        await page.goto(server.url)
        await page.fill("textarea", "Once and no more.")
        if server.with_file:
            await page.set_input_files("input", file)
        # Most failures are told once the browser has given up, its own repetitions included; the others follow at once.
        with suppress(Error):
            async with page.expect_event("requestfailed", timeout=1500):
                with suppress(Error):
                    await page.click("button", no_wait_after=True)
        with suppress(Error):
            await page.goto(f"{server.url}?after", timeout=5000)
    finally:
        await page.close()


async def count(engine: Engine, server: ForgetfulServer, ways: Sequence[Forget], file: Path) -> Counts:
    """Submit a form in every way, each from a context of its own."""
    counts: Counts = {}
    with tempfile.TemporaryDirectory(prefix="runs") as root:
        async with Browsers(Path(root)) as browsers, server:
            for how in ways:
                for with_file in (False, True):
                    server.how, server.with_file = how, with_file
                    server.posts.clear()
                    _, context = await browsers.new_context(engine, ignore_https_errors=True)
                    await submit(context, server, file)
                    await context.close()
                    counts[how, with_file] = len(server.posts)
    return counts


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    file = tmp_path / "invoice.txt"
    file.write_text("Invoice 1\n" * 100)
    return file


def once(ways: Sequence[Forget]) -> Counts:
    return {(how, with_file): 1 for how in ways for with_file in (False, True)}


def test_the_submitting_engine_sends_once_over_http1(upload: Path, run_async: AsyncRunner[Counts]) -> None:
    """A kept-alive connection that is reset or closed after the request does not make it send again."""
    counts = run_async(count(Engine.FIREFOX, ForgetfulServer(), HTTP1, upload))

    assert once(HTTP1) == counts


def test_the_submitting_engine_sends_once_over_http2(
    upload: Path, tmp_path: Path, run_async: AsyncRunner[Counts]
) -> None:
    """Nor does any frame that ends a stream or a connection, even one that says that nothing was done."""
    server = ForgetfulServer(tls=http2_certificate(tmp_path))

    assert once(tuple(Forget)) == run_async(count(Engine.FIREFOX, server, tuple(Forget), upload))


def test_the_other_engine_sends_again(upload: Path, run_async: AsyncRunner[Counts]) -> None:
    """Without this the tests above could not fail: the same server makes Chromium post the same form twice."""
    counts = run_async(count(Engine.CHROMIUM, ForgetfulServer(), HTTP1, upload))

    assert dict.fromkeys(once(HTTP1), 2) == counts
