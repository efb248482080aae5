"""One request read on one page: opened from nothing, or by one more click where the page before it still stands."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace

from agent.browser.calls import PageTrouble
from agent.browser.page import LivePage
from agent.clock import Clock
from agent.extract.classify import ready_conditions
from agent.extract.conditions import any_holds
from agent.extract.reading import CasePage
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.confined import may_ask
from agent.portal.expanding import Expander
from agent.portal.limiter import Limiter
from agent.portal.look import Look
from agent.portal.looking import Watcher
from agent.portal.site import Site
from agent.portal.stepping import Steps
from agent.profile.model.conditions import Step
from agent.profile.model.conditions import Target
from agent.profile.model.lists import Pager

_CLICK_SECONDS = 15.0
_BEFORE_STEPS_SECONDS = 3.0
_USABLE = frozenset({Verdict.OK, Verdict.EMPTY, Verdict.BLANK, Verdict.DRIFTED})


def before(request: PageRequest) -> PageRequest | None:
    """The page from which one click leads to this one."""
    if request.clicks == 0:
        return None
    return replace(request, number=request.number - 1, clicks=request.clicks - 1)


@dataclass(slots=True)
class Visit:
    """Reads one request; what the portal does wrong is in the reading."""

    site: Site
    clock: Clock
    limiter: Limiter
    page: LivePage
    watcher: Watcher

    @property
    def request(self) -> PageRequest:
        return self.watcher.request

    async def read(self) -> Reading:
        previous = before(self.request)
        going_on = previous is not None and self.page.shows == previous
        self.page.shows = None
        if not may_ask(self.site, self.request.url):
            return self.watcher.refused()
        look = await self._go_on() if going_on else await self._open()
        look = await self._expanded(look)
        if look.reading.verdict is Verdict.OK and _is_clicked(self.site.pager(self.request)):
            self.page.shows = self.request
        return look.reading

    async def _open(self) -> Look:
        await self.limiter.turn()
        began = self.clock.monotonic()
        await self.page.open(self.request.url, seconds=self.watcher.seconds)
        left = max(0.0, self.watcher.seconds - (self.clock.monotonic() - began))
        steps = self._steps_after_opening()
        if steps:
            # They wait for what they need, and a list may well be blank, or short, before them.
            look = await self.watcher.until(self._can_be_used, seconds=min(left, _BEFORE_STEPS_SECONDS))
        else:
            look = await self.watcher.until_settled(seconds=left)
        try:
            if steps and look.reading.verdict in _USABLE:
                await self._steps().take(steps)
                await self._steps().settle()
                look = await self.watcher.until_settled(lambda _: True)
            for _ in range(self.request.clicks):
                if look.reading.verdict is not Verdict.OK:
                    break
                look = await self._turn_page(look)
        except PageTrouble as trouble:
            return await self._stuck(trouble)
        return look

    def _can_be_used(self, look: Look) -> bool:
        empty = self.site.profile.list_of(self.request.tab).empty if self.request.kind is PageKind.LIST else ()
        return any_holds(look.reader, (*ready_conditions(self.site.profile, self.request), *empty))

    async def _go_on(self) -> Look:
        try:
            return await self._turn_page(await self.watcher.once())
        except PageTrouble as trouble:
            return await self._stuck(trouble)

    async def _turn_page(self, shown: Look) -> Look:
        """Click or scroll on, and wait until the page shows something else."""
        pager = self.site.pager(self.request)
        assert pager is not None, "only a pager makes requests with clicks"
        await self.limiter.turn()
        if pager.scroll is not None:
            element = await self._steps().element(Target(css=pager.scroll))
        else:
            assert pager.click is not None, "a link or a parameter has a URL"
            element = await self._steps().element(pager.click)
        if element is None:
            raise PageTrouble("next page", "its control is not there")
        await self.page.act(element.scroll_to_end() if pager.scroll else element.click(), seconds=_CLICK_SECONDS)
        known = _content(shown.reading)
        look = await self.watcher.until_settled(lambda reading: _content(reading) != known)
        same = look.reading.verdict is Verdict.OK and _content(look.reading) == known
        if same and pager.click is not None and look.reading.next is not None:
            # The control is still offered: more may well follow, so that this is no end. A scroll has no control.
            return _blank(look, "the page did not change after a click for the next one")
        return look

    async def _expanded(self, look: Look) -> Look:
        if self.request.kind is not PageKind.CASE or look.reading.verdict not in {Verdict.OK, Verdict.DRIFTED}:
            return look
        return await Expander(self._steps(), self.watcher).show(look, self.site.profile.case.expand)

    async def _stuck(self, trouble: PageTrouble) -> Look:
        """The page was there and did not let itself be used: as good as blank."""
        look = await self.watcher.once()
        if look.reading.verdict not in {Verdict.OK, Verdict.EMPTY}:
            return look
        return _blank(look, f"cannot {trouble.what}: {trouble.why}")

    def _steps_after_opening(self) -> tuple[Step, ...]:
        profile = self.site.profile
        if self.request.kind is PageKind.CASE:
            return profile.case.parts[self.request.part].steps if self.request.part else profile.case.steps
        if self.request.kind is not PageKind.LIST or self.request.tab is None:
            return ()
        if self.request.number - self.request.clicks != 1:
            return ()  # its own URL leads to it; to choose a tab or a size again would lead back to page one
        size = profile.list_of(self.request.tab).page_size
        return (*profile.tabs[self.request.tab].steps, *(size.steps if size is not None else ()))

    def _steps(self) -> Steps:
        values = {"case_id": self.request.case_id} if self.request.case_id is not None else {}
        return Steps(self.site, self.page, self.clock, self.limiter, self.request, values)


def _is_clicked(pager: Pager | None) -> bool:
    return pager is not None and (pager.click is not None or pager.scroll is not None)


def _content(reading: Reading) -> object:
    """What tells one page of a list or thread from another."""
    if isinstance(reading.page, ListPage):
        return tuple(row.case_id for row in reading.page.rows)
    if isinstance(reading.page, CasePage):
        return tuple((m.native_id, m.sent_at_raw, m.author, m.body) for m in reading.page.messages)
    return None


def _blank(look: Look, why: str) -> Look:
    """A page that was there and is of no use."""
    snapshot = replace(look.reading.snapshot, ready=False)
    return replace(look, reading=Reading(snapshot=snapshot, verdict=Verdict.BLANK, reason=why))
