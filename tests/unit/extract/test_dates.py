"""Times as portals write them."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extract.dates import Moment
from agent.extract.dates import parse_moment
from agent.extract.filters import Unreadable
from agent.profile.model.dates import DateRules


def rules(*formats: str, **more: Any) -> DateRules:
    return DateRules.model_validate({"formats": {"*": formats}, **more})


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # a star stands for year, month, day, ...


@pytest.mark.parametrize(
    ("locale", "written", "text", "expected", "granularity"),
    [
        ("en-US", "%B %d, %Y at %I:%M:%S %p %Z", "March 19, 2025 at 07:17:06 PM GMT+5", utc(2025, 3, 19, 14, 17, 6), 1),
        ("en-US", "%b %d, %Y, %I:%M %p %Z", "Mar 16, 2026, 05:38 PM PDT", utc(2026, 3, 17, 0, 38), 60),
        ("en-US", "%b %d, %Y %I:%M %p %Z", "Mar 06, 2026 4:35 PM PST", utc(2026, 3, 7, 0, 35), 60),
        ("en-GB", "%d %b %Y %H:%M %Z", "8 Sep 2026 14:05 BST", utc(2026, 9, 8, 13, 5), 60),
        ("en-GB", "%d %b %Y %H:%M", "8 Sept 2026 14:05", utc(2026, 9, 8, 14, 5), 60),
        ("en", "%b %d, %Y, %I:%M %p", "Nov. 23, 2026, 5:20 a.m.", utc(2026, 11, 23, 5, 20), 60),
        ("en", "%b %d, %Y, %I:%M %p", "Jan\u00a05,\u202f2026, 12:07\u202fAM", utc(2026, 1, 5, 0, 7), 60),
        ("de", "%d. %B %Y %H:%M", "6. März 2026 16:35", utc(2026, 3, 6, 16, 35), 60),
        ("de-DE", "%a, %d. %b %Y %H:%M", "Fr., 6. Mär. 2026 16:35", utc(2026, 3, 6, 16, 35), 60),
        ("fr", "%d %b %Y à %H:%M", "6 févr. 2026 à 16:35", utc(2026, 2, 6, 16, 35), 60),
        ("zh-CN", "%Y年%m月%d日 %p%I:%M", "2026年3月6日 下午4:35", utc(2026, 3, 6, 16, 35), 60),
        ("ja", "%Y/%m/%d %H:%M %Z", "2026/03/06 16:35 JST", utc(2026, 3, 6, 7, 35), 60),
        ("pt-BR", "%d de %B de %Y %H:%M", "6 de março de 2026 16:35", utc(2026, 3, 6, 16, 35), 60),
        ("en", "%a %b %d %H:%M:%S %Y", "Mon Nov 23 16:41:14 2026", utc(2026, 11, 23, 16, 41, 14), 1),
        ("en", "%m/%d/%y %H", "3/6/26 16", utc(2026, 3, 6, 16), 3600),
        ("en", "%d/%m/%Y", "06/03/2026", utc(2026, 3, 6), 86400),
        ("en", "iso", "2026-03-06T16:35:02.5+01:00", utc(2026, 3, 6, 15, 35, 2, 500000), 1),
        ("en", "iso", "2026-03-06 16:35:02 +0100", utc(2026, 3, 6, 15, 35, 2), 1),
        ("en", "iso", "2026-03-06 16:35 UTC", utc(2026, 3, 6, 16, 35), 60),
        ("en", "iso", "2026-03-06", utc(2026, 3, 6), 86400),
        ("en", "epoch", "1773333333.25", utc(2026, 3, 12, 16, 35, 33, 250000), 1),
        ("en", "epoch_ms", "1773333333250", utc(2026, 3, 12, 16, 35, 33, 250000), 1),
    ],
)
def test_a_full_date_is_read(locale: str, written: str, text: str, expected: datetime, granularity: int) -> None:
    """Names of months and days of the locale, halves of the day, odd spaces, zones: all end as UTC."""
    zones = {"PST": "-08:00", "PDT": "-07:00", "BST": "+01:00", "JST": "+09:00"}

    found = parse_moment(text, rules(written, zones=zones), locale, zone="UTC")

    assert Moment(expected, text, granularity) == found


def test_the_zone_comes_from_elsewhere_when_the_text_has_none() -> None:
    """A wall clock in Berlin is an hour or two before UTC, as the season wants it."""
    winter = parse_moment("2026-01-06 16:35", rules("iso"), "en", zone="Europe/Berlin")
    summer = parse_moment("2026-07-06 16:35", rules("iso"), "en", zone="Europe/Berlin")

    assert (utc(2026, 1, 6, 15, 35), utc(2026, 7, 6, 14, 35)) == (winter.utc, summer.utc)


@pytest.mark.parametrize(
    ("formats", "text", "why"),
    [
        (["%d/%m/%Y", "%m/%d/%Y"], "06/03/2026", "could be"),
        (["%d/%m/%Y"], "31/02/2026", "no time"),
        (["%d/%m/%Y"], "yesterday", "no time"),
        (["%d/%m/%Y"], "06/03/2026 and more", "no time"),
        (["%a %d/%m/%Y"], "Mon 06/03/2026", "day of the week"),
        (["%d/%m/%Y %H:%M %Z"], "06/03/2026 10:00 IST", "zone IST"),
        (["%d/%m/%Y %I:%M %p"], "06/03/2026 13:00 PM", "no time"),
        (["epoch"], "99999999999999", "beyond the calendar"),
        (["iso"], "", "no time"),
    ],
)
def test_what_is_not_certain_is_refused(formats: list[str], text: str, why: str) -> None:
    """An ambiguous, impossible, foreign or missing date is an error that quotes the text."""
    with pytest.raises(Unreadable, match=why) as caught:
        parse_moment(text, rules(*formats), "en", zone="UTC")

    assert repr(text) in str(caught.value)


def test_formats_that_agree_are_no_contradiction() -> None:
    """A day that is its own month reads the same in both orders."""
    assert utc(2026, 3, 3) == parse_moment("03/03/2026", rules("%d/%m/%Y", "%m/%d/%Y"), "en", zone="UTC").utc


def test_an_unknown_zone_is_no_utc() -> None:
    """Without any zone a wall clock is not a time."""
    with pytest.raises(Unreadable, match="no time zone"):
        parse_moment("2026-03-06 16:35", rules("iso"), "en", zone=None)


@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2199, 1, 1)),  # noqa: DTZ001  -- made UTC below
    st.sampled_from(["en", "de", "fr", "es", "ja", "zh-CN", "pt-BR", "ru", "pl", "it", "nl", "tr", "ko", "ar", "vi"]),
)
def test_month_names_come_back_in_every_locale(moment: datetime, locale: str) -> None:
    """What babel writes, the formats read."""
    from babel.dates import format_datetime

    text = format_datetime(moment, "d MMMM y HH:mm:ss", locale=locale.replace("-", "_"))

    found = parse_moment(text, rules("%d %B %Y %H:%M:%S"), locale, zone="UTC")

    assert moment.replace(microsecond=0, tzinfo=UTC) == found.utc


@given(st.text(), st.sampled_from(["%d %b %Y %H:%M %Z", "%Y/%m/%d", "%m/%d/%y %I:%M %p", "iso", "epoch"]))
def test_any_text_is_a_time_or_a_refusal(text: str, written: str) -> None:
    """No text makes the parser fail in another way than by saying so."""
    try:
        found = parse_moment(text, rules(written), "en", zone="UTC")
    except Unreadable:
        return
    assert found.utc.tzinfo is UTC
