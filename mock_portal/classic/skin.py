"""The classic face: its paths, and how it names people."""

from __future__ import annotations

from collections.abc import Sequence

from mock_portal.classic.cases import CasePages
from mock_portal.classic.home import HomePages
from mock_portal.classic.lists import ListPages
from mock_portal.data.accounts import Account
from mock_portal.data.model import Message
from mock_portal.data.model import Role
from mock_portal.locales import Locale
from mock_portal.site.routing import Route
from mock_portal.site.skin import Skin


class ClassicSkin(Skin):
    """Shows events in the thread, and people by their names."""

    name = "classic"
    profile = "mock-classic"
    session_cookie = "portal-session"
    sign_in_path = "/signin"
    code_path = "/signin/code"
    chooser_path = "/signin/account"
    home_path = "/home"
    shows_updates = True

    def routes(self) -> list[Route]:
        return [*HomePages().routes(), *ListPages().routes(), *CasePages().routes()]

    def author(self, message: Message, account: Account, words: Locale) -> str:
        if message.role is Role.PORTAL:
            return "Selling Partner Support"
        if message.role is Role.SYSTEM:
            return "System"
        names = {person.email: person.name for person in account.team}
        return names.get(message.author, message.author)

    def thread(self, messages: Sequence[Message]) -> list[Message]:
        return list(messages)
