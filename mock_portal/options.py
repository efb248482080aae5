"""The command line's words for a portal's settings. Parsers raise `ValueError` with what is wrong."""

from __future__ import annotations

import argparse
import json
import re
from datetime import UTC
from datetime import datetime
from typing import Any

from mock_portal.faults.kinds import COMMON_OPTIONS
from mock_portal.faults.kinds import KINDS
from mock_portal.locales import NAMES
from mock_portal.settings import PortalSettings
from mock_portal.settings import present


def parse_now(text: str) -> datetime:
    """ISO 8601; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_window(text: str) -> int | None:
    """`30d` or `none`."""
    if text == "none":
        return None
    if re.fullmatch(r"[1-9]\d*d", text) is None:
        raise ValueError(f"window {text!r}: a number of days such as 30d, or none")
    return int(text[:-1])


def parse_fault(text: str) -> dict[str, Any]:
    """`KIND` or `KIND:key=value,key=value`, or the JSON object that `/_control/faults` takes.

    A comma inside a value (as in a path's regular expression) needs the JSON form.
    """
    if text.startswith("{"):
        described: dict[str, Any] = json.loads(text)
        return described
    kind, _, rest = text.partition(":")
    known = {**COMMON_OPTIONS, **(KINDS[kind].options if kind in KINDS else {})}
    fault: dict[str, Any] = {"kind": kind}
    for pair in filter(None, rest.split(",")):
        key, found, value = pair.partition("=")
        if not found:
            raise ValueError(f"fault {text!r}: {pair!r} is not key=value")
        fault[key] = _value(value, known.get(key, str))
    return fault


def _value(text: str, wanted: type) -> Any:
    if wanted is bool:
        return text.lower() in ("1", "true", "yes")
    if wanted is list:
        return text.split("|")
    return wanted(text)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m mock_portal",
        description="A support-case portal for tests, on loopback only. It is not Amazon.",
    )
    made.add_argument("--skin", choices=("classic", "hill"), default="classic")
    made.add_argument("--cases", type=int, default=60, metavar="N", help="cases of the first account (default 60)")
    made.add_argument("--seed", type=int, default=1, metavar="S")
    made.add_argument("--now", default=None, metavar="T", help="ISO time that the cases are written for (default: now)")
    made.add_argument("--window", default="30d", help="what the first three tabs show: 30d, 90d, ... or none")
    made.add_argument("--cap", type=int, default=None, metavar="N", help="no result holds more than the newest N cases")
    made.add_argument("--locale", choices=NAMES, default=None, help="put all accounts into one language")
    made.add_argument(
        "--lobby",
        choices=("seller-central", "brand-registry"),
        default="seller-central",
        help="which columns the hill's lobby has",
    )
    made.add_argument("--latency", type=float, default=0.0, metavar="MS", help="wait before every answer")
    made.add_argument("--fault", action="append", default=[], metavar="F", help="KIND or KIND:key=value,...")
    made.add_argument("--otp-period", type=int, default=30, metavar="S", help="seconds that a code lasts, 1 to 120")
    made.add_argument("--port", type=int, default=0, help="0 takes a free one")
    made.add_argument("--control-token", default=None, metavar="T", help="switch /_control on")
    made.add_argument("--json", action="store_true", help="print one ready line as JSON")
    return made


def settings_from(given: argparse.Namespace) -> PortalSettings:
    return PortalSettings(
        skin=given.skin,
        cases=given.cases,
        seed=given.seed,
        now=parse_now(given.now) if given.now else present(),
        window_days=parse_window(given.window),
        cap=given.cap,
        locale=given.locale,
        lobby=given.lobby,
        latency_ms=given.latency,
        otp_period=given.otp_period,
        port=given.port,
        control_token=given.control_token,
        faults=tuple(parse_fault(text) for text in given.fault),
    )
