"""How far a run is, on a terminal; nothing at all where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

from agent.cli.output import console

WORDS = {"list": "listing cases", "cases": "reading cases"}


@contextmanager
def progress_of(account: str) -> Iterator[Callable[[str, int, int | None], None]]:
    """Yield what a run calls with what it does, how much of it is done, and of how much."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.progress import BarColumn
    from rich.progress import MofNCompleteColumn
    from rich.progress import Progress
    from rich.progress import TextColumn
    from rich.progress import TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task(f"{account}: signing in", total=None)

        def tell(what: str, done: int, total: int | None) -> None:
            bar.update(task, description=f"{account}: {WORDS.get(what, what)}", completed=done, total=total)

        yield tell
