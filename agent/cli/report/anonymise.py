"""Takes out of a report who somebody is and what cases are about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent.config.model import AccountSettings
from agent.extract.masking import Mask

#: Cases and orders; a run's id and a time have fewer digits in a row.
_LONG_NUMBER = re.compile(r"\d{9,}")
_E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HOME = re.compile(r"(?<=/home/)[^/\s\"]+|(?<=/Users/)[^/\s\"]+|(?<=\\Users\\)[^\\\s\"]+")


class Anonymiser:
    """Replaces names, e-mail addresses and long numbers, in every text of one report alike."""

    def __init__(self, accounts: Iterable[AccountSettings], mask: Mask) -> None:
        self._mask = mask
        self._names: dict[str, str] = {}
        for number, account in enumerate(accounts, start=1):
            self._names |= {account.user: f"[user {number}]", account.account_name: f"[account {number}]"}
            self._names |= {value: f"[{name} {number}]" for name, value in account.variables.items() if len(value) > 3}
            if account.proxy is not None and account.proxy.user:
                self._names[account.proxy.user] = f"[proxy user {number}]"

    def text(self, text: str) -> str:
        # A name may be part of another one; the longer has to go first.
        for name in sorted(self._names, key=len, reverse=True):
            text = text.replace(name, self._names[name])
        text = _HOME.sub("[somebody]", _E_MAIL.sub("[e-mail]", text))
        return _LONG_NUMBER.sub(lambda number: self._mask.text(number[0]), text)
