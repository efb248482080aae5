"""One-time codes from a shared secret; never the same one twice, also not by the next run."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

import pyotp

from agent.clock import Clock
from agent.config.private import write_private
from agent.errors import Problem
from agent.errors import SecretUnavailable

_DIGESTS = {"SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512"}


class OneTimeCodes:
    """`secret` is the portal's text for authenticator apps, or an `otpauth://` address.

    The period of the last code used is written to `memory` before the code is handed out.
    """

    def __init__(self, secret: str, *, clock: Clock, memory: Path, where: str = "totp") -> None:
        self._totp = _totp(secret, where)
        self._clock = clock
        self._memory = memory

    async def next(self) -> str:
        """The present code, or the next period's if the present one was used; then this waits."""
        # Both are looked at again after each wait: the clock may have been set meanwhile.
        while (last := self._last()) is not None and self._period() <= last:
            await self._clock.sleep((last + 1) * self._totp.interval - self._clock.now().timestamp())
        period = self._period()
        write_private(self._memory, str(period).encode())
        return str(self._totp.generate_otp(period))

    def _period(self) -> int:
        return int(self._clock.now().timestamp() // self._totp.interval)

    def _last(self) -> int | None:
        """What was used last; a period far ahead was written under a wrong clock and counts for nothing."""
        try:
            last = int(self._memory.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return last if last <= self._period() + 1 else None


class _Totp(pyotp.TOTP):
    """The portal chose how long its secret is; many still hand out 80 bits, which pyotp would refuse."""

    min_secret_length_bits = 1


def _totp(secret: str, where: str) -> pyotp.TOTP:
    try:
        if secret.startswith("otpauth://"):
            return _from_address(secret)
        return _Totp(secret.replace(" ", "").replace("-", "").upper())
    except (ValueError, KeyError):
        # The cause would quote the secret.
        raise SecretUnavailable((Problem(where, "is no secret for one-time codes (base32 text)"),)) from None


def _from_address(address: str) -> pyotp.TOTP:
    """What the portal's picture for authenticator apps says."""
    parts = urlsplit(address)
    values = dict(parse_qsl(parts.query))
    if parts.hostname != "totp":
        raise ValueError
    return _Totp(
        values["secret"],
        digits=int(values.get("digits", "6")),
        digest=getattr(hashlib, _DIGESTS[values.get("algorithm", "SHA1").upper()]),
        interval=int(values.get("period", "30")),
    )
