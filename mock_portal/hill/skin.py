"""The hill face: its paths, and how it names people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from mock_portal.data.accounts import Account
from mock_portal.data.model import Message
from mock_portal.data.model import Role
from mock_portal.hill.contacts import ContactData
from mock_portal.hill.documents import Documents
from mock_portal.hill.documents import page_data
from mock_portal.hill.search import SearchData
from mock_portal.hill.writes import Writes
from mock_portal.locales import Locale
from mock_portal.site.portal import visit
from mock_portal.site.routing import Route
from mock_portal.site.skin import Skin


class HillSkin(Skin):
    """Shows no events, calls the desk Amazon and the visitor "You"; a list row has no update time."""

    name = "hill"
    profile = "seller-central"
    session_cookie = "session-token"
    sign_in_path = "/ap/signin"
    code_path = "/ap/mfa"
    chooser_path = "/account-switcher/default/merchantMarketplace"
    home_path = "/home"
    shows_updates = False

    def routes(self) -> list[Route]:
        return [*Documents().routes(), *SearchData().routes(), *ContactData(self).routes(), *Writes().routes()]

    def page(self, request: web.Request) -> dict[str, Any]:
        """The header is painted by a script wherever an account is chosen."""
        session = visit(request).session
        return {"page_data": page_data(request)} if session and session.account else {}

    def author(self, message: Message, account: Account, words: Locale) -> str:
        if message.role is Role.PORTAL:
            return "Amazon"
        return words.text("you") if message.author == account.user else message.author

    def thread(self, messages: Sequence[Message]) -> list[Message]:
        return [message for message in messages if message.role is not Role.SYSTEM]
