"""Who is signed in, as cookies prove it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from dataclasses import field
from enum import Enum
from enum import auto

from mock_portal.data.accounts import Account
from mock_portal.data.accounts import SignIn


class Stage(Enum):
    """How far a sign-in has come."""

    CODE = auto()  #: the password was right
    SIGNED_IN = auto()


@dataclass
class Session:
    """One browser's sign-in. `account` is None until one is chosen."""

    key: str
    sign_in: SignIn
    stage: Stage
    return_to: str
    expires: float
    account: Account | None = None
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))


class Sessions:
    """Keys are random and not from the seed: a cookie of one portal must mean nothing to another."""

    def __init__(self, *, lifetime: float) -> None:
        self._lifetime = lifetime
        self._sessions: dict[str, Session] = {}
        self._devices: dict[str, str] = {}
        self._used_codes: set[tuple[str, str]] = set()

    def begin(self, sign_in: SignIn, *, stage: Stage, return_to: str) -> Session:
        session = Session(secrets.token_urlsafe(32), sign_in, stage, return_to, time.monotonic() + self._lifetime)
        self._sessions[session.key] = session
        return session

    def find(self, key: str | None) -> Session | None:
        session = self._sessions.get(key or "")
        if session is not None and session.expires < time.monotonic():
            self.end(session)
            return None
        return session

    def end(self, session: Session) -> None:
        self._sessions.pop(session.key, None)

    def remember_device(self, email: str) -> str:
        token = secrets.token_urlsafe(24)
        self._devices[token] = email
        return token

    def knows_device(self, token: str | None, email: str) -> bool:
        return self._devices.get(token or "") == email

    def use_code(self, email: str, code: str) -> bool:
        """False if this code was used before: a real portal takes each only once."""
        if (email, code) in self._used_codes:
            return False
        self._used_codes.add((email, code))
        return True
