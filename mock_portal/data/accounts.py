"""Who can sign in, and the seller accounts that they find behind the sign-in.

Everything here is invented; names under `.example` belong to nobody.
"""
# ruff: noqa: S106 - passwords of a mock open nothing

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a user may do in an account."""

    FULL = "full"  #: read, reply, close and open cases
    VIEW_ONLY = "view_only"  #: read only; no form is offered
    RESTRICTED = "restricted"  #: may read and reply, but not open new cases


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the seller's side, by the e-mail address that signs."""

    email: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One person's credentials."""

    email: str
    password: str
    totp_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One store in one marketplace, as one user sees it. `team` begins with that user."""

    name: str
    store: str
    marketplace: str
    marketplace_id: str
    locale: str
    time_zone: str
    sign_in: SignIn
    team: tuple[Person, ...]
    languages: tuple[tuple[str, int], ...]
    permission: Permission = Permission.FULL

    @property
    def user(self) -> str:
        return self.sign_in.email


_DANA = SignIn(
    email="dana.reyes@harborpine.example", password="Cedar-Lantern-42!", totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
)
_MATS = SignIn(
    email="mats@lindqvist-outdoor.example", password="Fjell&Hytte_7 km", totp_secret="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
)
_AOI = SignIn(
    email="aoi@sakura-bungu.example", password="文具-Sakura-88", totp_secret="MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"
)
_LI = SignIn(
    email="li.wei@yunhai-tech.example", password="Yunhai#2026#", totp_secret="NBSWY3DPO5XXE3DENBSWY3DPO5XXE3DE"
)
_VERA = SignIn(
    email="vera.audit@copperkettle.example", password="read-only-Vera-1", totp_secret="ONSWG4TFOQYTEMZUONSWG4TFOQYTEMZU"
)
_NOOR = SignIn(email="noor@bluefern.example", password="Fern'Blue\"9", totp_secret="PFXXK4TTMVRXEZLUPFXXK4TTMVRXEZLU")

_LINDQVIST_TEAM = (
    Person("mats@lindqvist-outdoor.example", "Mats Lindqvist"),
    Person("saga@lindqvist-outdoor.example", "Saga Öberg"),
)
_EUROPE = (("en", 5), ("de", 4), ("ar", 1))

#: the first one is the account that is meant when nobody names one
ACCOUNTS: tuple[Account, ...] = (
    Account(
        name="harbor-us",
        store="Harbor & Pine Goods",
        marketplace="United States",
        marketplace_id="ATVPDKIKX0DER",
        locale="en-US",
        time_zone="America/Los_Angeles",
        sign_in=_DANA,
        team=(
            Person("dana.reyes@harborpine.example", "Dana Reyes"),
            Person("tom.okafor@harborpine.example", "Tom Okafor"),
            # a name that invites the mistake of taking the direction from the sender's name
            Person("amazon.desk@harborpine.example", "Amazon Desk (Harbor & Pine)"),
        ),
        languages=(("en", 14), ("zh", 2), ("ja", 2), ("de", 2), ("ar", 1), ("he", 1)),
    ),
    Account(
        name="lindqvist-uk",
        store="Lindqvist Outdoor Ltd",
        marketplace="United Kingdom",
        marketplace_id="A1F83G8C2ARO7P",
        locale="en-GB",
        time_zone="Europe/London",
        sign_in=_MATS,
        team=_LINDQVIST_TEAM,
        languages=_EUROPE,
    ),
    Account(
        name="lindqvist-de",
        store="Lindqvist Outdoor Ltd",
        marketplace="Deutschland",
        marketplace_id="A1PA6795UKMFR9",
        locale="de-DE",
        time_zone="Europe/Berlin",
        sign_in=_MATS,
        team=_LINDQVIST_TEAM,
        languages=_EUROPE,
    ),
    Account(
        name="sakura-jp",
        store="さくら文具店",
        marketplace="日本",
        marketplace_id="A1VC38T7YXB528",
        locale="ja-JP",
        time_zone="Asia/Tokyo",
        sign_in=_AOI,
        team=(Person("aoi@sakura-bungu.example", "田中 葵"), Person("ren@sakura-bungu.example", "佐藤 蓮")),
        languages=(("ja", 8), ("en", 2)),
    ),
    Account(
        name="yunhai-us",
        store="Yunhai Tech 云海科技",
        marketplace="美国",
        marketplace_id="ATVPDKIKX0DER",
        locale="zh-CN",
        time_zone="Asia/Shanghai",
        sign_in=_LI,
        team=(Person("li.wei@yunhai-tech.example", "李伟"), Person("chen.jing@yunhai-tech.example", "陈静")),
        languages=(("zh", 7), ("en", 3)),
    ),
    Account(
        name="copper-view",
        store="Copper Kettle Kitchen",
        marketplace="United States",
        marketplace_id="ATVPDKIKX0DER",
        locale="en-US",
        time_zone="America/New_York",
        sign_in=_VERA,
        team=(
            Person("vera.audit@copperkettle.example", "Vera Audit"),
            Person("joe@copperkettle.example", "Joe Kettle"),
        ),
        languages=(("en", 1),),
        permission=Permission.VIEW_ONLY,
    ),
    Account(
        name="bluefern-ca",
        store="Blue Fern Beauty",
        marketplace="Canada",
        marketplace_id="A2EUQ1WTGCTBG2",
        locale="en-US",
        time_zone="America/Toronto",
        sign_in=_NOOR,
        team=(Person("noor@bluefern.example", "Noor Haddad"), Person("sam@bluefern.example", "Sam Ito")),
        languages=(("en", 4), ("ar", 1)),
        permission=Permission.RESTRICTED,
    ),
)
