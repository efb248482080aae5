"""Who holds a claim, a lock or a run: enough to prove that a process is dead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psutil

#: Seconds; a machine's idea of its boot time, and so of every start, moves when the clock is set. A holder that lives
#: must never look dead; one that is dead looks alive at worst to a process that got its number within this time.
SAME_START = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One process. The start time tells it from a later process that got the same number."""

    host: str
    pid: int
    process_started_at: datetime


def lives(pid: int, started: float) -> bool:
    """Whether the process with this number that started then (seconds since 1970) is at work, on this machine."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(process.create_time() - started) <= SAME_START
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # it exists and belongs to somebody else: that is all that can be known
        return True
