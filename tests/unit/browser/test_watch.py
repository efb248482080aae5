"""What a page's events tell about its document."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING
from typing import Any

from agent.browser.page import Arrival
from agent.browser.page import LivePage
from tests.unit.browser.false_playwright import FalsePage

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner

URL = "https://portal.test/list"


@dataclass(eq=False)
class FalseRequest:
    """A request of the main frame's."""

    frame: object
    url: str = URL
    resource_type: str = "document"
    failure: str | None = None

    def is_navigation_request(self) -> bool:
        return self.resource_type == "document"


def navigate(page: FalsePage, url: str = URL, *, status: int = 200, **headers: str) -> None:
    """Play a document that comes."""
    asked = FalseRequest(page.main_frame, url)
    page.emit("request", asked)
    page.emit("response", SimpleNamespace(request=asked, status=status, headers=headers, url=url))
    page.url = url


async def load(_state: str) -> None:
    """The document is whole."""


def live(page: FalsePage) -> LivePage:
    page.wait_for_load_state = load  # type: ignore[attr-defined]
    return LivePage(page, engine="chromium")  # type: ignore[arg-type]


def test_a_click_that_brings_no_document_leaves_what_the_last_one_said(run_async: AsyncRunner[Any]) -> None:
    """A page that draws its rows anew by a script still stands in the document that came with 200."""
    page = FalsePage()
    shown = live(page)
    navigate(page, status=200, **{"retry-after": "7"})

    async def click() -> None:
        page.emit("request", FalseRequest(page.main_frame, resource_type="xhr"))

    run_async(shown.act(click(), seconds=1))

    assert Arrival(URL, 200, None, "7", True) == shown.arrived()
    assert shown.busy


def test_a_document_that_a_click_brings_tells_its_own(run_async: AsyncRunner[Any]) -> None:
    """Nothing of the document before it is left, while the new one has not answered either."""
    page = FalsePage()
    shown = live(page)
    navigate(page, status=503, **{"retry-after": "7"})

    async def click() -> None:
        page.emit("request", FalseRequest(page.main_frame, f"{URL}?2"))

    run_async(shown.act(click(), seconds=1))

    assert Arrival(URL, None, None, None, True) == shown.arrived()


def test_a_click_into_a_broken_connection_has_failed(run_async: AsyncRunner[Any]) -> None:
    """The failure of the document that was asked for is the arrival's."""
    page = FalsePage()
    shown = live(page)
    navigate(page)

    async def click() -> None:
        asked = FalseRequest(page.main_frame, failure="net::ERR_CONNECTION_RESET")
        page.emit("request", asked)
        page.emit("requestfailed", asked)

    run_async(shown.act(click(), seconds=1))

    assert Arrival(URL, None, "net::ERR_CONNECTION_RESET", None, True) == shown.arrived()
