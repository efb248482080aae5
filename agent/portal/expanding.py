"""Shows what a case's page cuts ("See more"), control by control."""

from __future__ import annotations

from dataclasses import dataclass

from agent.browser.calls import PageTrouble
from agent.extract.dom import is_shown
from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.reader import PageReader
from agent.extract.text import visible_text
from agent.extract.words import plain
from agent.portal.look import Look
from agent.portal.looking import SHORT
from agent.portal.looking import Watcher
from agent.portal.stepping import Steps
from agent.profile.model.conditions import Target

#: Controls of a kind that stay after their click, before the others of that kind are left alone.
MOST_STAYING = 3
#: Seconds for one control to give way, and for all of a page; waiting for the portal's pace does not count.
_EACH_SECONDS = 3.0
_ALL_SECONDS = 120.0


@dataclass(slots=True)
class Expander:
    """Clicks on one page."""

    steps: Steps
    watcher: Watcher
    _until: float = 0.0

    async def show(self, look: Look, targets: tuple[Target, ...]) -> Look:
        """Click until nothing is cut, or for as long as that is of use; a control that stays is passed over."""
        first = look
        self._until = self._now() + _ALL_SECONDS
        for target in targets:
            look = await self._show(look, target)
        return look if look is first else await self.watcher.until_settled(lambda _: True)

    async def _show(self, look: Look, target: Target) -> Look:
        passed, left = 0, _count(look.reader, target)
        while passed < min(left, MOST_STAYING) and self._now() < self._until:
            look = await self._click(target, left, passed)
            before, left = left, _count(look.reader, target)
            passed += left >= before
        return look

    async def _click(self, target: Target, left: int, passed: int) -> Look:
        page = self.watcher.page
        asked = page.asked
        try:
            element = await self.steps.element(target, wait=False, passed=passed)
            if element is not None:
                await element.click()
        except PageTrouble:
            return await self.watcher.once()
        until = self._now() + _EACH_SECONDS
        while True:
            look = await self.watcher.once()
            if _count(look.reader, target) < left or self._now() >= until:
                break
            await self.watcher.clock.sleep(SHORT)
        if page.asked != asked:
            await self._take_turn()
        return look

    async def _take_turn(self) -> None:
        """Whether a click asks the portal for anything is known after it: its turn is taken then, by the next one."""
        began = self._now()
        await self.steps.limiter.turn()
        self._until += self._now() - began

    def _now(self) -> float:
        return self.watcher.clock.monotonic()


def _count(reader: PageReader, target: Target) -> int:
    """How many such controls the page shows."""
    words = reader.speak(target.text)
    return sum(
        is_shown(node) and (not words or plain(visible_text(run_of(node))) in words)
        for node in select(reader.document.page, target.css)
    )
