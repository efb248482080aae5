"""`caselog export`: get everything out, in formats that other programs read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated
from typing import TextIO

import typer

from agent.cli.chosen import known_account
from agent.cli.export_case import case
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.output import output_file
from agent.cli.times import system_zone

if TYPE_CHECKING:
    from storage.archive import CaseFilter
    from storage.database import Database

app = typer.Typer(help="Get everything out.", no_args_is_help=True)
app.command("case")(case)

Account = Annotated[str | None, typer.Option(help="Only this account's cases.")]


@app.command()
def jsonl(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; - is standard output.", metavar="FILE")],
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Write JSON Lines: one case per line, with its whole thread. The keys are stable (README)."""
    from storage.export import export_jsonl

    call = invocation(context)
    if as_json and str(file) == "-":
        message = "--json and the export cannot both go to standard output"
        raise typer.BadParameter(message)
    with call.archive() as database:
        where = _chosen(call, database, account)
        with _output(file) as output:
            count = export_jsonl(database, output, where)
    if str(file) != "-":
        call.answer({"path": str(file), "cases": count}, f"Wrote {count} cases to {file}")


@app.command()
def xlsx(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The workbook to write.", metavar="FILE")],
    account: Account = None,
    as_json: AsJson = False,
) -> None:
    """Write an Excel workbook: cases, messages, attachments, changes and runs, with links between them."""
    from storage.workbook import export_xlsx

    call = invocation(context)
    now = datetime.now(UTC)
    output_file(file)
    with call.archive() as database:
        where = _chosen(call, database, account)
        rows = export_xlsx(database, file, zone=call.zone or system_zone(now), where=where, at=now)
    call.answer({"path": str(file), "rows": rows}, f"Wrote {rows['cases']} cases to {file}")


def _chosen(call: Invocation, database: Database, account: str | None) -> CaseFilter:
    from storage.archive import CaseFilter

    return CaseFilter(account=known_account(call, database, account))


@contextmanager
def _output(file: Path) -> Iterator[TextIO]:
    """UTF-8 with plain line feeds everywhere; a file appears whole or not at all."""
    if str(file) == "-":
        # Beside the text stream, whose encoding and line ends are the console's.
        with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", newline="\n") as output:
            yield output
        return
    fresh = output_file(file).with_name(f".{file.name}.new")
    try:
        with fresh.open("w", encoding="utf-8", newline="\n") as output:
            yield output
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
