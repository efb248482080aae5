"""What an account has to give for a profile to work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.config.load import load_configuration
from agent.errors import Problem
from agent.profile.fit import account_problems
from agent.profile.load import parse_profile

ACCOUNT = """
[accounts.main]
profile = "desk"
base_url = "https://desk.example"
account_name = "Shop"
user = "ada"
password = { env = "PW" }
marketplace = "Germany"
"""


def test_what_the_profile_lacks_or_asks_for_is_told_under_the_account_s_keys(
    table: dict[str, Any], tmp_path: Path
) -> None:
    """A marketplace that no page proves, a zone and variables that nobody gives; a whole account has no problem."""
    table["dates"]["default"]["zone"] = "account"
    table["variables"] = {"team": {}, "uid": {"url": "/me", "field": "b"}}
    whole = parse_profile("desk", table)
    del table["identity"]["marketplace"]
    file = tmp_path / "caselog.toml"

    def problems(text: str, profile: Any) -> list[Problem]:
        file.write_text(text, encoding="utf-8")
        return list(account_problems(load_configuration(file).accounts["main"], profile))

    assert [
        Problem("accounts.main.marketplace", "cannot be proved: the profile reads no marketplace from the header"),
        Problem("accounts.main.timezone", "is missing: the profile's [dates.default] takes the zone from the account"),
        Problem("accounts.main.variables.team", "is missing: the profile needs it, and reads it from no page"),
    ] == problems(ACCOUNT, parse_profile("desk", table))
    assert [] == problems(f'{ACCOUNT}\ntimezone = "UTC"\nvariables = {{ team = "x" }}\n', whole)
