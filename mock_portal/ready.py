"""What a portal tells whoever started it: where it is, who can sign in, and a configuration that fits."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from dataclasses import dataclass
from typing import Any

import pyotp

from mock_portal.clock import iso
from mock_portal.data.accounts import ACCOUNTS
from mock_portal.data.accounts import Account
from mock_portal.data.cases import case_count
from mock_portal.settings import USUAL_OTP_PERIOD
from mock_portal.settings import PortalSettings
from mock_portal.site.skin import Skin


@dataclass(frozen=True, slots=True)
class ReadyAccount:
    """One account with its secrets, which are worth nothing anywhere else."""

    name: str
    account_name: str
    marketplace: str
    marketplace_id: str
    user: str
    password: str
    totp_secret: str
    otp_period: int
    locale: str
    time_zone: str
    permission: str
    cases: int

    @property
    def totp(self) -> str:
        """What an authenticator takes: the secret, or an `otpauth://` address where the period is not the usual one."""
        if self.otp_period == USUAL_OTP_PERIOD:
            return self.totp_secret
        totp = pyotp.TOTP(self.totp_secret, interval=self.otp_period)
        return totp.provisioning_uri(name=self.user, issuer_name="Mock portal")


@dataclass(frozen=True, slots=True)
class Ready:
    """The ready line. Secrets stand in `environment` and never in `caselog_toml`."""

    url: str
    control_token: str | None
    skin: str
    seed: int
    now: str
    accounts: tuple[ReadyAccount, ...]
    caselog_toml: str
    environment: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def ready(settings: PortalSettings, skin: Skin, url: str) -> Ready:
    accounts = tuple(_account(account, settings) for account in ACCOUNTS)
    environment: dict[str, str] = {}
    for account in accounts:
        environment[_variable("PASSWORD", account.name)] = account.password
        environment[_variable("TOTP", account.name)] = account.totp
    return Ready(
        url=url,
        control_token=settings.control_token,
        skin=settings.skin,
        seed=settings.seed,
        now=iso(settings.now),
        accounts=accounts,
        caselog_toml="\n".join(_section(account, skin, url) for account in accounts),
        environment=environment,
    )


def _account(account: Account, settings: PortalSettings) -> ReadyAccount:
    return ReadyAccount(
        name=account.name,
        account_name=account.store,
        marketplace=account.marketplace,
        marketplace_id=account.marketplace_id,
        user=account.user,
        password=account.sign_in.password,
        totp_secret=account.sign_in.totp_secret,
        otp_period=settings.otp_period,
        locale=settings.locale or account.locale,
        time_zone=account.time_zone,
        permission=account.permission.value,
        cases=case_count(account, cases=settings.cases),
    )


def _variable(what: str, name: str) -> str:
    return f"CASELOG_{what}_{re.sub(r'[^A-Za-z0-9]', '_', name).upper()}"


def _section(account: ReadyAccount, skin: Skin, url: str) -> str:
    # a JSON string is a TOML string
    text = {key: json.dumps(value, ensure_ascii=False) for key, value in asdict(account).items()}
    return f"""[accounts.{account.name}]
profile = "{skin.profile}"
base_url = "{url}"
account_name = {text["account_name"]}
marketplace = {text["marketplace"]}
user = {text["user"]}
password = {{ env = "{_variable("PASSWORD", account.name)}" }}
totp = {{ env = "{_variable("TOTP", account.name)}" }}
lanes = ["live"]
pace = {{ requests_per_second = 0, pages = 4 }}
"""
