"""`doctor --live`: read the first list and one thread of an account, and try every selector of its profile on them."""

from __future__ import annotations

import math
import secrets
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from agent.cli.checking import report_lines
from agent.cli.checking import report_value
from agent.cli.looking_in import look_in
from agent.cli.visits import visit_account
from agent.config.private import private_folder
from agent.config.private import write_private
from agent.extract.check import check_pages
from agent.extract.masking import Mask
from agent.extract.pack_writing import masked_pack
from agent.extract.packs import SavedPage
from agent.extract.reading import CasePage
from agent.profile.account import AccountFacts

if TYPE_CHECKING:
    from agent.cli.invocation import Invocation
    from agent.cli.looking_in import Looked
    from agent.cli.workplace import Workplace
    from agent.config.model import AccountSettings
    from agent.extract.check import CheckReport
    from agent.profile.model.profile import PortalProfile
    from agent.recovery.stop import StopToken


class LiveReport:
    """What was seen at the portal, and what the profile made of it."""

    def __init__(self, settings: AccountSettings, profile: PortalProfile, looked: Looked) -> None:
        self.settings = settings
        self.profile = profile
        self.looked = looked
        self.snapshots = [each.snapshot for each in (looked.listing, looked.case) if each is not None]
        pages = [SavedPage(each.final_url, settings.locale, each) for each in self.snapshots]
        self.check: CheckReport = check_pages(profile, pages, AccountFacts.of(settings))
        self.pack: Path | None = None

    def write_pack(self, folder: Path) -> None:
        """Lay the pages down masked, in a new folder, so that a profile that does not fit can be mended elsewhere."""
        mask = Mask.of(self.profile, secrets.token_bytes(32))
        files = masked_pack(self.snapshots, AccountFacts.of(self.settings), locale=self.settings.locale, mask=mask)
        pack = private_folder(folder / f"{self.settings.name}-{self.snapshots[0].read_at:%Y%m%dT%H%M%S}")
        for name, text in files.items():
            write_private(pack / name, text.encode())
        self.pack = pack

    @property
    def minutes(self) -> float | None:
        """How long a first backup takes about: one page for each case, as fast as this one came."""
        if self.looked.total is None or self.looked.case is None:
            return None
        return self.looked.total * self.looked.case_seconds / (self.settings.pace.pages or 1) / 60

    def value(self) -> dict[str, Any]:
        identity = self.looked.listing.identity
        return {
            "account": self.settings.name,
            "account_name": identity.account_name if identity else None,
            "marketplace": identity.marketplace if identity else None,
            "cases": self.looked.total,
            "messages": self._messages,
            "minutes": None if self.minutes is None else round(self.minutes, 1),
            "pack": None if self.pack is None else str(self.pack),
            "check": report_value(self.settings.profile, self.check),
        }

    def lines(self) -> list[str]:
        identity = self.looked.listing.identity
        shown = " / ".join(filter(None, (identity.account_name, identity.marketplace))) if identity else "nobody"
        lines = [
            f"\nThe portal shows {shown}.",
            f"Its first tab lists {'an unknown number of' if self.looked.total is None else self.looked.total} cases.",
        ]
        if self._messages is not None:
            lines.append(f"One thread was read: {self._messages} messages on its first page.")
        if self.minutes is not None:
            minutes = math.ceil(self.minutes)
            lines.append(f"A first backup of that tab takes about {minutes} minute{'s' * (minutes != 1)} at this pace.")
        lines += ["", *report_lines(self.settings.profile, self.check), "No case was stored, nothing was posted."]
        if self.pack is not None:
            lines.append(
                f"\nThe pages, with letters and long numbers masked: {self.pack}\n"
                "With them somebody else can mend the profile; look through them before you give them away."
            )
        return lines

    @property
    def _messages(self) -> int | None:
        case = self.looked.case
        return len(case.page.messages) if case is not None and isinstance(case.page, CasePage) else None


def look_live(call: Invocation, settings: AccountSettings, *, headed: bool) -> LiveReport:
    """Raises what kept the account's pages from being seen."""

    async def visit(place: Workplace, settings: AccountSettings, stop: StopToken) -> LiveReport:
        looked = await look_in(place, settings, purpose="doctor", stop=stop, by_person=headed, plainly=True)
        report = LiveReport(settings, place.profile(settings), looked)
        report.write_pack(call.places.packs)
        return report

    with call.archive(create=True) as database:
        return visit_account(call, database, settings, visit, headless=not headed)
