"""What a backup run needs to know of a portal, taken from its profile."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from agent.extract.assemble import assemble
from agent.extract.reading import Reading
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from storage.records import CaseRecord
from storage.records import Tab

#: The finest directive that a date format holds tells how coarse its times are.
STEPS = (
    (("%S",), timedelta(seconds=1)),
    (("%M",), timedelta(minutes=1)),
    (("%H", "%I"), timedelta(hours=1)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalRules:
    """`tabs` in the order in which they are listed; the `history` tabs together hold every case."""

    tabs: tuple[Tab, ...]
    history: frozenset[Tab]
    row_changes_with_message: bool
    granularity: timedelta
    assemble: Callable[[Sequence[Reading]], CaseRecord]

    @classmethod
    def of(cls, profile: PortalProfile, account: AccountFacts) -> PortalRules:
        return cls(
            tabs=tuple(tab for tab in Tab if tab in profile.tabs),
            history=frozenset(tab for tab, rules in profile.tabs.items() if rules.history),
            row_changes_with_message=profile.list.changes_with_message is not None,
            granularity=_granularity(profile),
            assemble=partial(assemble, profile=profile, account=account),
        )


def _granularity(profile: PortalProfile) -> timedelta:
    """The coarsest step that a row's update time may have."""
    field = profile.list.updated
    if field is None:
        return timedelta()
    steps = [timedelta()]
    for name in {part.date for part in field.every()}:
        dates = profile.dates.get(name or "default")
        if dates is None:
            continue
        formats = [one for each in dates.formats.values() for one in each]
        steps += [timedelta(seconds=dates.granularity or 0), *map(_step, formats)]
    return max(steps)


def _step(date_format: str) -> timedelta:
    if "%" not in date_format:  # a named format: ISO 8601 or seconds since the epoch
        return timedelta(seconds=1)
    return next((step for marks, step in STEPS if any(mark in date_format for mark in marks)), timedelta(days=1))
