"""`make soak`: plays seeds, prints every miss and the table of the faults that were survived."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable
from pathlib import Path

from agent.backup.outcome import Outcome
from tests.e2e.browser_room import BrowserRoom
from tests.soak.run_seen import RunSeen
from tests.soak.soak import short_waits
from tests.soak.soak import soak
from tests.soak.survival import Survival


def main() -> int:
    """Exit with 1 when any promise was broken."""
    given = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    given.add_argument("seeds", nargs="+", type=int)
    given.add_argument("--minutes", type=float, default=30.0, help="no seed begins after so many (default 30)")
    asked = given.parse_args()
    until = time.monotonic() + 60 * asked.minutes
    survival = Survival()
    # A short path: the browsers' sockets lie below it.
    with tempfile.TemporaryDirectory() as folder, short_waits():
        passed = {seed: _play(seed, Path(folder), survival) for seed in asked.seeds if time.monotonic() < until}
    print(*survival.table(), sep="\n")
    broken = [seed for seed, whole in passed.items() if not whole]
    print(f"\nSeeds {_listed(passed)}: {len(passed) - len(broken)} of {len(passed)} passed; broken: {_listed(broken)}.")
    print(f"Not begun: {_listed(set(asked.seeds) - passed.keys())}.")
    return 0 if passed.keys() == set(asked.seeds) and not broken else 1


def _play(seed: int, folder: Path, survival: Survival) -> bool:
    begun = time.monotonic()
    room = BrowserRoom(folder / "r")
    try:
        done = soak(seed, room=room, home=folder / str(seed), survival=survival)
    except Exception:  # noqa: BLE001 - a seed that crashes is a miss like any other
        _tell(f"seed {seed} crashed", traceback.format_exc())
        return False
    finally:
        room.close()
    story, seconds = done.story, time.monotonic() - begun
    runs = ", ".join(map(_word, done.runs))
    entries = " ".join(entry.status.value for entry in done.house.entries())
    _tell(f"seed {seed} {story.skin} {story.engine} {story.rate}, {seconds:.0f} s: {runs}; {entries}", *done.misses)
    return not done.misses


def _listed(seeds: Iterable[int]) -> str:
    return " ".join(map(str, sorted(seeds))) or "none"


def _word(run: RunSeen) -> str:
    kind = run.outcome.outcome.value if isinstance(run.outcome, Outcome) else "send"
    met = sum(run.met.values())
    return f"{kind}{f' {type(run.error).__name__}' if run.error else ''} ({met})"


def _tell(*lines: str) -> None:
    print(*lines, sep="\n  ", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
