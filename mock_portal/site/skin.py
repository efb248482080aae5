"""What a skin has to say so that the shared parts can serve it."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from mock_portal.data.accounts import Account
from mock_portal.data.model import Message
from mock_portal.data.model import Status
from mock_portal.locales import Locale
from mock_portal.site.routing import Route


class Skin(ABC):
    """One face of the portal. Paths are what the sign-in sends people to."""

    name: str
    #: of the agent's description of this face
    profile: str
    session_cookie: str
    sign_in_path: str
    code_path: str
    chooser_path: str
    home_path: str
    #: whether a list row or a case page shows when the case last changed
    shows_updates: bool

    @abstractmethod
    def routes(self) -> list[Route]:
        """Everything but sign-in and static files."""

    @abstractmethod
    def author(self, message: Message, account: Account, words: Locale) -> str:
        """The sender as the pages print it."""

    @abstractmethod
    def thread(self, messages: Sequence[Message]) -> list[Message]:
        """Those messages that this face shows."""

    def page(self, request: web.Request) -> dict[str, Any]:
        """What every page of this face needs beside its own content, error pages included."""
        return {}

    def status_word(self, status: Status, words: Locale) -> str:
        return words.text(f"status_{status.value}")
