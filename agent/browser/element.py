"""One element that is acted on with real input events: some controls ignore anything else."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Awaitable
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol
from typing import TypeVar

from agent.browser.calls import PageTrouble

if TYPE_CHECKING:
    from playwright.async_api import FilePayload
    from playwright.async_api import Locator

T = TypeVar("T")

_ACT_SECONDS = 15.0
_LOOK_SECONDS = 10.0
_FILES_SECONDS = 120.0
_CONTENTS_BYTES = 50 * 1024 * 1024  # Playwright refuses more


class Caller(Protocol):
    """Awaits a call into the browser under a deadline."""

    def __call__(self, call: Awaitable[T], what: str, seconds: float) -> Awaitable[T]: ...


class Element:
    """A located element. Every act waits until the element can take it, and no longer than the deadline."""

    def __init__(self, locator: Locator, css: str, call: Caller, *, framed: bool = False) -> None:
        self._locator = locator
        self._css = css
        self._call = call
        self._framed = framed

    async def is_shown(self) -> bool:
        return bool(await self._look(self._locator.is_visible(), "look at"))

    async def text(self) -> str:
        """The visible text, white space folded."""
        return " ".join(str(await self._look(self._locator.inner_text(timeout=_LOOK_SECONDS * 1000), "read")).split())

    async def visible_text(self) -> str:
        """The visible text with its line breaks."""
        return str(await self._look(self._locator.inner_text(timeout=_LOOK_SECONDS * 1000), "read"))

    async def value(self) -> str:
        return str(await self._look(self._locator.input_value(timeout=_LOOK_SECONDS * 1000), "read"))

    async def click(self, *, seconds: float = _ACT_SECONDS) -> None:
        await self._act(self._locator.click(timeout=seconds * 1000), "click")

    async def fill(self, value: str) -> None:
        await self._act(self._locator.fill(value, timeout=_ACT_SECONDS * 1000), "fill")

    async def press(self, key: str) -> None:
        await self._act(self._locator.press(key, timeout=_ACT_SECONDS * 1000), "press a key in")

    async def set_checked(self, checked: bool) -> None:
        await self._act(self._locator.set_checked(checked, timeout=_ACT_SECONDS * 1000), "check")

    async def choose(self, value: str) -> None:
        """Pick the option whose text or value this is."""
        await self._act(self._locator.select_option(value, timeout=_ACT_SECONDS * 1000), "choose in")

    async def scroll_to_end(self) -> None:
        await self._act(self._locator.evaluate("element => element.scrollTo(0, element.scrollHeight)"), "scroll")

    async def insert_before(self, text: str) -> None:
        """Type the text in front of what stands there."""
        await self.click()
        await self.press("ControlOrMeta+Home")
        await self._act(self._locator.page.keyboard.insert_text(text), "type into")

    async def is_enabled(self) -> bool:
        return bool(await self._look(self._locator.is_enabled(timeout=_LOOK_SECONDS * 1000), "look at"))

    async def file_names(self) -> tuple[str, ...]:
        names = await self._look(self._locator.evaluate("input => [...input.files].map(file => file.name)"), "read")
        return tuple(names)

    async def set_files(self, paths: Sequence[Path]) -> None:
        """Put files into a file input; by path, since contents would travel through the driver slowly.

        In a frame it is contents, as far as the driver takes them: for paths it names the page to Firefox, not the
        frame, and Firefox finds no such input there (Playwright 1.64, input.setFiles).
        """
        seconds, what = _FILES_SECONDS, f"put files into {self._css}"
        try:
            files = await asyncio.to_thread(_as_contents, paths) if self._framed else list(paths)
            await self._call(self._locator.set_input_files(files, timeout=seconds * 1000), what, seconds)
        except OSError as error:
            raise PageTrouble(what, str(error)) from error

    async def _act(self, call: Awaitable[Any], what: str) -> None:
        await self._call(call, f"{what} {self._css}", _ACT_SECONDS + 1)

    async def _look(self, call: Awaitable[T], what: str) -> T:
        return await self._call(call, f"{what} {self._css}", _LOOK_SECONDS + 1)


def _as_contents(paths: Sequence[Path]) -> list[Path] | list[FilePayload]:
    if sum(path.stat().st_size for path in paths) > _CONTENTS_BYTES:
        return list(paths)
    return [_payload(path) for path in paths]


def _payload(path: Path) -> FilePayload:
    mime, _ = mimetypes.guess_type(path.name)
    return {"name": path.name, "mimeType": mime or "application/octet-stream", "buffer": path.read_bytes()}
