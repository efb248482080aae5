"""Times that a page tells from the day on which it is read, in the words of its locale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import datetime

import pytest

from agent.extract.pages import extract
from agent.extract.reading import ListPage
from agent.extract.snapshot import Snapshot
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from storage.records import CaseSummary

ACCOUNT = AccountFacts(name="shop", base_url="https://desk.example", user="ada", account_name="Ada's Shop", zone="UTC")
ROW = "<p id=cases><b class=row data-id=7><i class=subject>A</i><i class=status>Open</i><time>{}</time></b></p>"


@pytest.mark.parametrize(("locale", "shown"), [("en-US", "Yesterday 14:05"), ("de", "Gestern 14:05")])
def test_a_relative_time_is_the_same_row_on_the_next_day(
    desk: Callable[..., PortalProfile], snapshot: Callable[..., Snapshot], locale: str, shown: str
) -> None:
    """Words for days follow the page's locale; the fingerprint is of the time, not of how it is told that day."""
    rules = {
        "zone": "UTC",
        "relative_days": {"0": "@today", "1": "@yesterday"},
        "formats": {"*": ["%R %H:%M", "iso"]},
    }
    days = {"today": {"en": "Today", "de": "Heute"}, "yesterday": {"en": "Yesterday", "de": "Gestern"}}
    profile = desk({"dates.default": rules, "list.updated": "time", "words": {**desk().words, **days}})

    def read(text: str, day: int) -> CaseSummary:
        page = snapshot(ROW.format(text), read_at=datetime(2026, 3, day, 20, tzinfo=UTC))
        found = extract(page, profile, locale, ACCOUNT).page
        assert isinstance(found, ListPage)
        return found.rows[0]

    told, before = read(shown, 17), read("2026-03-16 14:05", 16)
    assert (before.updated_at, before.fingerprint) == (told.updated_at, told.fingerprint)
