"""How much memory and processor time processes take, as the kernel counts it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import psutil

MIB = 1024 * 1024


def own_peak() -> float:
    """The most that this process ever had resident, in MiB.

    Linux hands `ru_maxrss` on through `exec`, so that a child would report its parent's; `VmHWM` begins anew.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        return _peak_in(status)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MIB if sys.platform == "darwin" else peak / 1024


def peak_of(pid: int) -> float | None:
    """Another process's peak in MiB; `None` where it is gone or the system does not tell."""
    try:
        return _peak_in(Path(f"/proc/{pid}/status")) or None
    except OSError:
        return None


def processor_seconds() -> float:
    """What this process's children have used so far, those that ended and theirs; hardly changed by a busy machine."""
    used = psutil.Process().cpu_times()
    return float(used.children_user + used.children_system)


def _peak_in(status: Path) -> float:
    lines = status.read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


@dataclass(slots=True)
class Descendants:
    """The processes below one: a driver and its browsers. Remembers all that it ever saw, to find those that stay."""

    parent: psutil.Process
    seen: set[psutil.Process] = field(default_factory=set)

    def pss(self) -> float | None:
        """What they take together in MiB, shared pages counted once; `None` where the system does not tell."""
        try:
            living = self.parent.children(recursive=True)
        except psutil.Error:
            return None
        self.seen.update(living)
        sizes = [size for size in map(_pss, living) if size is not None]
        return sum(sizes) if sizes else None

    def left(self) -> list[psutil.Process]:
        """Those that still run; psutil tells a process from a later one with its number."""
        return [process for process in self.seen if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def _pss(process: psutil.Process) -> float | None:
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:")), None)
