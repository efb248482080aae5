"""Times as portals write them."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

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
        ("en-US", "%b %d, %Y %H:%M", "Sept. 8, 2026 14:05", utc(2026, 9, 8, 14, 5), 60),
        ("en", "%a %d %b %Y", "Thurs 5 March 2026", utc(2026, 3, 5), 86400),
        ("fr", "%d %B %Y %H:%M", "1er mars 2026 16:35", utc(2026, 3, 1, 16, 35), 60),
        ("en", "%b %d, %Y, %I:%M %p", "Nov. 23, 2026, noon", utc(2026, 11, 23, 12), 60),
        ("en", "%b %d, %Y, %I %p", "Nov. 23, 2026, midnight", utc(2026, 11, 23), 3600),
        ("en", "%b %d, %Y %H:%M %Z", "Mar 6, 2026 16:35 GMT-230", utc(2026, 3, 6, 19, 5), 60),
        ("en", "%b %d, %Y %H:%M %Z", "Mar 6, 2026 16:35 GMT+12", utc(2026, 3, 6, 4, 35), 60),
        ("en", "%b %d, %Y %H:%M %z", "Mar 6, 2026 16:35 +0545", utc(2026, 3, 6, 10, 50), 60),
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


@pytest.mark.parametrize(
    ("text", "why"),
    [("2026-03-29 02:30", "put forward over it"), ("2026-10-25 02:30", "put back, and showed it twice")],
)
def test_an_hour_that_the_clocks_skip_or_repeat_is_refused(text: str, why: str) -> None:
    """Such a wall clock is no time, or two; a day begins when it begins, also where the clocks change at midnight."""
    with pytest.raises(Unreadable, match=why):
        parse_moment(text, rules("iso"), "en", zone="Europe/Berlin")

    assert utc(2026, 3, 29, 0, 30) == parse_moment("2026-03-29 02:30+02:00", rules("iso"), "en", zone="UTC").utc
    assert utc(2025, 4, 24, 22) == parse_moment("2025-04-25", rules("iso"), "en", zone="Africa/Cairo").utc


def test_locales_that_a_page_may_be_in_have_to_agree() -> None:
    """A page that only says that it is English is not taken for American: the order of day and month decides."""
    written = DateRules.model_validate({"formats": {"en-US": "%m/%d/%Y", "en-GB": "%d/%m/%Y"}})

    sure = parse_moment("13/03/2026", written, "en-US", "en-GB", zone="UTC")
    with pytest.raises(Unreadable, match=r"could be 2026-03-06.* or 2026-06-03"):
        parse_moment("06/03/2026", written, "en-US", "en-GB", zone="UTC")

    assert utc(2026, 3, 13) == sure.utc


def test_an_abbreviated_zone_can_depend_on_the_locale() -> None:
    """CST is six hours behind in one language and eight ahead in another; where it means neither it is refused."""
    written = rules("%Y-%m-%d %H:%M %Z", zones={"CST": {"en": "-06:00", "zh-CN": "+08:00"}, "JST": "+09:00"})

    found = [parse_moment("2026-03-06 16:35 CST", written, one, zone="UTC").utc for one in ("en-US", "zh-CN")]
    with pytest.raises(Unreadable, match="zone CST is not in the profile's zones for zh-TW"):
        parse_moment("2026-03-06 16:35 CST", written, "zh-TW", zone="UTC")

    assert [utc(2026, 3, 6, 22, 35), utc(2026, 3, 6, 8, 35)] == found
    assert utc(2026, 3, 6, 7, 35) == parse_moment("2026-03-06 16:35 JST", written, "zh-TW", zone="UTC").utc


RELATIVE = {"relative_days": {0: ["Today", "Just now"], 1: "Yesterday"}, "year": "latest_past"}
DAYS = {"today": 0, "yesterday": 1}


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        ("%R %H:%M", "Today 14:05", utc(2026, 3, 16, 6, 5)),
        ("%R, %H:%M", "YESTERDAY, 23:59", utc(2026, 3, 15, 15, 59)),
        ("%R", "Yesterday", utc(2026, 3, 14, 16)),
        ("%d %b %H:%M", "16 Mar 14:05", utc(2026, 3, 16, 6, 5)),
        ("%d %b %H:%M", "18 Mar 14:05", utc(2025, 3, 18, 6, 5)),
        ("%d %b", "31 Dec", utc(2025, 12, 30, 16)),
        ("%d %b", "29 Feb", utc(2024, 2, 28, 16)),
        ("%d %b %Y", "16 Mar 2019", utc(2019, 3, 15, 16)),
    ],
)
def test_a_time_without_a_full_date_is_counted_from_when_the_page_was_read(
    written: str, text: str, expected: datetime
) -> None:
    """Days and years are those of the page's zone, in which it may be tomorrow already."""
    read_at = utc(2026, 3, 16, 7)  # three in the afternoon in Shanghai

    found = parse_moment(text, rules(written, **RELATIVE), "en", zone="Asia/Shanghai", now=read_at, days=DAYS)

    assert (expected, text) == (found.utc, found.raw)


@pytest.mark.parametrize(
    ("written", "text", "why"),
    [
        ("%R %H:%M", "Today 23:59", "lies in the future"),
        ("%d %b %H:%M", "16 Mar 23:59", "lies in the future, or a year ago"),
        ("%R %H:%M", "Tomorrow 10:00", "in any of the formats"),
    ],
)
def test_a_time_that_would_be_in_the_future_is_refused(written: str, text: str, why: str) -> None:
    """The zone is not the page's then, and the day could be another one."""
    with pytest.raises(Unreadable, match=why):
        parse_moment(text, rules(written, **RELATIVE), "en", zone="UTC", now=utc(2026, 3, 16, 12), days=DAYS)


@pytest.mark.parametrize(
    ("written", "more"),
    [
        ("%d %b", {}),
        ("%R %H:%M", {}),
        ("%R %d", RELATIVE),
        ("%b %Y", RELATIVE),
        ("%H:%M", RELATIVE),
    ],
)
def test_only_a_profile_that_says_so_has_such_times(written: str, more: dict[str, Any]) -> None:
    """Without the key an incomplete date stays an error; a time of day alone is one always."""
    with pytest.raises(ValidationError, match=r"a date needs its day|%R is a day of relative_days"):
        rules(written, **more)


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
