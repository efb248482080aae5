"""`archive move`: to another folder or disk; caselog finds it there from then on, schedules included."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.errors import error_value
from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.config.private import write_private


def move(
    context: typer.Context,
    to: Annotated[Path, typer.Argument(help="A folder that is not there yet, on any disk.", metavar="TO")],
    as_json: AsJson = False,
) -> None:
    """Move the whole archive to another folder: copied, checked, then removed here.

    Nothing else has to be changed: archive-folder.txt in the configuration folder says where it lies. Approved
    replies stay approved. While a backup or a sender runs, the move is refused.
    """
    from agent.cli.archive_errors import explain
    from agent.recovery.account_lock import is_dead
    from storage.copying import move_archive

    call = invocation(context)
    places = call.places
    with call.archive() as database:
        done = move_archive(
            database,
            to,
            actor=person(),
            at=datetime.now(UTC),
            is_dead=is_dead,
            point=lambda folder: write_private(places.archive_folder, str(folder).encode()),
        )
    why = explain(done.trouble) if done.trouble else None
    call.answer(
        {
            "archive": str(done.folder / places.archive.name),
            "files": done.files,
            "same": done.same,
            "left": [str(path) for path in done.left],
            **(error_value(why) if why else {}),
        },
        f"Moved: the archive lies in {done.folder}, as {places.archive_folder} says.",
        *([] if done.same else ["It counts as a copy: see what it holds with: caselog outbox list --status held"]),
        *([f"It was not settled there: {why.what}"] if why else []),
        *(f"Left behind, not needed any more: {path}" for path in done.left),
    )
    if why:
        raise typer.Exit(why.code)
