"""What a page's events tell about its last navigation. A listener that raised would break the next, unrelated call."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from typing import Any

from agent.extract.classify import ERROR_PAGES

if TYPE_CHECKING:
    from playwright.async_api import Error
    from playwright.async_api import Page
    from playwright.async_api import Request
    from playwright.async_api import Response

_CODE = re.compile(r"\b(?:net::ERR_\w+|NS_\w+)|(?<=neterror\?e=)\w+")
_ABORTED = ("net::ERR_ABORTED", "NS_BINDING_ABORTED", "NS_ERROR_ABORT")
_FILLING = frozenset({"document", "script", "xhr", "fetch"})
_MOST_SCRIPT_ERRORS = 20
_LONGEST_SCRIPT_ERROR = 300


class PageWatch:
    """Keeps the status, headers and failure of the main frame's latest document, and the scripts' errors."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.crashed = False
        #: Counts the requests that may change what the page shows.
        self.asked = 0
        self.reset()
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("requestfinished", self._on_finished)
        page.on("requestfailed", self._on_failed)
        page.on("pageerror", self._on_script_error)
        page.on("crash", self._on_crash)

    def reset(self) -> None:
        """Forget the page; whatever is still on its way to it counts for nothing."""
        #: Requests on their way that may yet change what the page shows.
        self.pending: set[Request] = set()
        self.failed = asyncio.Event()
        self._forget_document()

    def _forget_document(self) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.answered_url: str | None = None
        self.failure: str | None = None
        self.script_errors: list[str] = []

    def _on_request(self, request: Request) -> None:
        try:
            # A click may bring a document or not: only a request for one makes an end of the last.
            if self._is_document(request) and not shows_error_page(request.url):
                self._forget_document()
                self.failed.clear()
            if request.resource_type in _FILLING:
                self.asked += 1
                self.pending.add(request)
        except Exception:  # noqa: BLE001 - a listener never raises
            return

    def _on_finished(self, request: Request) -> None:
        self.pending.discard(request)

    def _on_response(self, response: Response) -> None:
        try:
            if self._is_document(response.request):
                self.status, self.headers, self.answered_url = response.status, response.headers, response.url
        except Exception:  # noqa: BLE001 - a listener never raises
            return

    def _on_failed(self, request: Request) -> None:
        self.pending.discard(request)
        try:
            failure = failure_code(request.failure or "failed")
            # A document that gives way to the next one is aborted; that is no failure.
            if self._is_document(request) and failure not in _ABORTED:
                self.failure = failure
                self.failed.set()
        except Exception:  # noqa: BLE001 - a listener never raises
            return

    def _on_script_error(self, error: Error) -> None:
        try:
            # Firefox reports a request that another origin did not allow as an error of the page's script.
            if len(self.script_errors) < _MOST_SCRIPT_ERRORS and "Cross-Origin Request Blocked" not in str(error):
                self.script_errors.append(str(error)[:_LONGEST_SCRIPT_ERROR])
        except Exception:  # noqa: BLE001 - a listener never raises
            return

    def _on_crash(self, _page: Any) -> None:
        self.crashed = True
        self.failed.set()

    def _is_document(self, request: Request) -> bool:
        return request.is_navigation_request() and request.frame == self._page.main_frame


def failure_code(text: str) -> str:
    """The network's own word in an error's text, else its first line without Playwright's name in front."""
    found = _CODE.search(text)
    if found:
        return found[0]
    return text.strip().partition("\n")[0].removeprefix("Page.goto: ")


def shows_error_page(url: str) -> bool:
    """Whether the browser shows a page of its own; those have text, which is not the portal's."""
    return url.startswith(ERROR_PAGES)
