"""The session that is kept for the next run. Without a key there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from agent.browser.context import State
from agent.browser.saved import SavedSession
from agent.browser.saved import load_session
from agent.browser.saved import save_session
from agent.clock import Clock


@dataclass(frozen=True, slots=True)
class SessionKeeper:
    """One account's saved session at one portal."""

    folder: Path
    account: str
    base_url: str
    clock: Clock
    key: str | None
    days: float

    @property
    def path(self) -> Path:
        return self.folder / f"{self.account}.session"

    def load(self) -> State | None:
        """What was kept, unless it is too old, another portal's, or sealed with another key."""
        if self.key is None:
            return None
        found = load_session(
            self.path, key=self.key, account=self.account, base_url=self.base_url, now=self.clock.now()
        )
        return found.state if found is not None else None

    def save(self, state: State) -> None:
        if self.key is None:
            return
        expires = self.clock.now() + timedelta(days=self.days)
        save_session(self.path, SavedSession(self.account, self.base_url, expires, state), key=self.key)
