"""Decides which of the listed cases are read in this run. Pure.

A list row proves "unchanged" only where the portal has a column that changes with every message. Where it has none,
everything that may still move is read each time and the rest by rotation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from storage.archive.model import CaseState
from storage.records import CaseStatus
from storage.records import CaseSummary

#: How long a closed case counts as recently closed: portals let a closed case be reopened for some days.
RECENTLY = timedelta(days=14)

#: A portal's clock and ours may differ by this much; a time that is fresher than that proves nothing.
CLOCK_SKEW = timedelta(minutes=5)

#: The step of a time of which nobody says how fine it is.
COARSEST = timedelta(days=1)

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
    now: datetime,
) -> Plan:
    """Split `listed` into what to read and what to leave; `attention` holds the ids of the attention tab."""
    rows = list(listed)
    resting: list[tuple[datetime, str]] = []
    for row in rows:
        state = archived.get(row.case_id)
        if state is not None and not rules.full and _may_rest(row, state, rules, attention=attention, now=now):
            resting.append((state.last_read_at, row.case_id))
    if not rules.row_changes_with_message:
        turns = max(ROTATION_LEAST, math.ceil(len(resting) / ROTATION))
        resting = sorted(resting)[turns:]
    left = {case_id for _, case_id in resting}
    return Plan(
        fetch=tuple(row for row in rows if row.case_id not in left),
        unchanged=tuple(row for row in rows if row.case_id in left),
    )


def _may_rest(row: CaseSummary, state: CaseState, rules: PlanRules, *, attention: Set[str], now: datetime) -> bool:
    whole = state.complete and not state.files_missing and state.absent_since is None
    if not whole or row.fingerprint != state.fingerprint:
        return False
    if rules.row_changes_with_message:
        return not _too_fresh(row, state)
    return row.status is CaseStatus.CLOSED and row.case_id not in attention and not _recent(row, state, now)


def _too_fresh(row: CaseSummary, state: CaseState) -> bool:
    """Whether a message after our last reading could have left the row as it was."""
    if row.updated_at is None:
        return False  # what changes with every message is no time (a counter, say); the fingerprint has it in any case
    step = COARSEST if row.updated_granularity is None else timedelta(seconds=row.updated_granularity)
    return state.last_read_at < row.updated_at + step + CLOCK_SKEW


def _recent(row: CaseSummary, state: CaseState, now: datetime) -> bool:
    moments = [moment for moment in (row.updated_at, state.last_activity_at, row.created_at) if moment is not None]
    return not moments or max(moments) > now - RECENTLY
