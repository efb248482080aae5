"""`caselog portal`: the mock portal, for trying things out and for tests. On loopback only; it is not Amazon."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.output import table

if TYPE_CHECKING:
    from mock_portal.ready import Ready
    from mock_portal.server import MockPortal


class Skin(StrEnum):
    """The faces of the mock portal."""

    CLASSIC = "classic"
    HILL = "hill"


class Lobby(StrEnum):
    """The columns of the hill's lobby."""

    SELLER_CENTRAL = "seller-central"
    BRAND_REGISTRY = "brand-registry"


def portal(
    context: typer.Context,
    skin: Annotated[Skin, typer.Option(help="classic: server-rendered; hill: like today's Seller Central.")] = (
        Skin.CLASSIC
    ),
    cases: Annotated[int, typer.Option(min=1, help="Cases of the first account.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same cases.")] = 1,
    now: Annotated[str | None, typer.Option(help="ISO time that the cases are written for (default: now).")] = None,
    window: Annotated[str, typer.Option(help="What the first three tabs show: 30d, 90d, ... or none.")] = "30d",
    cap: Annotated[int | None, typer.Option(help="No result holds more cases than this.")] = None,
    locale: Annotated[str | None, typer.Option(help="Put all accounts into one language, like de-DE.")] = None,
    lobby: Annotated[Lobby, typer.Option(help="Which columns the hill's lobby has.")] = Lobby.SELLER_CENTRAL,
    latency: Annotated[float, typer.Option(min=0, help="Milliseconds to wait before every answer.")] = 0,
    fault: Annotated[list[str] | None, typer.Option(help="KIND or KIND:key=value,...; repeatable (README).")] = None,
    otp_period: Annotated[int, typer.Option(min=1, help="Seconds that a sign-in code lasts.")] = 30,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    control_token: Annotated[str | None, typer.Option(help="Switch /_control on, for who sends this token.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one ready line: url, accounts, caselog.toml.")] = False,
) -> None:
    """Serve a support-case portal that behaves like Seller Central's Case Log, until Ctrl-C."""
    served = _mock(
        {
            "skin": skin.value,
            "cases": cases,
            "seed": seed,
            "cap": cap,
            "locale": locale,
            "lobby": lobby.value,
            "latency_ms": latency,
            "otp_period": otp_period,
            "port": port,
            "control_token": control_token,
        },
        now=now,
        window=window,
        faults=fault or (),
    )
    try:
        _announce(invocation(context), served.ready, as_json=as_json)
        # With a timeout the wait can be interrupted on Windows as well.
        while not threading.Event().wait(3600):
            pass
    finally:
        served.stop()


def _mock(options: Mapping[str, Any], *, now: str | None, window: str, faults: Sequence[str]) -> MockPortal:
    """A portal that serves. What is wrong with the options is a usage error."""
    from mock_portal.faults.registry import InvalidFaults
    from mock_portal.locales import NAMES
    from mock_portal.options import parse_fault
    from mock_portal.options import parse_now
    from mock_portal.options import parse_window
    from mock_portal.server import MockPortal
    from mock_portal.settings import PortalSettings
    from mock_portal.settings import present

    if options["locale"] not in {None, *NAMES}:
        message = f"locale {options['locale']!r}: there are {', '.join(NAMES)}"
        raise typer.BadParameter(message)
    try:
        settings = PortalSettings(
            **options,
            now=parse_now(now) if now else present(),
            window_days=parse_window(window),
            faults=tuple(parse_fault(text) for text in faults),
        )
        served = MockPortal(settings)
        served.start()
    except InvalidFaults as error:
        raise typer.BadParameter("; ".join(error.problems)) from error
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    except OSError as error:
        message = f"port {settings.port} cannot be used: {error.strerror}"
        raise typer.BadParameter(message) from error
    return served


def _announce(call: Invocation, ready: Ready, *, as_json: bool) -> None:
    if as_json:
        # One line, and ASCII only: the reader of a pipe may expect any encoding.
        print(json.dumps(ready.as_json()), flush=True)
        return
    columns = ("account", "user", "password", "TOTP secret", "cases")
    rows = [(each.name, each.user, each.password, each.totp_secret, each.cases) for each in ready.accounts]
    call.answer(
        {},
        f"A mock portal ({ready.skin} skin) that is not Amazon: {ready.url}\n",
        table(columns, rows),
        "\nA caselog.toml for it comes with --json. Ctrl-C stops it.",
    )
