"""When a page counts as being at rest: what it shows, and what is still on its way to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

import pytest

from agent.browser.calls import PageTrouble
from agent.browser.page import Arrival
from agent.clock import ManualClock
from agent.extract.pages import read_page
from agent.extract.reader import PageReader
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import Environment
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from agent.portal.look import Look
from agent.portal.looking import STEADY
from agent.portal.looking import Watcher
from agent.portal.site import Site
from agent.profile.account import AccountFacts
from storage.records import Tab
from tests.e2e.portal.small_portal import page
from tests.e2e.portal.small_portal import rows
from tests.e2e.portal.small_portal import small_profile

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner

URL = "https://portal.test/list"
DEADLINE = 30.0
NONE, SOME = page("<p class=none>nothing here</p><script></script>"), page(f"{rows([4])}<script></script>")


@dataclass(frozen=True)
class Moment:
    """What the page shows until then, whether something is on its way, and how often it asked for something."""

    until: float
    html: str
    busy: bool = False
    asked: int = 0


class ScriptedPage:
    """Shows what its script says for the time that the clock tells; the last moment lasts for ever."""

    script_errors = ()

    def __init__(self, clock: ManualClock, moments: tuple[Moment, ...]) -> None:
        self._clock, self._moments, self._began = clock, moments, clock.monotonic()

    @property
    def now(self) -> Moment:
        passed = self._clock.monotonic() - self._began
        return next((each for each in self._moments if passed < each.until), self._moments[-1])

    @property
    def busy(self) -> bool:
        return self.now.busy

    @property
    def asked(self) -> int:
        return self.now.asked

    async def html(self, *, seconds: float) -> str:
        return self.now.html

    def arrived(self) -> Arrival:
        return Arrival(URL, 200, None, None, True)


def watching(clock: ManualClock, moments: tuple[Moment, ...]) -> Watcher:
    account = AccountFacts(name="acme", base_url="https://portal.test", user="ann", account_name="Ann Ltd")
    return Watcher(
        site=Site(small_profile(), account, None),
        clock=clock,
        page=ScriptedPage(clock, moments),  # type: ignore[arg-type] # what a watcher asks of a page
        request=PageRequest(kind=PageKind.LIST, url=URL, tab=Tab.ALL),
        environment=Environment(),
        engine_version="1",
        seconds=DEADLINE,
    )


@pytest.mark.parametrize(
    ("moments", "listed"),
    [
        ((Moment(9, NONE),), 0),
        ((Moment(2 * STEADY, NONE, busy=True, asked=1), Moment(9, SOME, asked=1)), 1),
        ((Moment(0.04, NONE, busy=True, asked=1), Moment(0.12, NONE, asked=1), Moment(9, SOME, asked=1)), 1),
        ((Moment(0.04, NONE), Moment(0.12, NONE, asked=1), Moment(9, SOME, asked=1)), 1),
        ((Moment(9, NONE, busy=True, asked=1),), 0),
    ],
    ids=["empty", "slow rows", "an answer that is not drawn yet", "a request between two looks", "polls for ever"],
)
def test_no_cases_is_believed_when_nothing_is_on_its_way(
    run_async: AsyncRunner[Any], moments: tuple[Moment, ...], listed: int
) -> None:
    """Rows that are asked for, or were just answered and not drawn, are waited for; a page that polls ends too."""
    clock = ManualClock()
    watcher = watching(clock, moments)
    began = clock.monotonic()

    look = run_async(watcher.until_settled())

    assert isinstance(look.reading.page, ListPage), look.reading
    assert listed == len(look.reading.page.rows)
    assert clock.monotonic() - began < DEADLINE / 2


class SlowPage(ScriptedPage):
    """Takes its time to give its text."""

    takes = 12.0

    async def html(self, *, seconds: float) -> str:
        await self._clock.sleep(min(self.takes, seconds))
        if self.takes > seconds:
            raise PageTrouble("read", f"no answer in {seconds:g} s", timed_out=True)
        return self.now.html


def test_a_page_that_takes_long_to_give_its_text_is_read(run_async: AsyncRunner[Any]) -> None:
    """A huge page on a slow machine may take what is left of the deadline; one that never gives it ends there."""
    clock = ManualClock()
    watcher, hung = watching(clock, ()), watching(clock, ())
    watcher.page = SlowPage(clock, (Moment(9, page(rows([4]))),))  # type: ignore[assignment] # what a watcher asks of a page
    hung.page = SlowPage(clock, (Moment(9, ""),))  # type: ignore[assignment] # the same
    hung.page.takes = 1000.0  # type: ignore[attr-defined] # the same

    look = run_async(watcher.until_settled())
    began = clock.monotonic()
    blank = run_async(hung.until_settled())

    assert isinstance(look.reading.page, ListPage), look.reading
    assert (1, Verdict.BLANK) == (len(look.reading.page.rows), blank.reading.verdict)
    assert clock.monotonic() - began <= DEADLINE + 1


def test_a_look_after_the_deadline_has_its_usual_seconds(run_async: AsyncRunner[Any]) -> None:
    """What a click brought is looked at by the same watcher, whose first deadline may be over by then."""
    clock = ManualClock()
    watcher = watching(clock, ())
    slow = SlowPage(clock, (Moment(9, page(rows([4]))),))
    slow.takes = 3.0
    watcher.page = slow  # type: ignore[assignment] # what a watcher asks of a page

    async def after_the_deadline() -> Look:
        await watcher.until_settled()
        await clock.sleep(2 * DEADLINE)
        return await watcher.until(lambda look: True)

    look = run_async(after_the_deadline())

    assert isinstance(look.reading.page, ListPage), look.reading


def test_a_page_is_read_again_only_when_it_shows_something_else(
    run_async: AsyncRunner[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is looked at: what costs the time is to read a long thread, not to see that it is the same."""
    looks: list[str] = []
    read: list[int] = []

    def reading(snapshot: Snapshot, reader: PageReader) -> Reading:
        found = read_page(snapshot, reader)
        read.append(len(found.page.rows) if isinstance(found.page, ListPage) else -1)
        return found

    class Counted(ScriptedPage):
        async def html(self, *, seconds: float) -> str:
            looks.append(await super().html(seconds=seconds))
            return looks[-1]

    monkeypatch.setattr("agent.portal.looking.read_page", reading)
    clock = ManualClock()
    watcher = watching(clock, ())
    watcher.page = Counted(clock, (Moment(2 * STEADY, NONE, busy=True, asked=1), Moment(9, SOME, asked=1)))  # type: ignore[assignment] # see `watching`

    look = run_async(watcher.until_settled())

    assert (False, 1) == (look.busy, look.asked)
    assert ([0, 1], True) == (read, len(looks) > 5)
