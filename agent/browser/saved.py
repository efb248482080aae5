"""A signed-in session kept for the next run: encrypted, dated, disposable. Without a key none is kept."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from agent.browser.context import State
from agent.config.private import write_private

_VERSION = b"caselog-session-1\n"
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class SavedSession:
    """`state` is Playwright's storage state: cookies, local storage, IndexedDB."""

    account: str
    base_url: str
    expires_at: datetime
    state: State


def save_session(path: Path, session: SavedSession, *, key: str) -> None:
    """Replace the file in one step, closed to others."""
    salt = os.urandom(_SALT_BYTES)
    content = {
        "account": session.account,
        "base_url": session.base_url,
        "expires_at": session.expires_at.isoformat(),
        "state": session.state,
    }
    sealed = _cipher(key, salt).encrypt(json.dumps(content).encode())
    write_private(path, _VERSION + salt + sealed)


def load_session(path: Path, *, key: str, account: str, base_url: str, now: datetime) -> SavedSession | None:
    """Return what was saved for this very account and portal; `None` where there is none that can be used."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if not content.startswith(_VERSION):
        return None
    salt, sealed = content[len(_VERSION) :][:_SALT_BYTES], content[len(_VERSION) + _SALT_BYTES :]
    try:
        opened = json.loads(_cipher(key, salt).decrypt(sealed))
    except InvalidToken:  # another key, or a damaged file: either way it is of no use
        return None
    session = SavedSession(
        account=opened["account"],
        base_url=opened["base_url"],
        expires_at=datetime.fromisoformat(opened["expires_at"]),
        state=opened["state"],
    )
    if (session.account, session.base_url) != (account, base_url) or session.expires_at <= now:
        return None
    return session


def forget_session(path: Path) -> None:
    path.unlink(missing_ok=True)


def _cipher(key: str, salt: bytes) -> Fernet:
    """The key may be any text of a person's, so it is stretched."""
    stretched = Scrypt(salt=salt, length=32, n=2**14, r=8, p=1).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(stretched))
