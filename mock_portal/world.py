"""Everything that one portal knows, without a word about how it is shown.

Books are made when somebody first asks for them, so that a portal of thousands of cases starts at once.
"""

from __future__ import annotations

from typing import Any

from mock_portal.book import CaseBook
from mock_portal.clock import PortalClock
from mock_portal.data.accounts import ACCOUNTS
from mock_portal.data.accounts import Account
from mock_portal.data.cases import case_count
from mock_portal.data.cases import make_cases
from mock_portal.history import History
from mock_portal.ledger import Ledger
from mock_portal.listing import Listing
from mock_portal.settings import PortalSettings


class World:
    """One ledger, one history and one clock over the books of all accounts."""

    def __init__(self, settings: PortalSettings) -> None:
        self.settings = settings
        self.clock = PortalClock(settings.now)
        self.ledger = Ledger()
        self.history = History(self.clock)
        self._books: dict[str, CaseBook] = {}
        self._listings: dict[str, Listing] = {}

    def account(self, name: str | None) -> Account:
        """The account of that name, or the first one. Raises `KeyError`."""
        if name is None:
            return ACCOUNTS[0]
        return {account.name: account for account in ACCOUNTS}[name]

    def accounts_of(self, email: str) -> tuple[Account, ...]:
        return tuple(account for account in ACCOUNTS if account.user == email)

    def book(self, account: Account) -> CaseBook:
        """The account's cases as they are now."""
        found = self._books.get(account.name)
        if found is None:
            settings = self.settings
            cases = make_cases(
                account,
                count=case_count(account, cases=settings.cases),
                seed=settings.seed,
                # seconds would make the texts of two starts in one minute differ for nothing
                now=settings.now.replace(second=0, microsecond=0),
            )
            found = self._books[account.name] = CaseBook(
                account, cases, seed=settings.seed, clock=self.clock, ledger=self.ledger, history=self.history
            )
        found.catch_up()
        return found

    def listing(self, account: Account) -> Listing:
        book = self.book(account)
        found = self._listings.get(account.name)
        if found is None:
            found = self._listings[account.name] = Listing(
                book, window_days=self.settings.window_days, cap=self.settings.cap
            )
        return found

    def events(self) -> list[dict[str, Any]]:
        """What could be observed so far, in order."""
        for book in self._books.values():
            book.catch_up()
        return list(self.history.events)

    def locale_name(self, account: Account | None) -> str:
        return self.settings.locale or (account.locale if account else "en-US")
