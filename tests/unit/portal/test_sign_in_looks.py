"""A sign-in's page that is just going on to another document."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from agent.browser.calls import PageTrouble
from agent.browser.page import Arrival
from agent.clock import ManualClock
from agent.portal.limiter import Limiter
from agent.portal.sign_in import Credentials
from agent.portal.sign_in import Sight
from agent.portal.sign_in import SignInAttempt
from agent.portal.site import Site
from agent.profile.account import AccountFacts
from tests.e2e.portal.small_portal import small_profile

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner

URL = "https://portal.test/in"


class LeavingPage:
    """Stands at the sign-in's address; between two documents it tells no mark."""

    def __init__(self, *marks: float | None) -> None:
        self.marks = list(marks)
        self.url = URL

    async def document(self) -> float:
        mark = self.marks.pop(0) if len(self.marks) > 1 else self.marks[0]
        if mark is None:
            raise PageTrouble("script", "Execution context was destroyed")
        return mark

    async def html(self, *, values: bool) -> str:
        return ""

    def arrived(self) -> Arrival:
        return Arrival(URL, 200, None, None, True)


def test_a_page_known_by_its_address_is_answered_once(run_async: AsyncRunner[Any]) -> None:
    """While the document that was answered gives way to the next, its address says nothing."""
    by_address = {"name": "one", "when": {"url": "/in$"}, "steps": [{"click": "button", "optional": True}]}
    password = small_profile().sign_in.handlers[0].model_dump(exclude_defaults=True)
    profile = small_profile(sign_in__handlers=[by_address, password])
    account = AccountFacts(name="acme", base_url="https://portal.test", user="ann", account_name="Ann Ltd")
    clock, page = ManualClock(), LeavingPage(1.0, None, 1.0)
    limiter = Limiter(clock, requests_per_second=0, at_once=1)
    credentials = Credentials(password=lambda: "secret")
    attempt = SignInAttempt(Site(profile, account, None), clock, limiter, page, credentials)  # type: ignore[arg-type]

    async def go() -> Any:
        handler = await attempt._next_page()
        attempt._done = (handler, attempt._shown)  # type: ignore[assignment]
        return await attempt._next_page()

    assert Sight.BLANK is run_async(go())
