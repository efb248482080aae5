"""Runs `caselog` and makes it stop for ever at one point.

Arguments: MODULE:NAME, before or after, TURN, MARKER, then those of the command.

The product has no hook for this: what is called by that name in that module is replaced before the command begins.
Once the TURNth call has come that far, the marker file appears and the process waits to be killed.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from typing import NoReturn


def main() -> None:
    target, moment, turn, marker, *arguments = sys.argv[1:]
    replace(target, before=moment == "before", turn=int(turn), marker=Path(marker))
    sys.argv = ["caselog", *arguments]
    importlib.import_module("agent.cli.main").main()


def replace(target: str, *, before: bool, turn: int, marker: Path) -> None:
    module, _, path = target.partition(":")
    *owners, name = path.split(".")
    owner = pkgutil.resolve_name(f"{module}:{'.'.join(owners)}" if owners else module)
    setattr(owner, name, stalling(getattr(owner, name), before=before, turn=turn, marker=marker))


def stalling(function: Callable[..., Any], *, before: bool, turn: int, marker: Path) -> Callable[..., Any]:
    turns = itertools.count(1)

    def call(*arguments: Any, **named: Any) -> Any:
        mine = next(turns) == turn
        if mine and before:
            stall(marker)
        result = function(*arguments, **named)
        if mine:
            stall(marker)
        return result

    async def call_async(*arguments: Any, **named: Any) -> Any:
        mine = next(turns) == turn
        if mine and before:
            stall(marker)
        result = await function(*arguments, **named)
        if mine:
            stall(marker)
        return result

    return call_async if inspect.iscoroutinefunction(function) else call


def stall(marker: Path) -> NoReturn:
    marker.touch()
    while True:
        threading.Event().wait()


if __name__ == "__main__":
    main()
