"""The command line, the ready line and the locales."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC
from datetime import datetime
from typing import Any

import pyotp
import pytest

from mock_portal.__main__ import announcement
from mock_portal.classic.skin import ClassicSkin
from mock_portal.data.accounts import ACCOUNTS
from mock_portal.faults.kinds import KINDS
from mock_portal.locales import NAMES
from mock_portal.locales import locale
from mock_portal.options import parse_fault
from mock_portal.options import parse_window
from mock_portal.options import parser
from mock_portal.options import settings_from
from mock_portal.ready import ready
from mock_portal.settings import PortalSettings

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def test_flags_become_settings() -> None:
    """Each flag sets what it names."""
    words = "--skin classic --cases 5 --seed 7 --now 2026-03-10T12:00:00 --window none --cap 9 --locale de-DE"
    words += " --latency 1.5 --fault blank:times=2 --otp-period 2 --port 81 --control-token t --lobby brand-registry"

    assert settings_from(parser().parse_args(words.split())) == PortalSettings(
        skin="classic",
        cases=5,
        seed=7,
        now=NOW,
        window_days=None,
        cap=9,
        locale="de-DE",
        latency_ms=1.5,
        faults=({"kind": "blank", "times": 2},),
        lobby="brand-registry",
        otp_period=2,
        port=81,
        control_token="t",
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("blank", {"kind": "blank"}),
        ("server_error:status=502,empty=true", {"kind": "server_error", "status": 502, "empty": True}),
        ("slow:seconds=0.5,path=/cases$", {"kind": "slow", "seconds": 0.5, "path": "/cases$"}),
        ("missing_cases:ids=1|2", {"kind": "missing_cases", "ids": ["1", "2"]}),
        ('{"kind": "blank", "path": "a{1,2}"}', {"kind": "blank", "path": "a{1,2}"}),
    ],
)
def test_faults_have_a_short_form(text: str, fault: dict[str, Any]) -> None:
    """`KIND:key=value` means the same as its JSON."""
    assert parse_fault(text) == fault


@pytest.mark.parametrize("text", ["30", "d", "0d", "-3d", ""])
def test_window_is_days_or_none(text: str) -> None:
    """Anything but a number of days or `none` is refused."""
    with pytest.raises(ValueError, match="window"):
        parse_window(text)


def test_ready_line_fits_a_configuration() -> None:
    """The ready line's TOML has a section per account with every key, and no secret; the environment has those."""
    line = ready(PortalSettings(now=NOW, control_token="t"), ClassicSkin(), "http://127.0.0.1:8").as_json()
    sections = tomllib.loads(line["caselog_toml"])["accounts"]

    assert json.loads(json.dumps(line)) | {"accounts": []} == line | {"accounts": []}
    assert list(sections) == [account.name for account in ACCOUNTS]
    first, account = sections["harbor-us"], line["accounts"][0]
    assert first == {
        "profile": "mock-classic",
        "base_url": "http://127.0.0.1:8",
        "account_name": "Harbor & Pine Goods",
        "marketplace": "United States",
        "user": account["user"],
        "password": {"env": "CASELOG_PASSWORD_HARBOR_US"},
        "totp": {"env": "CASELOG_TOTP_HARBOR_US"},
        "lanes": ["live"],
        "pace": {"requests_per_second": 0, "pages": 4},
    }
    for each in line["accounts"]:
        assert each["password"] not in line["caselog_toml"]
        assert each["totp_secret"] not in line["caselog_toml"]
    assert line["environment"]["CASELOG_PASSWORD_HARBOR_US"] == account["password"]
    assert line["environment"]["CASELOG_TOTP_HARBOR_US"] == account["totp_secret"]


def test_short_codes_come_as_an_address() -> None:
    """Where codes last another time than usual, the environment says so in the way that authenticators know."""
    line = ready(PortalSettings(now=NOW, otp_period=2), ClassicSkin(), "http://127.0.0.1:8")

    made = pyotp.parse_uri(line.environment["CASELOG_TOTP_HARBOR_US"])
    assert isinstance(made, pyotp.TOTP)
    assert (made.interval, made.secret) == (2, line.accounts[0].totp_secret)


def test_the_text_form_prints_what_an_authenticator_takes() -> None:
    """With codes of another period the printed secret says so."""
    line = ready(PortalSettings(now=NOW, otp_period=2), ClassicSkin(), "http://127.0.0.1:8")

    assert line.accounts[0].totp == line.environment["CASELOG_TOTP_HARBOR_US"]
    assert f"TOTP {line.accounts[0].totp}" in announcement(line, as_json=False)


def test_settings_know_the_locales() -> None:
    """A locale that there is not is refused by the settings themselves, whoever makes them."""
    with pytest.raises(ValueError, match="locale 'fr-FR': there are en-US"):
        PortalSettings(locale="fr-FR")


@pytest.mark.parametrize("name", NAMES)
def test_locales_are_whole(name: str) -> None:
    """Every locale knows every word, month and date format."""
    words, english = locale(name), locale("en-US")

    assert words.strings.keys() == english.strings.keys()
    assert words.formats.keys() == english.formats.keys()
    assert len(set(words.months)) == 12


@pytest.mark.parametrize(
    ("name", "zone", "minute", "listed"),
    [
        ("en-US", "America/Los_Angeles", "Mar 10, 2026, 5:00 AM PDT", "March 10, 2026 at 05:00:00 AM PDT"),
        ("en-GB", "Europe/London", "10 Mar 2026 12:00 GMT", "10 March 2026 12:00:00 GMT"),
        ("de-DE", "Europe/Berlin", "10.03.2026, 13:00 MEZ", "10. März 2026 um 13:00:00 MEZ"),
        ("ja-JP", "Asia/Tokyo", "2026/03/10 21:00 JST", "2026年3月10日 21:00:00 JST"),
        ("zh-CN", "Asia/Shanghai", "2026年3月10日 20:00 GMT+8", "2026年3月10日 20:00:00 GMT+8"),
    ],
)
def test_dates_read_like_their_language(name: str, zone: str, minute: str, listed: str) -> None:
    """One moment, as each locale writes it, with its zone."""
    words = locale(name)

    assert (words.date(NOW, zone, "minute"), words.date(NOW, zone, "list")) == (minute, listed)


def test_kinds_have_meanings() -> None:
    """The table of kinds explains each one."""
    assert all(kind.meaning and kind.methods and kind.tags for kind in KINDS.values())
