"""Browsers, renderers and drivers killed for real; what is left afterwards is looked for on the machine."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import psutil
import pytest

from agent.browser.page import LivePage
from agent.browser.rundir import remove_leftovers
from agent.browser.running import Browsers
from agent.errors import EngineDied
from agent.extract.snapshot import Engine

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner

BOTH = [Engine.CHROMIUM, pytest.param(Engine.FIREFOX, marks=pytest.mark.long)]


@pytest.fixture
def root() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="runs") as path:
        yield Path(path)


def naming(folder: Path) -> list[psutil.Process]:
    """The processes whose command line names the folder, without ourselves."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(folder) in word for word in words) and process.pid != psutil.Process().pid:
            found.append(process)
    return found


def driver(folder: Path) -> psutil.Process:
    """The one of these browsers, which starts with their folder for temporary files; there may be another test's."""
    children = [child for child in psutil.Process().children() if "run-driver" in child.cmdline()]
    return next(child for child in children if child.environ().get("TMPDIR", "").startswith(str(folder)))


def main_process(folder: Path) -> psutil.Process:
    """The browser's first process: the one that the driver started."""
    pid = driver(folder).pid
    return next(process for process in naming(folder) if process.ppid() == pid)


async def open_page(browsers: Browsers, engine: Engine) -> LivePage:
    _, context = await browsers.new_context(engine)
    return LivePage(await context.new_page(), engine=engine)


async def works(browsers: Browsers, engine: Engine) -> bool:
    page = await open_page(browsers, engine)
    arrival = await page.open("data:text/html,<p>alive", seconds=20)
    return arrival.loaded and "alive" in await page.html()


@pytest.mark.parametrize("engine", BOTH)
def test_a_killed_browser_is_launched_again(run_async: AsyncRunner[Any], root: Path, engine: Engine) -> None:
    """A browser killed under a navigation is an engine that died; the next context comes from a new one."""

    async def go() -> tuple[bool, bool]:
        async with Browsers(root) as browsers:
            page = await open_page(browsers, engine)
            waiting = asyncio.ensure_future(page.open("http://127.0.0.1:9/", seconds=20))
            main_process(browsers.directory).kill()
            try:
                # Firefox may still tell that the connection was refused; then the next call finds out.
                await waiting
                await page.html()
                died = False
            except EngineDied:
                died = True
            return died, await works(browsers, engine)

    assert (True, True) == run_async(go())
    assert ([], []) == (naming(root), list(root.iterdir()))


@pytest.mark.long
@pytest.mark.parametrize("engine", BOTH)
def test_a_killed_driver_is_started_again(run_async: AsyncRunner[Any], root: Path, engine: Engine) -> None:
    """Without its driver an engine died, Firefox's orphans are ended, and work goes on with a new driver."""

    async def go() -> tuple[bool, bool, bool]:
        async with Browsers(root) as browsers:
            page = await open_page(browsers, engine)
            old = main_process(browsers.directory)
            driver(browsers.directory).kill()
            try:
                await page.html()
                died = False
            except EngineDied:
                died = True
            return died, await works(browsers, engine), old.is_running()

    assert (True, True, False) == run_async(go())
    assert ([], []) == (naming(root), list(root.iterdir()))


def test_a_crashed_renderer_is_an_engine_that_died(run_async: AsyncRunner[Any], root: Path) -> None:
    """Chromium lives on after its renderer crashed; the page tells that it did not."""

    async def go() -> tuple[bool, bool, bool]:
        async with Browsers(root) as browsers:
            page = await open_page(browsers, Engine.CHROMIUM)
            try:
                await page.open("chrome://crash", seconds=20)
                await page.html()
                died = False
            except EngineDied:
                died = True
            return died, page.usable, await works(browsers, Engine.CHROMIUM)

    assert (True, False, True) == run_async(go())


OWNER = """
import asyncio, sys
from pathlib import Path
from agent.browser.running import Browsers
from agent.extract.snapshot import Engine

async def go():
    async with Browsers(Path(sys.argv[1])) as browsers:
        for engine in (Engine.CHROMIUM, Engine.FIREFOX):
            await browsers.new_context(engine)
        print("open", flush=True)
        await asyncio.Event().wait()

asyncio.run(go())
"""


@pytest.mark.parametrize("driver_first", [pytest.param(False, marks=pytest.mark.long), True])
def test_the_next_run_removes_what_a_killed_one_left(root: Path, driver_first: bool) -> None:
    """After a run and its driver were killed, its folder and its orphaned browsers go with the next run."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(root)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert b"open\n" == owner.stdout.readline()
    (folder,) = root.iterdir()
    browsers = naming(folder)
    if driver_first:
        for child in psutil.Process(owner.pid).children():
            child.kill()
    owner.kill()
    owner.communicate()

    removed = remove_leftovers(root)

    assert (folder,) == removed
    assert ([], []) == (naming(folder), list(root.iterdir()))
    assert [] == psutil.wait_procs(browsers, timeout=10)[1]


INTERRUPTED = """
import asyncio, signal, sys
from pathlib import Path
from agent.browser.page import LivePage
from agent.browser.running import Browsers
from agent.extract.snapshot import Engine

async def go():
    pressed = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, pressed.set)
    async with Browsers(Path(sys.argv[1])) as browsers:
        pages = []
        for engine in (Engine.CHROMIUM, Engine.FIREFOX):
            _, context = await browsers.new_context(engine)
            pages.append(LivePage(await context.new_page(), engine=engine))
        print("open", flush=True)
        await pressed.wait()
        await asyncio.sleep(1)  # what dies of the signal has died by then
        for page in pages:
            arrival = await page.open("data:text/html,<p>alive", seconds=20)
            print(arrival.loaded and "alive" in await page.html(), flush=True)

asyncio.run(go())
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there a console's Ctrl-C cannot be sent")
def test_browsers_outlive_a_ctrl_c(root: Path) -> None:
    """Ctrl-C in a terminal reaches the driver as well; the case in hand can be finished all the same."""
    command = [sys.executable, "-c", INTERRUPTED, str(root)]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    assert owner.stdout is not None
    assert b"open\n" == owner.stdout.readline()
    if sys.platform != "win32":
        os.killpg(owner.pid, signal.SIGINT)

    assert b"True\nTrue\n" == owner.communicate()[0]
    assert ([], []) == (naming(root), list(root.iterdir()))
