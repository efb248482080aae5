"""Guards that nothing is stored or sent under the wrong account.

A case whose every page shows the configured account may be stored at once. Any other waits until a header has been
read again: it then lies between two live header reads that show the account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import Generic
from typing import TypeVar

from agent.errors import WrongAccount
from agent.extract.reading import Identity
from agent.extract.reading import Reading
from agent.extract.snapshot import Lane
from agent.extract.words import plain
from agent.profile.account import AccountFacts

Item = TypeVar("Item")

#: How many cases may wait for the next header: what is lost when it turns out to be the wrong one.
BATCH = 20


@dataclass(slots=True)
class Guard(Generic[Item]):
    """Holds what was read until it is proven to be the configured account's."""

    account: AccountFacts
    _held: list[Item] = field(default_factory=list)

    def shows(self, reading: Reading) -> bool:
        """Whether the page itself is proof. Raises `WrongAccount` when it proves the contrary."""
        found = reading.identity
        if found is None:
            return False
        wanted = Identity(self.account.account_name, self.account.marketplace)
        if _differ(found.account_name, wanted.account_name) or _differ(found.marketplace, wanted.marketplace):
            raise WrongAccount(
                self.account.name, "header", reading.snapshot.final_url, expected=_text(wanted), found=_text(found)
            )
        placed = found.marketplace is not None or wanted.marketplace is None
        return found.account_name is not None and placed and reading.snapshot.lane is Lane.LIVE

    def require(self, reading: Reading) -> None:
        """Take a page for proof of what was read before it. Raises `WrongAccount` if it is none."""
        if not self.shows(reading):
            account, url = self.account, reading.snapshot.final_url
            raise WrongAccount(account.name, "the header names no account", url, expected=account.account_name)

    def admit(self, item: Item, readings: Iterable[Reading]) -> bool:
        """Whether `item`, read from these pages, may be stored now; else it is held."""
        # Every page is looked at, even after one that proves nothing: a wrong account must not hide behind it.
        proofs = [self.shows(reading) for reading in readings]
        if all(proofs):
            return True
        self._held.append(item)
        return False

    @property
    def full(self) -> bool:
        return len(self._held) >= BATCH

    def take(self) -> list[Item]:
        """Hand out what is held, *before* the header is read that will prove it: what is read later waits again."""
        held, self._held = self._held, []
        return held


def _differ(found: str | None, wanted: str | None) -> bool:
    return found is not None and wanted is not None and plain(found) != plain(wanted)


def _text(identity: Identity) -> str:
    return ", ".join(part for part in (identity.account_name, identity.marketplace) if part)
