"""`caselog config check` looks at what accounts and profiles need of each other."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import Runner


def test_check_tells_what_an_account_does_not_give_its_profile(caselog: Runner, configured: Path) -> None:
    """A marketplace that no page of the profile proves is told before the first run, under the account's key."""
    text = (configured / "caselog.toml").read_text(encoding="utf-8")
    marked = text.replace('user = "ops@example.test"', 'user = "ops@example.test"\nmarketplace = "Germany"')
    (configured / "caselog.toml").write_text(marked, encoding="utf-8")

    ran = caselog("config", "check", "--json")

    told = ["accounts.main.marketplace: cannot be proved: the profile reads no marketplace from the header"]
    assert (3, told) == (ran.code, ran.value["error"]["where"])
