"""How many pages a posted reply costs, as the portal saw it."""

from __future__ import annotations

from collections.abc import Iterator

from agent.delivery.send import SendOutcome
from mock_portal.server import MockPortal
from mock_portal.settings import PortalSettings
from storage.outbox import OutboxStatus
from tests.bench.measure import Bench
from tests.bench.measure import Row
from tests.bench.measure import WrongResult
from tests.bench.measure import reached
from tests.bench.portal_log import PortalLog
from tests.e2e.browser_room import BrowserRoom
from tests.e2e.delivery.sending_house import SendingHouse

MOST = 3
#: A thread of so many messages may take the portal two pages.
ONE_PAGE = 8


def measure(bench: Bench) -> Iterator[Row]:
    count = bench.sizes.replies
    room = BrowserRoom(bench.folder / "r")
    try:
        # A session key keeps the session: the run that sends has no sign-in.
        with MockPortal(PortalSettings(cases=max(24, 4 * count), window_days=None)) as portal:
            home = bench.folder / "send"
            home.mkdir()
            house = SendingHouse.at(portal.ready, portal.ready.accounts[0].name, room=room, home=home)
            house.backup()
            before = len(portal.requests()["requests"])
            texts = [f"Reply number {number}: thank you, we look into it." for number in range(count)]
            short = [case for case in house.open_cases() if len(case.messages) < ONE_PAGE]
            for case, text in zip(short, texts, strict=False):
                house.queue(case, text)
            outcome = house.send()
            log = PortalLog.of(portal, after=before)
            _check(outcome, [str(line["text"]) for line in portal.ledger() if line["kind"] == "reply"], texts)
    finally:
        room.close()
    yield _row(log, count)


def _check(outcome: SendOutcome, posted: list[str], wanted: list[str]) -> None:
    if sorted(posted) != sorted(wanted) or len(outcome.of(OutboxStatus.SENT)) != len(wanted):
        raise WrongResult(f"{len(wanted)} replies were queued, the portal has {len(posted)}: {outcome.to_json()}")


def _row(log: PortalLog, count: int) -> Row:
    # The portal answers a post with the way to the case's page, which the browser goes without being told.
    answers = log.posts / count
    opened = len(log.case_pages) / count - answers
    once = len(log.pages) - len(log.case_pages)
    return Row(
        what=f"page reads for each of {count} replies, classic skin",
        goal=f"<= {MOST}",
        measured=f"{opened:.1f} opened, {answers:.1f} that answer the post; {once} more once in the run",
        verdict=reached(opened <= MOST),
        left_out="replies with files, the hill skin, threads of several pages",
        figures={"pages": log.pages, "posts": log.posts},
    )
