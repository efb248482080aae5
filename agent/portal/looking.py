"""Look at a page until it has come to rest. Whether it has is what the extraction says of its text, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace

from agent.browser.calls import PageTrouble
from agent.browser.page import Arrival
from agent.browser.page import LivePage
from agent.browser.retry_after import retry_after_seconds
from agent.clock import Clock
from agent.extract.classify import is_settled
from agent.extract.dom import select
from agent.extract.pages import read_page
from agent.extract.reading import Reading
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Lane
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from agent.portal.confined import may_ask
from agent.portal.look import HOPELESS
from agent.portal.look import Look
from agent.portal.look import Shown
from agent.portal.site import Site

#: A page that shows the same for so long is at rest, whatever it still asks for: some poll for ever.
STEADY = 1.5
#: "No cases" is the dearest mistake: what the page asks for is awaited for this share of the deadline.
STEADY_SHARE_EMPTY = 1 / 3
SHORT, LONG = 0.05, 0.4
#: For a page's text. One that took longer gets what is left of the deadline: ten megabytes take a slow machine 10 s.
_READ_SECONDS = 5.0
#: What could still change a page; without any of it the page stays as it is.
_MOVERS = "script, iframe, meta[http-equiv='refresh' i]"

#: What only the portal itself can say; a sign-in or a block page may well stand elsewhere.
_ANSWERS = frozenset({Verdict.OK, Verdict.EMPTY, Verdict.GONE})
_ELSEWHERE = "the page is neither at the account's base_url nor among the profile's origins"

Accepts = Callable[[Reading], bool]


@dataclass(slots=True)
class Watcher:
    """Looks at one page for one request, each time for at most `seconds`."""

    site: Site
    clock: Clock
    page: LivePage
    request: PageRequest
    environment: Environment
    engine_version: str
    seconds: float
    _began: float = 0.0
    _deadline: float = 0.0
    _steady_since: float = 0.0
    _read: tuple[Shown, Look] | None = None
    _slow: bool = False

    async def once(self) -> Look:
        html, trouble = await self._html()
        shown = Shown(html, trouble, self.page.arrived(), self.page.script_errors, self.request)
        if self._read is None or self._read[0] != shown:
            self._read = shown, self._look_at(shown)
        # A page is read again only when it shows something else: most of the looks find it as it was.
        return replace(self._read[1], busy=self.page.busy, asked=self.page.asked)

    def _look_at(self, shown: Shown) -> Look:
        html, trouble, arrival = shown.html, shown.trouble, shown.arrival
        reader = self.site.reader(html, url=arrival.url, status=arrival.status, request=self.request)
        settled = is_settled(reader, self.request)
        reading = read_page(self._snapshot(shown, ready=settled), reader)
        if reading.verdict in _ANSWERS and not may_ask(self.site, arrival.url):
            settled, reading = False, Reading(snapshot=reading.snapshot, verdict=Verdict.BLANK, reason=_ELSEWHERE)
        alive = trouble is not None or bool(select(reader.document.page, _MOVERS))
        return Look(reading, reader, settled, self.page.busy, self.page.asked, alive)

    def refused(self) -> Reading:
        """What a request is taken for that leads away from the portal, and was not made."""
        nowhere = Arrival(self.request.url, None, None, None, loaded=False)
        snapshot = self._snapshot(Shown("", None, nowhere, self.page.script_errors, self.request), ready=False)
        return Reading(snapshot=snapshot, verdict=Verdict.DRIFTED, reason=_ELSEWHERE)

    async def until(self, fits: Callable[[Look], bool], *, seconds: float | None = None) -> Look:
        """Look until the page fits, or has become one that is known to be no use."""
        began = self.clock.monotonic()
        while True:
            look = await self.once()
            over = self.clock.monotonic() - began >= (self.seconds if seconds is None else seconds)
            if fits(look) or over or look.reading.verdict in HOPELESS or look.reading.snapshot.failure is not None:
                return look
            await self.clock.sleep(SHORT)

    async def until_settled(self, accepts: Accepts | None = None, *, seconds: float | None = None) -> Look:
        """Look until the page is at rest and accepted, or until nothing more can be hoped for."""
        self._began = self._steady_since = self.clock.monotonic()
        self._deadline = self._began + (self.seconds if seconds is None else seconds)
        previous: Look | None = None
        pause = SHORT
        while True:
            look = await self.once()
            now = self.clock.monotonic()
            if not look.shows_same(previous):
                self._steady_since = now
            if now >= self._deadline or self._is_final(look, previous, accepts):
                return look
            previous = look
            await self.clock.sleep(min(pause, self._deadline - now))
            pause = min(LONG, pause * 1.5)

    def _is_final(self, look: Look, previous: Look | None, accepts: Accepts | None) -> bool:
        verdict = look.reading.verdict
        if not look.alive and accepts is None:
            return True
        if verdict not in {Verdict.OK, Verdict.EMPTY}:
            return self.clock.monotonic() - self._began >= look.patience(self._deadline - self._began)
        if not look.settled or (accepts is not None and not accepts(look.reading)):
            return False
        # What a script draws may be half drawn, and "no cases" may be what stands there before they come.
        drawn = previous is not None or accepts is not None or verdict is Verdict.EMPTY
        return not (drawn and look.alive) or self._at_rest(look, previous)

    def _at_rest(self, look: Look, previous: Look | None) -> bool:
        if previous is None or not look.shows_same(previous):
            return False
        empty = look.reading.verdict is Verdict.EMPTY
        steady = max(STEADY, (self._deadline - self._began) * STEADY_SHARE_EMPTY) if empty else STEADY
        return look.quiet_since(previous) or self.clock.monotonic() - self._steady_since >= steady

    async def _html(self) -> tuple[str, str | None]:
        """The text, and what kept the page from giving it."""
        seconds = max(1.0, min(_READ_SECONDS, self.seconds))
        if self._slow:
            seconds = max(seconds, self._deadline - self.clock.monotonic())
        try:
            return await self.page.html(seconds=seconds), None
        except PageTrouble as trouble:
            self._slow = trouble.timed_out
            return "", trouble.why

    def _snapshot(self, shown: Shown, *, ready: bool) -> Snapshot:
        arrival, now = shown.arrival, self.clock.now()
        return Snapshot(
            request=shown.request,
            final_url=arrival.url,
            status=arrival.status,
            html=shown.html,
            read_at=now,
            lane=Lane.LIVE,
            environment=self.environment,
            engine_version=self.engine_version,
            ready=ready and arrival.loaded,
            failure=arrival.failure,
            retry_after=retry_after_seconds(arrival.retry_after, now),
            script_errors=(*shown.script_errors, *([f"page: {shown.trouble}"] if shown.trouble else [])),
        )
