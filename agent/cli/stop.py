"""`caselog stop` and `caselog resume`: the switch that every run looks at between two actions."""

from __future__ import annotations

import json
import os
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Annotated
from typing import Any

import typer

from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.times import iso
from agent.config.private import write_private


def stop(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Why, for whoever finds it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Stop all work at every portal within one action, and let none begin, until `caselog resume`."""
    call = invocation(context)
    switch = call.places.stop_switch
    note = {"since": iso(datetime.now(UTC)), "by": person(), "reason": reason}
    write_private(switch, json.dumps(note).encode())
    call.answer(
        {"stopped": note},
        "Stopped. Running work ends within one action; nothing begins until: caselog resume",
    )


def resume(context: typer.Context, as_json: AsJson = False) -> None:
    """Let work begin again."""
    call = invocation(context)
    was_stopped = read_switch(call.places.stop_switch)
    call.places.stop_switch.unlink(missing_ok=True)
    call.answer(
        {"stopped": None, "was_stopped": was_stopped},
        "Work may begin again." if was_stopped else "Nothing was stopped.",
    )


def is_thrown(switch: Path) -> bool:
    """Whatever lies there counts, a link that leads nowhere too."""
    return os.path.lexists(switch)


def read_switch(path: Path) -> dict[str, Any] | None:
    """Who stopped and why; `None` when nothing is stopped. A file that a person made by hand may say anything."""
    if not is_thrown(path):
        return None
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        note = None
    said = {key: value for key, value in note.items() if isinstance(value, str)} if isinstance(note, dict) else {}
    return {"since": said.get("since"), "by": said.get("by"), "reason": said.get("reason", "")}
