"""What a backup run needs to know of a portal, taken from its profile."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from agent.extract.assemble import assemble
from agent.extract.reading import Reading
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from storage.records import CaseRecord
from storage.records import Tab


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalRules:
    """`tabs` in the order in which they are listed; the `history` tabs together hold every case."""

    tabs: tuple[Tab, ...]
    history: frozenset[Tab]
    row_changes_with_message: bool
    assemble: Callable[[Sequence[Reading]], CaseRecord]

    @classmethod
    def of(cls, profile: PortalProfile, account: AccountFacts) -> PortalRules:
        return cls(
            tabs=tuple(tab for tab in Tab if tab in profile.tabs),
            history=frozenset(tab for tab, rules in profile.tabs.items() if rules.history),
            row_changes_with_message=profile.list.changes_with_message is not None,
            assemble=partial(assemble, profile=profile, account=account),
        )
