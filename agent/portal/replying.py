"""Open a case's reply form, or say why there is none."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from dataclasses import replace

from agent.browser.calls import PageTrouble
from agent.browser.page import LivePage
from agent.browser.session import Session
from agent.clock import Clock
from agent.extract.reading import CasePage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.limiter import Limiter
from agent.portal.looking import Watcher
from agent.portal.reply_form import BrowserReplyForm
from agent.portal.site import Site
from agent.portal.site import case_values
from agent.portal.stepping import Steps
from agent.portal.visit import Visit
from agent.profile.model.reply import ReplyRules
from storage.records import Tab

#: Pages on which a form may still be found: a case read without its list row lacks fields.
_USABLE = frozenset({Verdict.OK, Verdict.DRIFTED, Verdict.BLANK})


@dataclass(slots=True)
class ReplyOpener:
    """Brings one page to the point where text can be typed. The page is held until the form is closed.

    `proven`: the account was just proved in this very context. In any other, whose cookies may choose another account,
    either the page with the form names ours or a header does that is read right before it.
    """

    site: Site
    clock: Clock
    limiter: Limiter
    session: Session
    proven: bool

    async def open(self, request: PageRequest) -> BrowserReplyForm | Reading:
        async with AsyncExitStack() as stack:
            page = await stack.enter_async_context(self.session.page())
            page.shows = None
            rules = self.site.profile.reply
            opened = await self._open(page, rules, request)
            if isinstance(opened, Reading):
                return opened
            held = stack.pop_all()
            assert rules is not None, "without rules there is no form"
            return BrowserReplyForm(rules, opened, held.aclose)

    async def _open(self, page: LivePage, rules: ReplyRules | None, request: PageRequest) -> Steps | Reading:
        values = case_values(request.case_id or "", request.row)
        url = request.url if rules is None or rules.url is None else self.site.url(rules.url, values)
        elsewhere = rules is not None and rules.url is not None
        watcher = self._watcher(page, request)
        reading = await self._arrive(page, url, watcher, elsewhere=elsewhere)
        if _is_usable(reading, elsewhere) and not (self.proven or self._names_account(reading)):
            strange = await self._read_header(page)
            if strange is not None:
                return strange
            reading = await self._arrive(page, url, watcher, elsewhere=elsewhere)
        if not _is_usable(reading, elsewhere):
            return reading
        if rules is None or (isinstance(reading.page, CasePage) and reading.page.can_reply is False):
            return replace(reading, verdict=Verdict.OK, reason="the page offers no reply")
        steps = Steps(self.site, page, self.clock, self.limiter, request, values)
        return await self._bring(steps, rules, watcher)

    async def _arrive(self, page: LivePage, url: str, watcher: Watcher, *, elsewhere: bool) -> Reading:
        await self.limiter.turn()
        await page.open(url, seconds=watcher.seconds)
        return (await (watcher.once() if elsewhere else watcher.until_settled())).reading

    async def _read_header(self, page: LivePage) -> Reading | None:
        """Read the page whose header proves the account; returns it where it does not."""
        tab = next(tab for tab in Tab if tab in self.site.profile.tabs)
        request = self.site.filled(self.site.list_request(tab, today=self.clock.now().date()))
        visit = Visit(self.site, self.clock, self.limiter, page, self._watcher(page, request))
        reading = await visit.read()
        page.shows = None
        if self._names_account(reading):
            return None
        if reading.verdict in {Verdict.OK, Verdict.EMPTY, Verdict.DRIFTED}:
            why = "nothing names the account in the browser that submits"
            return replace(reading, verdict=Verdict.WRONG_ACCOUNT, reason=why)
        return reading

    def _names_account(self, reading: Reading) -> bool:
        """Whether the page says all that the configuration does; had it said otherwise, it would be WRONG_ACCOUNT."""
        found = reading.identity
        if found is None or found.account_name is None or reading.verdict is Verdict.WRONG_ACCOUNT:
            return False
        return found.marketplace is not None or self.site.account.marketplace is None

    async def _bring(self, steps: Steps, rules: ReplyRules, watcher: Watcher) -> Steps | Reading:
        why = "the reply form did not come"
        try:
            await steps.take(rules.open)
            there = await steps.wait_for(rules.ready)
            if there and rules.editor.ready:
                there = await steps.wait_for(rules.editor.ready)
        except PageTrouble as trouble:
            there, why = False, f"the reply form did not come: {trouble.what}: {trouble.why}"
        reading = (await watcher.once()).reading
        if reading.verdict not in _USABLE:
            return reading
        return steps if there else Reading(snapshot=reading.snapshot, verdict=Verdict.BLANK, reason=why)

    def _watcher(self, page: LivePage, request: PageRequest) -> Watcher:
        return Watcher(
            site=self.site,
            clock=self.clock,
            page=page,
            request=request,
            environment=self.session.environment,
            engine_version=self.session.engine_version,
            seconds=self.site.profile.politeness.deadline,
        )


def _is_usable(reading: Reading, elsewhere: bool) -> bool:
    """A page of its own for the form lacks what a case's page has, and so looks blank."""
    return reading.verdict in _USABLE and (elsewhere or reading.verdict is not Verdict.BLANK)
