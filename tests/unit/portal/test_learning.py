"""What a request lacks is learnt, or nothing is asked of the portal."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any
from typing import cast

from agent.extract.pages import reader_of
from agent.extract.reading import Reading
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Lane
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from agent.portal.learning import Learner
from agent.portal.limiter import Limiter
from agent.portal.look import Look
from agent.portal.looking import Watcher
from agent.portal.site import Site
from agent.profile.account import AccountFacts
from agent.profile.load import parse_profile

DESK = Path(__file__).parents[1] / "extract" / "desk.toml"
ACCOUNT = AccountFacts(name="shop", base_url="https://desk.example", user="ada", account_name="Ada's Shop", zone="UTC")


@dataclass
class EmptyPage:
    """Looks at a page that nothing was opened on, and has nothing else."""

    site: Site
    request: PageRequest

    async def once(self) -> Look:
        snapshot = Snapshot(
            request=self.request,
            final_url="about:blank",
            status=None,
            html="",
            read_at=datetime(2026, 3, 16, tzinfo=UTC),
            lane=Lane.LIVE,
            environment=Environment(),
            engine_version="1",
            ready=False,
        )
        reading = Reading(snapshot=snapshot, verdict=Verdict.BLANK, reason="the page is empty")
        reader = reader_of(snapshot, self.site.profile, None, self.site.account)
        return Look(reading, reader, settled=False, busy=False, asked=0, alive=False)


def test_a_case_whose_address_is_not_known_is_not_opened(run_async: Callable[..., Any]) -> None:
    """Without its list row there is no address; a portal's answer to another one would be taken for the case's."""
    table = tomllib.loads(DESK.read_text(encoding="utf-8"))
    table["list"]["columns"] = {"key": {"attr": "data-key"}}
    table["case"]["url"] = "/c/{row.key}/{case_id}"
    site = Site(parse_profile("desk", table), ACCOUNT, None)
    request = site.case_request("7", None)
    watcher = EmptyPage(site, request)  # has no page to open

    reading = run_async(Learner(site, cast(Limiter, None), cast(Watcher, watcher)).learn(site.unknown(request.url)))

    reason = "the address has row.key, and the case's list row is not known"
    assert (request, Verdict.DRIFTED, reason) == (reading.snapshot.request, reading.verdict, reading.reason)
