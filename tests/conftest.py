"""Fixtures for every ring of tests."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings

if TYPE_CHECKING:
    from tests.e2e.browser_room import BrowserRoom

T = TypeVar("T")

AsyncRunner = Callable[[Coroutine[Any, Any, T]], T]


# Time judges no test: a busy machine must not fail a property that holds.
settings.register_profile(
    "caselog", settings(), max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# Many more stories, for an evening: CASELOG_TEST_PROFILE=soak pytest tests/unit/delivery/test_outbox_model.py
settings.register_profile("soak", settings.get_profile("caselog"), max_examples=2000, stateful_step_count=60)
settings.load_profile(os.environ.get("CASELOG_TEST_PROFILE", "caselog"))


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests start: what a shell puts into the background inherits an ignored one."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests with pytest-playwright's page last: from the first on, a loop runs in the main thread to the end."""
    items.sort(key=lambda item: "playwright" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def browser_room() -> Iterator[BrowserRoom]:
    """The browsers of all tests of a worker that do not kill them; each starts when it is first wanted."""
    from tests.e2e.browser_room import BrowserRoom

    with tempfile.TemporaryDirectory(prefix="runs") as root:  # pytest's own are too long for the browsers' sockets
        room = BrowserRoom(Path(root))
        yield room
        room.close()


@pytest.fixture
def run_async() -> AsyncRunner[Any]:
    """Run a coroutine to its end in a thread of its own, so that a test with pytest-playwright's page can do it too."""

    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(asyncio.run, coroutine).result()

    return run
