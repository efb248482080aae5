"""Times for people and for programs."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import typer

from agent.cli.times import iso
from agent.cli.times import parse_duration
from agent.cli.times import parse_since
from agent.cli.times import shown
from agent.cli.times import system_zone

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


def test_time_names_its_zone() -> None:
    """A person never has to guess whose clock it was; summer time included."""
    assert ("2026-07-15 14:00 CEST", "-") == (shown(NOON, BERLIN), shown(None, BERLIN))


def test_programs_get_utc() -> None:
    """JSON has one form, whatever zone a value came in."""
    assert "2026-07-15T12:00:00Z" == iso(NOON.astimezone(BERLIN))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", datetime(2026, 7, 15, 10, 0, tzinfo=UTC)),
        ("1w", datetime(2026, 7, 8, 12, 0, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, 0, tzinfo=UTC)),
        ("2026-07-01T00:00:00Z", datetime(2026, 7, 1, 0, 0, tzinfo=UTC)),
    ],
)
def test_since_is_a_length_or_a_date_of_the_persons(text: str, expected: datetime) -> None:
    """A date without a zone is the person's own midnight."""
    assert expected == parse_since(text, NOON, BERLIN)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "", "9999999d", "99999999999d", "0001-01-01"])
def test_date_that_is_none_is_refused(text: str) -> None:
    """A filter is never guessed."""
    with pytest.raises(typer.BadParameter):
        parse_since(text, NOON, BERLIN)


def test_length_beyond_all_time_is_refused() -> None:
    """A number that no calendar holds is a mistake of the person's, not of the program's."""
    with pytest.raises(typer.BadParameter):
        parse_duration("99999999999d")


def test_length_of_time_is_read() -> None:
    """The four units."""
    assert [timedelta(minutes=5), timedelta(hours=26), timedelta(days=7), timedelta(weeks=2)] == [
        parse_duration(text) for text in ("5m", "26h", "7d", "2w")
    ]


def test_system_zone_has_a_name_where_the_system_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file names the zone that its times are in."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")

    assert ZoneInfo("Asia/Shanghai") == system_zone(NOON)
