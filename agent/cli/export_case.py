"""`caselog export case`: one case as a folder that can be handed on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.exit_codes import ExitCode
from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.output import output_folder


def case(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's name in the configuration.")],
    case_id: Annotated[str, typer.Argument(help="The case's id.", metavar="CASE")],
    to: Annotated[Path, typer.Option(help="The folder to make; it must not be there yet, or be empty.")],
    as_json: AsJson = False,
) -> None:
    """Write one case as a folder: a page to read, its data as JSON, and its files.

    The page runs and loads nothing. Files get names that every system takes; files that could run are not linked.
    """
    from storage.bundle import write_bundle
    from storage.records import CaseRef

    call = invocation(context)
    folder = output_folder(to)
    with call.archive() as database:
        bundle = write_bundle(database, CaseRef(account=account, case_id=case_id), folder, zone=call.zone)
    value = {
        "path": str(folder),
        "page": str(folder / "case.html"),
        "messages": bundle.messages,
        "files": bundle.files,
        "missing": list(bundle.missing),
    }
    lines = [f"Wrote {bundle.messages} messages and {bundle.files} files. Open {folder / 'case.html'}"]
    lines += [f"Damaged or missing in the archive: {name}" for name in bundle.missing]
    lines += ["Next: caselog verify"] if bundle.missing else []
    call.answer(value, *lines)
    if bundle.missing:
        raise typer.Exit(ExitCode.DAMAGE)
