"""How one mock portal is set up; everything that makes two portals differ stands here."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import Literal

from mock_portal.locales import NAMES

USUAL_OTP_PERIOD = 30
LONGEST_OTP_PERIOD = 120

SkinName = Literal["classic", "hill"]
#: of the hill's lobby, as the two places where it was seen have them
LobbyName = Literal["seller-central", "brand-registry"]


def present() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSettings:
    """`now` is the moment that the case data is written for; sign-in codes always use the real clock.

    `window_days` limits the first three tabs (None: everything); `cap` limits every single result.
    `locale` puts all accounts into one language; None leaves each its own.
    `lobby` chooses the columns of the hill's lobby.
    `otp_period` lies between 1 and 120 seconds: longer ones are no TOTP.
    `control_token` switches `/_control` on. `faults` are raw descriptions as `/_control/faults` takes them.
    """

    skin: SkinName = "classic"
    cases: int = 60
    seed: int = 1
    now: datetime = field(default_factory=present)
    window_days: int | None = 30
    cap: int | None = None
    locale: str | None = None
    lobby: LobbyName = "seller-central"
    latency_ms: float = 0.0
    otp_period: int = USUAL_OTP_PERIOD
    session_seconds: float = 12 * 3600.0
    host: str = "127.0.0.1"
    port: int = 0
    control_token: str | None = None
    faults: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.otp_period <= LONGEST_OTP_PERIOD:
            raise ValueError(f"otp_period {self.otp_period}: 1 to {LONGEST_OTP_PERIOD} seconds")
        if self.locale not in (None, *NAMES):
            raise ValueError(f"locale {self.locale!r}: there are {', '.join(NAMES)}")
        if self.cases < 1:
            raise ValueError(f"cases {self.cases}: at least 1")
