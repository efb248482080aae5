"""Do what a profile says can be done on a page: type, click, choose, wait."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass

from agent.browser.calls import PageTrouble
from agent.browser.element import Element
from agent.browser.page import LivePage
from agent.clock import Clock
from agent.extract.conditions import any_holds
from agent.extract.reader import PageReader
from agent.extract.snapshot import PageRequest
from agent.portal.limiter import Limiter
from agent.portal.site import Site
from agent.profile.model.conditions import Condition
from agent.profile.model.conditions import Step
from agent.profile.model.conditions import Target

_LOAD_SECONDS = 15.0
_QUIET_SECONDS = 0.3
_PAUSE = 0.1


@dataclass(slots=True)
class Steps:
    """Steps on one page. `values` are variables besides the account's; a missing element is `PageTrouble`."""

    site: Site
    page: LivePage
    clock: Clock
    limiter: Limiter
    request: PageRequest
    values: Mapping[str, str]

    @property
    def patience(self) -> float:
        """Seconds in which what is waited for must be there."""
        return self.site.profile.politeness.deadline

    async def take(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            await self._take(step)

    async def settle(self) -> None:
        """Wait until what was begun by the steps has come."""
        await self.page.quiet(still=_QUIET_SECONDS, seconds=_LOAD_SECONDS)

    async def element(self, target: Target, *, wait: bool = True, passed: int = 0) -> Element | None:
        """The element of a target, waited for if it is not there yet; the first so many are passed over."""
        says = self.site.says(target.text, self.values)
        until = self.clock.monotonic() + (self.patience if wait else 0.0)
        while True:
            found = await self._find(target, says, passed)
            if found is not None or self.clock.monotonic() >= until:
                return found
            await self.clock.sleep(_PAUSE)

    async def _find(self, target: Target, says: Callable[[str], bool] | None, passed: int) -> Element | None:
        try:
            return await self.page.find(target.css, says=says, frame=target.frame, passed=passed)
        except PageTrouble as trouble:
            if trouble.timed_out:
                raise
            return None  # the page was just going on to another document

    async def reader(self) -> PageReader:
        """The page as it is now."""
        html = await self.page.html()
        arrival = self.page.arrived()
        return self.site.reader(html, url=arrival.url, status=arrival.status, request=self.request, more=self.values)

    async def holds(self, conditions: tuple[Condition, ...]) -> bool:
        return any_holds(await self.reader(), conditions)

    async def wait_for(self, conditions: tuple[Condition, ...]) -> bool:
        until = self.clock.monotonic() + self.patience
        while not await self.holds(conditions):
            if self.clock.monotonic() >= until:
                return False
            await self.clock.sleep(_PAUSE)
        return True

    async def _take(self, step: Step) -> None:
        if step.go is not None:
            await self.limiter.turn()
            await self.page.open(self.site.url(step.go, self.values), seconds=_LOAD_SECONDS)
        elif step.wait is not None:
            if not await self.wait_for((step.wait,)) and not step.optional:
                raise PageTrouble("wait", f"{step.wait!r} did not come", timed_out=False)
        elif step.press is not None and step.target is None:
            await self.page.press(step.press)
        else:
            await self._on_element(step)

    async def _on_element(self, step: Step) -> None:
        value = self.site.text(step.value, self.values) if step.value is not None else ""
        target, act = _action(step, value)
        element = await self.element(target, wait=not step.optional)
        if element is None:
            if step.optional:
                return
            raise PageTrouble(f"find {target.css}", "it is not there")
        if step.click is not None:
            await self.limiter.turn()  # it may bring a page
            await self.page.act(act(element), seconds=_LOAD_SECONDS)
        else:
            await act(element)


def _action(step: Step, value: str) -> tuple[Target, Callable[[Element], Awaitable[None]]]:
    """The element that a step acts on, and what is done to it."""
    key = step.press or ""
    table: tuple[tuple[Target | None, Callable[[Element], Awaitable[None]]], ...] = (
        (step.fill, lambda element: element.fill(value)),
        (step.click, lambda element: element.click()),
        (step.check, lambda element: element.set_checked(True)),
        (step.uncheck, lambda element: element.set_checked(False)),
        (step.choose, lambda element: element.choose(value)),
        (step.target, lambda element: element.press(key)),
    )
    return next((target, act) for target, act in table if target is not None)
