"""Stands in for Playwright's objects where a test needs none of a browser's own doing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import Any


@dataclass(eq=False)
class FalsePage:
    """`closing` is awaited before it closes. `emit` plays the browser's events."""

    url: str = "about:blank"
    main_frame: object = field(default_factory=object)
    closed: bool = False
    closing: Callable[[], Any] = lambda: asyncio.sleep(0)
    listeners: dict[str, list[Callable[[Any], None]]] = field(default_factory=lambda: defaultdict(list))

    def on(self, event: str, listener: Callable[[Any], None]) -> None:
        self.listeners[event].append(listener)

    def emit(self, event: str, what: Any = None) -> None:
        for listener in self.listeners[event]:
            listener(what)

    def is_closed(self) -> bool:
        return self.closed

    async def close(self) -> None:
        await self.closing()
        self.closed = True


@dataclass(eq=False)
class FalseContext:
    """`failing` names the calls that raise this error."""

    failing: dict[str, Exception] = field(default_factory=dict)
    pages: list[FalsePage] = field(default_factory=list)
    closed: bool = False

    async def new_page(self) -> FalsePage:
        self.fail("new_page")
        self.pages.append(FalsePage())
        return self.pages[-1]

    async def add_init_script(self, _script: str) -> None:
        self.fail("add_init_script")

    async def add_cookies(self, _cookies: Any) -> None:
        self.fail("add_cookies")

    async def cookies(self) -> list[dict[str, Any]]:
        self.fail("cookies")
        return []

    async def close(self) -> None:
        self.closed = True
        self.fail("close")

    def fail(self, what: str) -> None:
        if what in self.failing:
            raise self.failing[what]


@dataclass(eq=False)
class FalseBrowser:
    """Hands out the contexts in turn."""

    contexts: list[FalseContext] = field(default_factory=lambda: [FalseContext()])
    version: str = "1.0"
    closed: bool = False
    opened: int = 0

    def is_connected(self) -> bool:
        return not self.closed

    async def new_context(self, **_options: Any) -> FalseContext:
        self.opened += 1
        return self.contexts[min(self.opened, len(self.contexts)) - 1]

    async def close(self) -> None:
        self.closed = True
