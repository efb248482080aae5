"""What a context is opened with. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from agent.browser.identity import honest
from agent.errors import NoEngine
from agent.extract.snapshot import Device
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment

#: Cookies and storage as Playwright writes and reads them.
State = dict[str, Any]
Cookie = dict[str, Any]

PHONE = "Pixel 7"


@dataclass(frozen=True, slots=True)
class ProxyServer:
    """Where an account's browser sends everything through."""

    server: str
    user: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSettings:
    """What stays the same in all contexts of an account."""

    locale: str | None = None
    timezone: str | None = None
    proxy: ProxyServer | None = None


def context_options(
    environment: Environment, settings: ContextSettings, *, user_agent: str, devices: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of `Browser.new_context`. Raises `NoEngine` where the engine does not emulate the device."""
    options: dict[str, Any] = {"user_agent": user_agent}
    if environment.device is Device.MOBILE:
        if environment.engine is not Engine.CHROMIUM:
            raise NoEngine(wanted="mobile", tried=[f"{environment.engine.value}: emulates neither touch nor layout"])
        phone = {name: value for name, value in devices[PHONE].items() if name != "default_browser_type"}
        options = {**phone, "user_agent": honest(phone["user_agent"])}
    if settings.locale is not None:
        options["locale"] = settings.locale.replace("_", "-")
    if settings.timezone is not None:
        options["timezone_id"] = settings.timezone
    if settings.proxy is not None:
        proxy = {
            "server": settings.proxy.server,
            "username": settings.proxy.user,
            "password": settings.proxy.password,
        }
        options["proxy"] = {name: value for name, value in proxy.items() if value is not None}
    return options


def carried(cookies: Iterable[Cookie], names: Sequence[str]) -> list[Cookie]:
    """The session's own cookies, those whose name fits one of `names` (with `*`)."""
    return [cookie for cookie in cookies if any(fnmatchcase(cookie["name"], name) for name in names)]
