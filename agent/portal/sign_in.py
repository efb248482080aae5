"""Get in: whatever page comes is answered by its handler, in any order, and the password is submitted once."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import Enum

from agent.browser.calls import PageTrouble
from agent.browser.page import LivePage
from agent.browser.retry_after import retry_after_seconds
from agent.clock import Clock
from agent.errors import AccessDenied
from agent.errors import PersonNeeded
from agent.errors import PortalUnreachable
from agent.errors import RecoveryExhausted
from agent.errors import SignInRefused
from agent.errors import Throttled
from agent.extract.conditions import any_holds
from agent.extract.reader import PageReader
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.log import get_logger
from agent.portal.codes import OneTimeCodes
from agent.portal.limiter import LONGEST_REST
from agent.portal.limiter import Limiter
from agent.portal.refusing import refuse
from agent.portal.site import Site
from agent.portal.stepping import Steps
from agent.profile.model.sign_in import Handler

log = get_logger(__name__)

MOST_PAGES = 12
MOST_CODES = 2
#: Seconds before the sign-in page is opened again, while nothing was typed yet.
REOPEN_WAITS = (0.5, 2.0)
_PAUSE = 0.1


class Sight(Enum):
    """What a sign-in's page can be besides one that a handler answers."""

    SIGNED_IN = "signed_in"  #: the profile's proof holds
    BLANK = "blank"  #: nothing that is known came before the deadline


@dataclass(frozen=True, slots=True)
class Credentials:
    """What gets the account in. The password is asked for only when a page wants it. Raises `SecretUnavailable`."""

    password: Callable[[], str]
    codes: OneTimeCodes | None = None


@dataclass(slots=True)
class SignInAttempt:
    """One way through the sign-in's pages. Nothing of it is recorded: secrets are on the screen."""

    site: Site
    clock: Clock
    limiter: Limiter
    page: LivePage
    credentials: Credentials
    password_submitted: bool = False
    _answered: list[str] = field(default_factory=list)
    _codes_used: int = 0
    _shown: float = 0.0  #: the document that the present handler stands in
    _warned: bool = False  #: it bore the mark of a wrong password before anything was submitted
    _done: tuple[Handler, float] | None = None

    async def run(self) -> None:
        """Raises any `RunStopped` that a sign-in can end with, `RecoveryExhausted` when no known page came."""
        sight = await self._first_page()
        for _ in range(MOST_PAGES):
            if sight is Sight.BLANK:
                self._rest_if_told()
                sight = await self._home()
            if isinstance(sight, Sight):
                self._rest_if_told()
                log.info("signed_in", account=self._account, pages=self._answered)
                return
            await self._answer(sight)
            sight = await self._next_page()
        raise PersonNeeded(self._account, f"the sign-in goes in circles: {', '.join(self._answered)}", self.page.url)

    async def _first_page(self) -> Handler | Sight:
        """Open the sign-in page; while nothing was typed it may be opened again."""
        url = self.site.url(self.site.profile.sign_in.url)
        for wait in (0.0, *REOPEN_WAITS):
            await self.clock.sleep(wait)
            await self.limiter.turn()
            arrival = await self.page.open(url, seconds=self._seconds)
            self._rest_if_told()
            if arrival.failure is None and (arrival.status or 0) < 500:
                sight = await self._next_page()
                if sight is not Sight.BLANK:
                    return sight
        if arrival.status is None and arrival.failure is not None:
            raise PortalUnreachable(self._account, arrival.failure, url)
        raise self._exhausted()

    async def _home(self) -> Sight:
        """What followed an answer stayed blank; the sign-in may have succeeded all the same.

        Nothing is typed again into a sign-in whose answer nobody has seen.
        """
        home = self.site.profile.home
        await self.limiter.turn()
        await self.page.open(self.site.url(home.url if home is not None else "/"), seconds=self._seconds)
        if await self._next_page() is not Sight.SIGNED_IN:
            raise self._exhausted()
        return Sight.SIGNED_IN

    def _rest_if_told(self) -> None:
        """A page may ask for a rest and yet prove the sign-in: the next request, whoever makes it, waits for that."""
        arrival = self.page.arrived()
        if arrival.status not in {429, 503}:
            return
        told = retry_after_seconds(arrival.retry_after, self.clock.now())
        if told is not None and told > LONGEST_REST:
            raise Throttled(self._account, f"the sign-in is to wait for {told:.0f} s", self.page.url)
        self.limiter.heed(arrival.status, told)

    async def _next_page(self) -> Handler | Sight:
        """Wait for a page that is known."""
        until = self.clock.monotonic() + self._seconds
        while True:
            found = await self._look()
            sight = None if found is None else self._recognised(*found)
            if sight is not None:
                return sight
            if self.clock.monotonic() >= until:
                return Sight.BLANK
            await self.clock.sleep(_PAUSE)

    def _recognised(self, document: float, reader: PageReader) -> Handler | Sight | None:
        if any_holds(reader, self.site.profile.sign_in.signed_in):
            return Sight.SIGNED_IN
        self._refuse(reader, document)
        for handler in self.site.profile.sign_in.handlers:
            # The page that was just answered stands there until the next one comes.
            if any_holds(reader, handler.when) and (handler, document) != self._done:
                self._shown = document
                self._warned = any_holds(reader, self.site.profile.sign_in.wrong_password)
                return handler
        return None

    def _refuse(self, reader: PageReader, document: float) -> None:
        """Stop at what must not be pushed against."""
        wrong_password = self.site.profile.sign_in.wrong_password
        old_warning = self._warned and self._done is not None and self._done[1] == document
        if self.password_submitted and not old_warning and any_holds(reader, wrong_password):
            raise SignInRefused(self._account, "the portal refused the password", reader.url)
        refuse(self.site, reader)
        if reader.status == 403:
            raise AccessDenied(self._account, "the portal shows a block page", reader.url)

    async def _answer(self, handler: Handler) -> None:
        self._check(handler)
        values = await self._values(handler)
        steps = Steps(self.site, self.page, self.clock, self.limiter, self._request(), values)
        self._answered.append(handler.name)
        # Set before the click: after it nobody knows whether the portal has seen the password.
        self.password_submitted = self.password_submitted or "password" in handler.variables
        try:
            await steps.take(handler.steps)
        except PageTrouble as trouble:
            log.warning("sign_in_step_failed", page=handler.name, what=trouble.what, why=trouble.why)
        self._done = (handler, self._shown)

    def _check(self, handler: Handler) -> None:
        """Refuse what may not be answered, or not again."""
        codes = self.credentials.codes
        if "password" in handler.variables and self.password_submitted:
            raise SignInRefused(self._account, "the portal asks for the password again", self.page.url, told=False)
        if handler.sends_code and codes is None:
            reason = f"the page {handler.name!r} sends a code, and nobody is there to read it"
        elif "otp" in handler.variables and codes is None:
            reason = "the portal asks for a one-time code, and no secret for codes is configured"
        elif "otp" in handler.variables and self._codes_used >= MOST_CODES:
            reason = "the portal refuses our one-time codes: is this machine's clock right, and the secret?"
        else:
            return
        raise PersonNeeded(self._account, reason, self.page.url, wanted="code")

    async def _values(self, handler: Handler) -> Mapping[str, str]:
        values = {}
        if "password" in handler.variables:
            values["password"] = self.credentials.password()
        if "otp" in handler.variables and self.credentials.codes is not None:
            self._codes_used += 1
            values["otp"] = await self.credentials.codes.next()
        return values

    def _exhausted(self) -> RecoveryExhausted:
        after = f"after {self._answered[-1]!r}" if self._answered else "at once"
        status = self.page.arrived().status
        return RecoveryExhausted(
            self._account, f"the sign-in shows no page that is known, {after} (status {status})", self.page.url
        )

    async def _look(self) -> tuple[float, PageReader] | None:
        """The page with its document's mark, `None` while it is on its way to another one, or hangs.

        The mark is taken first: a page that changes in between then counts as the old one once more. Without a mark
        nothing is recognised, since one that was answered already could be known by its address alone.
        """
        try:
            document = await self.page.document()
            html = await self.page.html(values=False)
        except PageTrouble:
            return None  # the deadline tells
        arrival = self.page.arrived()
        return document, self.site.reader(html, url=arrival.url, status=arrival.status, request=self._request())

    def _request(self) -> PageRequest:
        return PageRequest(kind=PageKind.HOME, url=self.site.profile.sign_in.url)

    @property
    def _account(self) -> str:
        return self.site.account.name

    @property
    def _seconds(self) -> float:
        return self.site.profile.politeness.deadline
