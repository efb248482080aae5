"""The configuration as values. Strict: a key that means nothing is refused, and no secret may stand in it."""

from __future__ import annotations

import re
from typing import Annotated
from typing import Any
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import PrivateAttr
from pydantic import ValidationInfo
from pydantic import field_validator
from pydantic import model_validator
from pydantic_settings import BaseSettings
from pydantic_settings import InitSettingsSource
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings import SettingsConfigDict

from agent.config.environment import with_written_names

ACCOUNT_NAME = re.compile(r"\w[\w.-]{0,63}")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "is no time zone; write it like Europe/Berlin or Asia/Shanghai"
        raise ValueError(message) from None
    return name


def _plain_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not host:
        message = "must be an address like https://sellercentral.amazon.com"
        raise ValueError(message)
    if "@" in parts.netloc:
        message = "must not contain a user or a password; there are keys of their own for them"
        raise ValueError(message)
    if set("?#") & set(url):
        message = "must end before the first ? or #: the profile's addresses are put behind it"
        raise ValueError(message)
    return url.rstrip("/")


def _known_locale(name: str) -> str:
    from babel import Locale  # noqa: PLC0415 -- most commands need no locale, and it takes its time
    from babel import UnknownLocaleError  # noqa: PLC0415 -- see above

    try:
        Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        message = "is no locale; write it like en-US"
        raise ValueError(message) from None
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
LocaleName = Annotated[str, AfterValidator(_known_locale)]
Url = Annotated[str, AfterValidator(_plain_url)]


class Strict(BaseModel):
    """A table of the file; keys that it does not know are refused."""

    # What stands in a wrong place may be a password: no error repeats what it was given.
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True)


class SecretSource(Strict):
    """Where a secret is fetched from: exactly one of the keys. Never the secret itself."""

    env: str | None = Field(None, min_length=1)  #: an environment variable
    file: str | None = Field(None, min_length=1)  #: the first line of a file
    command: tuple[str, ...] | None = Field(None, min_length=1)  #: the first line that a program prints
    keyring: str | None = Field(None, min_length=1)  #: a service of the system's keyring, under the account's user
    prompt: Literal[True] | None = None  #: asked for on the terminal

    @model_validator(mode="before")
    @classmethod
    def _refuse_plain_text(cls, value: Any) -> Any:
        if isinstance(value, dict | SecretSource):
            return value
        # The text quotes nothing: what stands there may be a password.
        message = (
            'must not hold the secret itself; say where it comes from: { env = "VARIABLE" }, { file = "PATH" }, '
            '{ command = ["PROGRAM", "ARGUMENT"] }, { keyring = "SERVICE" } or { prompt = true }. '
            "If the file with the secret was ever shared, change the secret"
        )
        raise ValueError(message)

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretSource:
        if len(self.model_fields_set) != 1:
            message = "needs exactly one of env, file, command, keyring, prompt"
            raise ValueError(message)
        return self


class Pace(Strict):
    """How fast the portal may be read; what is absent comes from the profile."""

    requests_per_second: float | None = Field(None, ge=0, le=1000)  #: 0 is as fast as it can
    pages: int | None = Field(None, ge=1, le=64)  #: pages open at a time


class Proxy(Strict):
    """The proxy that the account's browser goes through."""

    server: str = Field(pattern=r"^(http|https|socks5)://[^@/]+$")
    user: str | None = None
    password: SecretSource | None = None


class AccountSettings(Strict):
    """One account at one portal. `name` is the section's."""

    profile: str = Field(min_length=1)
    base_url: Url
    account_name: str = Field(min_length=1)  #: as the portal's header shows it
    marketplace: str | None = Field(None, min_length=1)  #: as the portal's header shows it
    user: str = Field(min_length=1)
    password: SecretSource
    totp: SecretSource | None = None  #: the secret that sign-in codes are made from
    lanes: tuple[Literal["live"], ...] = Field(("live",), min_length=1)
    pace: Pace = Pace()
    locale: LocaleName | None = None
    timezone: Zone | None = None  #: of the times that the portal shows, where the page does not say
    variables: dict[str, str] = {}  #: for `{...}` in the profile's URLs
    proxy: Proxy | None = None
    approval: Literal["each", "batch"] = "batch"  #: `each` refuses approval by batch
    sign_ins_per_run: int = Field(2, ge=1, le=5)
    session_key: SecretSource | None = None  #: encrypts the saved session; absent: none is saved
    session_days: float = Field(7, gt=0, le=365)

    _name: str = PrivateAttr("")

    @property
    def name(self) -> str:
        return self._name

    def tried_with(self, profile: str) -> AccountSettings:
        """The same account read by another profile."""
        return self.model_copy(update={"profile": profile})


class EngineSettings(Strict):
    """Which browser goes first, and where browsers lie that are not found by themselves."""

    first: Literal["chromium", "firefox"] = "chromium"
    chromium: str | None = None
    firefox: str | None = None


class Configuration(BaseSettings):
    """The whole of `caselog.toml`, with `CASELOG_*` from the environment over it (`__` between nested keys).

    Unknown keys are refused in the file, and in the environment inside of what is known; of other variables only those
    that are almost known ones.
    """

    model_config = SettingsConfigDict(
        env_prefix="CASELOG_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    accounts: dict[str, AccountSettings] = {}
    engines: EngineSettings = EngineSettings()
    timezone: Zone | None = None  #: times are shown in; absent: the system's

    @field_validator("accounts")
    @classmethod
    def _name_accounts(cls, accounts: dict[str, AccountSettings], _info: ValidationInfo) -> dict[str, AccountSettings]:
        for name, account in accounts.items():
            if not ACCOUNT_NAME.fullmatch(name):
                message = f"{name!r} cannot name an account; use letters, digits, dots and hyphens"
                raise ValueError(message)
            account._name = name
        return accounts

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the file says arrives as arguments and yields to the environment."""
        file = init_settings()
        environment = InitSettingsSource(settings_cls, with_written_names(env_settings(), file))
        return environment, init_settings
