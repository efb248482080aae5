"""`archive restore`: a copy becomes an archive of its own, which holds whatever the original may have sent."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.archive.copying import CONFIG_FILE
from agent.cli.archive.copying import PROFILES
from agent.cli.archive.copying import damage_in
from agent.cli.archive.copying import damage_lines
from agent.cli.archive.copying import findings_value
from agent.cli.exit_codes import ExitCode
from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.times import iso
from agent.config.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.copying import Restored


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A folder that `archive copy` made.", metavar="FROM")],
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Restore to this folder; use it then with --home. Default: where caselog looks."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put a copy back where no archive lies. Every file is checked first; nothing is overwritten.

    Replies that the copy would still send are held: the original may have sent them since.
    """
    from storage.copying import restore_archive

    call = invocation(context)
    places = call.places if to is None else Places.under(to)
    done = restore_archive(
        source,
        places.data,
        actor=person(),
        at=datetime.now(UTC),
        others={CONFIG_FILE: places.config_file, PROFILES: places.profiles},
    )
    call.answer(_value(places, done), *_lines(call, places, done, is_elsewhere=to is not None))
    if damage_in(done.findings):
        raise typer.Exit(ExitCode.DAMAGE)


def _value(places: Places, done: Restored) -> dict[str, Any]:
    return {
        "archive": str(places.archive),
        "copied_at": iso(done.made_at),
        "held": done.held,
        "outdated": done.outdated,
        "written": [str(path) for path in done.written],
        "kept": [str(path) for path in done.kept],
        "sound": not damage_in(done.findings),
        "findings": findings_value(done.findings),
    }


def _lines(call: Invocation, places: Places, done: Restored, *, is_elsewhere: bool) -> Iterator[str]:
    yield f"Restored as of {call.time(done.made_at)}: {places.archive}"
    yield from (f"Written: {path}" for path in done.written)
    yield from (f"Left as it was: {path}" for path in done.kept)
    if done.held:
        yield f"{done.held} replies are held; look at them with: caselog outbox list --status held"
    if is_elsewhere:
        yield f"Use it with: caselog --home {places.config} ..., or CASELOG_HOME={places.config}"
    if done.outdated:
        yield "An older caselog wrote it. Next: caselog archive upgrade"
    else:
        yield from damage_lines(done.findings)
