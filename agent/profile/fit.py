"""Does an account give a profile what it asks for? Pure."""

from __future__ import annotations

from collections.abc import Iterator

from agent.config.model import AccountSettings
from agent.errors import Problem
from agent.profile.model.profile import PortalProfile


def account_problems(settings: AccountSettings, profile: PortalProfile) -> Iterator[Problem]:
    """Everything that would only be found out at the portal, under the account's keys."""
    key = f"accounts.{settings.name}"
    if settings.marketplace is not None and profile.identity.marketplace is None:
        yield Problem(f"{key}.marketplace", "cannot be proved: the profile reads no marketplace from the header")
    zoned = sorted(name for name, rules in profile.dates.items() if rules.zone == "account")
    if zoned and settings.timezone is None:
        yield Problem(
            f"{key}.timezone", f"is missing: the profile's [dates.{zoned[0]}] takes the zone from the account"
        )
    for name, variable in profile.variables.items():
        if variable.field is None and name not in settings.variables:
            yield Problem(f"{key}.variables.{name}", "is missing: the profile needs it, and reads it from no page")
