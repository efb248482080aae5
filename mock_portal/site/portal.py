"""One running portal's state, and the way from a request to it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from aiohttp import web

from mock_portal.book import CaseBook
from mock_portal.data.accounts import Account
from mock_portal.faults.registry import Fault
from mock_portal.faults.registry import FaultRegistry
from mock_portal.listing import Listing
from mock_portal.locales import Locale
from mock_portal.locales import locale
from mock_portal.settings import PortalSettings
from mock_portal.site.request_log import RequestLog
from mock_portal.site.request_log import Seen
from mock_portal.site.routing import Tag
from mock_portal.site.sessions import Session
from mock_portal.site.sessions import Sessions
from mock_portal.site.skin import Skin
from mock_portal.truth import case_truth
from mock_portal.world import World


class Portal:
    """Shares nothing with another portal of the same process."""

    def __init__(self, settings: PortalSettings, skin: Skin) -> None:
        self.settings = settings
        self.skin = skin
        self.world = World(settings)
        self.world.history.show = lambda account, case: case_truth(
            self.world, self.skin, self.world.account(account), case
        )
        self.sessions = Sessions(lifetime=settings.session_seconds)
        self.log = RequestLog()
        self.faults = FaultRegistry(seed=settings.seed)


@dataclass
class Visit:
    """What is known about one request while it is answered."""

    portal: Portal
    tags: frozenset[Tag]
    seen: Seen
    session: Session | None
    fired: dict[str, Fault] = field(default_factory=dict)
    #: what the header says instead of the account that is shown
    header: tuple[str, str] | None = None
    #: the connection was cut instead of an answer
    cut: bool = False

    def acting(self, kind: str) -> Fault | None:
        """The fault of that kind if one fired for this request. Whoever asks makes it act; else its shot goes back."""
        fault = self.fired.get(kind)
        if fault is not None:
            self.seen.faults = sorted({*self.seen.faults, kind})
        return fault

    def settle_faults(self) -> None:
        """After the answer: what fired and did nothing has not fired."""
        for kind, fault in self.fired.items():
            if kind not in self.seen.faults:
                fault.give_back(self.seen.engine)

    @property
    def account(self) -> Account:
        """Of a page behind the sign-in; the session check let nobody else through."""
        assert self.session is not None
        assert self.session.account is not None
        return self.session.account

    @property
    def book(self) -> CaseBook:
        return self.portal.world.book(self.account)

    @property
    def listing(self) -> Listing:
        return self.portal.world.listing(self.account)

    @property
    def words(self) -> Locale:
        account = self.session.account if self.session else None
        return locale(self.portal.world.locale_name(account))


VISIT = web.RequestKey("visit", Visit)


def visit(request: web.Request) -> Visit:
    return request[VISIT]
