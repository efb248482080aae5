"""Who holds a claim, a lock or a run: enough to prove that a process is dead, without looking whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One process. The start time tells it from a later process that got the same number."""

    host: str
    pid: int
    process_started_at: datetime
