"""Look in at an account: sign in if need be, read the first list and, if wanted, one thread. Nothing is archived."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from agent.cli.plain_reading import PlainReader
from agent.cli.workplace import Workplace
from agent.errors import WrongAccount
from agent.extract.reading import ListPage
from agent.profile.account import AccountFacts
from agent.recovery.account_lock import hold_account
from agent.recovery.account_lock import this_process
from agent.recovery.climb import Reader
from agent.recovery.logbook import Logbook
from agent.recovery.sign_in import SignIns
from agent.recovery.steps import Budgets
from agent.recovery.stop import StopToken
from storage import journal
from storage.journal import RunOutcome
from storage.records import Tab

if TYPE_CHECKING:
    from agent.config.model import AccountSettings
    from agent.extract.reading import Reading
    from agent.portal.browser_portal import BrowserPortal

#: How long a window stays open for a person.
PERSON_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen: the first page of a list, and the first case's own page, which took so many seconds."""

    listing: Reading
    case: Reading | None
    case_seconds: float

    @property
    def total(self) -> int | None:
        return self.listing.page.total if isinstance(self.listing.page, ListPage) else None


async def look_in(
    place: Workplace,
    settings: AccountSettings,
    *,
    purpose: str,
    stop: StopToken,
    by_person: bool = False,
    plainly: bool = False,
) -> Looked:
    """Raises a `RunStopped` with the reason why the account cannot be worked with.

    `by_person`: nothing is typed; a person signs in, in the window that is open. `plainly`: to try the profile, one
    thread is read as well, and a page that is not understood is an answer, not a reason to recover.
    """
    database, clock = place.database, place.clock
    with hold_account(database, settings.name, purpose=purpose, clock=clock):
        run_id = journal.start_run(database, settings.name, scope=purpose, holder=this_process(), at=clock.now())
        logbook = Logbook(
            database=database,
            run_id=run_id,
            account=settings.name,
            clock=clock,
            versions=place.engines,
            usual=place.usual,
        )
        ended = RunOutcome.FAILED
        try:
            portal = await place.opener(settings, place.profile(settings))(place.usual)
            try:
                if by_person:
                    await portal.wait_for_person(seconds=PERSON_SECONDS, wanted=partial(_goes_on, stop))
                    logbook.set_account_state(journal.AccountCondition.OK, "")
                look = _try_out if plainly else _look
                looked = await look(place, settings, portal, logbook, stop)
            finally:
                await portal.close()
            ended = RunOutcome.PARTIAL
        finally:
            logbook.flush()
            journal.finish_run(database, run_id, outcome=ended, numbers={}, at=clock.now())
        return looked


def _goes_on(stop: StopToken) -> bool:
    stop.begin()
    return True


async def _look(
    place: Workplace, settings: AccountSettings, portal: BrowserPortal, logbook: Logbook, stop: StopToken
) -> Looked:
    """As a run would: past blank pages, and only with a header that names the account."""
    reader = Reader(
        portal,
        account=AccountFacts.of(settings),
        logbook=logbook,
        clock=place.clock,
        stop=stop,
        budgets=Budgets(sign_ins_per_run=settings.sign_ins_per_run),
    )
    listing = await reader.read(portal.list_request(_first_tab(place, settings)))
    if listing.identity is None or listing.identity.account_name is None:
        reason = "the header names no account"
        url = listing.snapshot.final_url
        raise WrongAccount(settings.name, reason, url, expected=settings.account_name)
    return Looked(listing, None, 0.0)


async def _try_out(
    place: Workplace, settings: AccountSettings, portal: BrowserPortal, logbook: Logbook, stop: StopToken
) -> Looked:
    """List and thread as they come."""
    reader = PlainReader(portal, settings, SignIns(settings.name, logbook), stop)
    request = portal.list_request(_first_tab(place, settings))
    listing = await reader.read(request)
    begun = place.clock.monotonic()
    case = None
    if isinstance(listing.page, ListPage) and listing.page.rows:
        row = listing.page.rows[0]
        case = await reader.read(portal.case_request(row.case_id, row))
    return Looked(listing, case, place.clock.monotonic() - begun)


def _first_tab(place: Workplace, settings: AccountSettings) -> Tab:
    return next(tab for tab in Tab if tab in place.profile(settings).tabs)
