"""`caselog where`: every file that caselog reads or writes, and what it is for."""

from __future__ import annotations

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.output import table

_PLACES = (
    ("config_file", "your accounts and settings"),
    ("profiles", "your own portal profiles (go before bundled ones)"),
    ("archive_folder", "names the archive's folder after `caselog archive move`"),
    ("archive", "cases, messages, queue and journal"),
    ("blobs", "attachments by their hash"),
    ("evidence", "pages that could not be read, with screenshots"),
    ("sessions", "saved sign-ins, encrypted"),
    ("packs", "masked pages of doctor --live"),
    ("log_file", "what was done, without secrets and texts"),
    ("stop_switch", "while this file is there nothing is done at any portal"),
)


def where(context: typer.Context, as_json: AsJson = False) -> None:
    """Show where every file lies. Nothing is made by asking."""
    call = invocation(context)
    rows = [(name, getattr(call.places, name), what) for name, what in _PLACES]
    call.answer(
        {
            "places": [
                {"name": name, "path": str(path), "exists": path.exists(), "what": what} for name, path, what in rows
            ]
        },
        table(
            ("what", "there", "path", "for"),
            ((name, "yes" if path.exists() else "no", path, what) for name, path, what in rows),
        ),
    )
