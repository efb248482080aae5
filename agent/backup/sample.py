"""Chooses archived cases to look at again: spread over their ages, the same ones for the same seed. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from itertools import pairwise

from storage.archive.model import CaseState

_OLDEST = datetime.min.replace(tzinfo=UTC)


def choose(states: Iterable[CaseState], count: int, *, seed: int) -> tuple[str, ...]:
    """One case from each of `count` equally large groups, from the oldest to the newest. Absent cases are left out."""
    present = [state for state in states if state.absent_since is None]
    by_age = sorted(present, key=lambda state: (state.last_activity_at or _OLDEST, state.case_id))
    count = min(count, len(by_age))
    chance = random.Random(seed)  # noqa: S311 -- repeatable on purpose
    edges = [len(by_age) * number // count for number in range(count + 1)] if count else []
    return tuple(by_age[chance.randrange(first, last)].case_id for first, last in pairwise(edges))
