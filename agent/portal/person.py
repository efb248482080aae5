"""Wait while a person signs in, in a window that we only look at."""

from __future__ import annotations

from collections.abc import Callable

from agent.browser.calls import PageTrouble
from agent.browser.page import LivePage
from agent.clock import Clock
from agent.errors import EngineDied
from agent.extract.conditions import any_holds
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.portal.site import Site

_PAUSE = 0.5


async def wait_for_person(
    site: Site, clock: Clock, page: LivePage, *, seconds: float, wanted: Callable[[], bool]
) -> bool:
    """Open the sign-in page and type nothing; true once the profile's proof of being signed in holds.

    `wanted` is asked before every look; false when time is up, the window was closed, or nobody wants it any more.
    """
    url = site.url(site.profile.sign_in.url)
    await page.open(url, seconds=site.profile.politeness.deadline)
    request = PageRequest(kind=PageKind.HOME, url=url)
    until = clock.monotonic() + seconds
    while clock.monotonic() < until and wanted():
        try:
            html = await page.html(values=False)
        except PageTrouble:
            html = ""
        except EngineDied:
            return False  # the window was closed
        arrival = page.arrived()
        reader = site.reader(html, url=arrival.url, status=arrival.status, request=request)
        if html and any_holds(reader, site.profile.sign_in.signed_in):
            return True
        await clock.sleep(_PAUSE)
    return False
