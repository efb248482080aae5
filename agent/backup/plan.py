"""Decides which of the listed cases are read in this run. Pure.

A list row proves "unchanged" only where the portal has a column that changes with every message. Where it has none,
everything that may still move is read each time and the rest by rotation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from types import MappingProxyType

from storage.archive.model import CaseState
from storage.records import CaseStatus
from storage.records import CaseSummary

#: How long a closed case counts as recently closed: portals let a closed case be reopened for some days.
RECENTLY = timedelta(days=14)

#: A portal's clock and ours may differ by this much; a time that is fresher than that proves nothing.
CLOCK_SKEW = timedelta(minutes=5)

#: The step of a time of which nobody says how fine it is.
COARSEST = timedelta(days=1)

OLDEST = datetime.min.replace(tzinfo=UTC)

#: When a case's page was last tried in vain, by its URL.
Tried = Mapping[str, datetime]

#: Each run reads one in so many of the cases that seem to rest, and at least `ROTATION_LEAST`.
ROTATION = 50
ROTATION_LEAST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRules:
    """What the profile and the person say."""

    row_changes_with_message: bool
    full: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Which cases are read, in the order of the list, and which are taken as they are archived."""

    fetch: tuple[CaseSummary, ...]
    unchanged: tuple[CaseSummary, ...]


def plan(
    listed: Iterable[CaseSummary],
    archived: Mapping[str, CaseState],
    rules: PlanRules,
    *,
    attention: Set[str] = frozenset(),
    tried: Tried = MappingProxyType({}),
    now: datetime,
) -> Plan:
    """Split `listed` into what to read and what to leave; `attention` holds the ids of the attention tab."""
    rows = list(listed)
    resting = []
    for row in rows:
        state = archived.get(row.case_id)
        if state is not None and not rules.full and _may_rest(row, state, rules, attention=attention, now=now):
            resting.append(state)
    left = {state.case_id for state in resting} if rules.row_changes_with_message else _left(resting, tried, now)
    return Plan(
        fetch=tuple(row for row in rows if row.case_id not in left),
        unchanged=tuple(row for row in rows if row.case_id in left),
    )


def revisit(
    unlisted: Iterable[CaseState], rules: PlanRules, *, tried: Tried = MappingProxyType({}), now: datetime
) -> tuple[str, ...]:
    """The cases in no list whose own links are opened again: no row tells what happened in them."""
    states = list(unlisted)
    resting = [
        state for state in states if not rules.full and _is_whole(state) and _is_old(state.status, state, now=now)
    ]
    left = _left(resting, tried, now)
    return tuple(state.case_id for state in states if state.case_id not in left)


def _left(resting: Sequence[CaseState], tried: Tried, now: datetime) -> set[str]:
    """Those whose turn has not come. A page that cannot be read takes its turn like any other, and then waits."""

    def last_try(state: CaseState) -> datetime:
        # A time later than now is a clock's that was ahead: who waits for it waits for ever.
        moments = [state.last_read_at, tried.get(state.url, state.last_read_at)]
        return max((moment for moment in moments if moment <= now), default=OLDEST)

    turns = max(ROTATION_LEAST, math.ceil(len(resting) / ROTATION))
    return {state.case_id for state in sorted(resting, key=lambda state: (last_try(state), state.case_id))[turns:]}


def _may_rest(row: CaseSummary, state: CaseState, rules: PlanRules, *, attention: Set[str], now: datetime) -> bool:
    if not _is_whole(state) or state.absent_since is not None or row.fingerprint != state.fingerprint:
        return False
    if rules.row_changes_with_message:
        return not _too_fresh(row, state, now)
    return row.case_id not in attention and _is_old(row.status, state, row.updated_at, row.created_at, now=now)


def _is_whole(state: CaseState) -> bool:
    return state.complete and not state.files_missing


def _too_fresh(row: CaseSummary, state: CaseState, now: datetime) -> bool:
    """Whether a message after our last reading could have left the row as it was."""
    if row.updated_at is None:
        return False  # what changes with every message is no time (a counter, say); the fingerprint has it in any case
    step = COARSEST if row.updated_granularity is None else timedelta(seconds=row.updated_granularity)
    return not row.updated_at + step + CLOCK_SKEW <= state.last_read_at <= now


def _is_old(status: CaseStatus, state: CaseState, *times: datetime | None, now: datetime) -> bool:
    """Whether a case has been closed for so long that nobody opens it again."""
    moments = [moment for moment in (*times, state.last_activity_at) if moment is not None]
    return status is CaseStatus.CLOSED and bool(moments) and max(moments) <= now - RECENTLY
