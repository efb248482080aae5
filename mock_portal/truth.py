"""The portal's own account of what it holds, in the words that its pages use."""

from __future__ import annotations

from typing import Any

from mock_portal.clock import iso
from mock_portal.data.accounts import Account
from mock_portal.data.model import Case
from mock_portal.data.model import Message
from mock_portal.ledger import described
from mock_portal.listing import Tab
from mock_portal.locales import Locale
from mock_portal.locales import locale
from mock_portal.site.skin import Skin
from mock_portal.world import World


def truth(world: World, skin: Skin, account: Account) -> dict[str, Any]:
    book, listing = world.book(account), world.listing(account)
    tabs = {tab.value: {"ids": [case.id for case in listing.everything(tab)]} for tab in Tab}
    cases = [_case(world, skin, account, case) for case in book.existing()]
    return {
        "portal": skin.name,
        "account": account.name,
        "account_name": account.store,
        "marketplace": account.marketplace,
        "now": iso(world.clock.now()),
        "tabs": tabs,
        "cases": cases,
    }


def case_truth(world: World, skin: Skin, account: Account, case_id: str) -> dict[str, Any] | None:
    """One case as the truth tells it; None if it cannot be opened."""
    case = world.book(account).get(case_id)
    return None if case is None else _case(world, skin, account, case)


def _case(world: World, skin: Skin, account: Account, case: Case) -> dict[str, Any]:
    words = locale(world.locale_name(account))
    thread = skin.thread(case.thread)
    return {
        "id": case.id,
        "subject": case.subject,
        "status": skin.status_word(case.status, words),
        "status_key": case.status.value,
        "owner": case.owner,
        "listed": not case.unlisted,
        "created": iso(case.created),
        "updated": iso(case.updated) if skin.shows_updates else None,
        "messages": [_message(skin, account, words, number, message) for number, message in enumerate(thread, start=1)],
    }


def _message(skin: Skin, account: Account, words: Locale, number: int, message: Message) -> dict[str, Any]:
    return {
        "n": number,
        "id": message.id,
        "author": skin.author(message, account, words),
        "role": message.role.value,
        "time": iso(message.time),
        "body": message.body.source,
        "body_shown": message.body.shown,
        "attachments": [described(file) for file in message.attachments],
    }
