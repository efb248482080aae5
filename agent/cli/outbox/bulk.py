"""`outbox sheet` and `outbox import`: many replies by one workbook."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.cases import Limit
from agent.cli.cases import Status
from agent.cli.cases import Statuses
from agent.cli.chosen import known_account
from agent.cli.exit_codes import ExitCode
from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.outbox.drafting import DraftRefused
from agent.cli.outbox.drafting import checked_files
from agent.cli.outbox.drafting import keep_files
from agent.cli.outbox.words import about_row
from agent.cli.output import output_file
from agent.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Database
    from storage.outbox import OutboxFile
    from storage.workbook import ReplyRow


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a row cannot be queued, by the number that the spreadsheet shows."""

    row: int
    column: str
    what: str


def sheet(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The workbook to write.", metavar="FILE")],
    account: Annotated[str | None, typer.Option(help="Only this account's cases.")] = None,
    status: Statuses = None,
    batch: Annotated[str, typer.Option(help="Fill this batch in, for approving all together.")] = "",
    limit: Limit = 1000,
    as_json: AsJson = False,
) -> None:
    """Write a workbook to fill with replies: one row per case, by default those that need us."""
    from storage import archive
    from storage.records import CaseStatus
    from storage.workbook import write_reply_sheet

    call = invocation(context)
    if file.is_file():
        # It may be filled in already, and nothing else holds what somebody typed into it.
        message = f"{file} is there already: name a new file, or remove that one first"
        raise typer.BadParameter(message)
    wanted = tuple(CaseStatus(each.value) for each in status or (Status.NEEDS_USER, Status.ANSWERED))
    with call.archive() as database:
        known_account(call, database, account)
        cases = archive.list_cases(database, archive.CaseFilter(account=account, statuses=wanted), limit=limit)
        rows = write_reply_sheet(output_file(file), cases, batch=batch)
    call.answer(
        {"path": str(file), "rows": rows},
        f"Wrote {file} with {rows} cases. Fill in the replies, then run: caselog outbox import {file}",
    )


def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The filled workbook (.xlsx) or a CSV file.", metavar="FILE")],
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Add the good rows although others are bad.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add the replies of a filled sheet as drafts. Every bad row is told; then nothing is added, unless you say so.

    Importing the same file again adds nothing twice.
    """
    from storage.workbook import read_replies

    call = invocation(context)
    filled = read_replies(file)
    bad = [BadRow(each.row, each.column, about_row(each)) for each in filled.problems]
    with call.archive() as database:
        good: list[tuple[ReplyRow, tuple[OutboxFile, ...]]] = []
        for row in filled.rows:
            checked = _checked(call, database, row)
            if isinstance(checked, BadRow):
                bad.append(checked)
            else:
                good.append((row, checked))
        refused = bool(bad) and not skip_bad
        added, already = ([], []) if refused else _add(database, good)
    _answer(call, file, added, already, sorted(bad, key=lambda each: each.row), filled.unfilled)
    if refused:
        raise typer.Exit(ExitCode.USAGE)


def _checked(call: Invocation, database: Database, row: ReplyRow) -> tuple[OutboxFile, ...] | BadRow:
    from agent.profile.load import load_profile
    from storage import archive

    try:
        settings = call.account(row.account)
    except ConfigurationError as error:
        return BadRow(row.row, "account", error.problems[0].what)
    if row.account not in archive.accounts_of(database, row.case_id):
        return BadRow(row.row, "case", f"{row.case_id} is not archived for {row.account}; back it up first")
    try:
        return checked_files(row.text, row.files, load_profile(settings.profile, call.places.profiles))
    except DraftRefused as error:
        return BadRow(row.row, error.problems[0].where, "; ".join(problem.what for problem in error.problems))


def _add(
    database: Database, rows: Sequence[tuple[ReplyRow, tuple[OutboxFile, ...]]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Each row by itself: what a crash leaves out, the next import of the same file adds."""
    from storage import outbox
    from storage.blobs import blobs_of
    from storage.errors import AlreadyQueued

    added: list[dict[str, Any]] = []
    already: list[dict[str, Any]] = []
    for row, checked in rows:
        files = keep_files(blobs_of(database), checked, row.files)
        draft = outbox.Draft(account=row.account, case_id=row.case_id, text=row.text, files=files, batch=row.batch)
        try:
            entry_id = outbox.add(database, draft, author=person(), at=datetime.now(UTC))
        except AlreadyQueued as error:
            already.append({"row": row.row, "entry": error.entry_id, "status": error.status})
        else:
            added.append({"row": row.row, "entry": entry_id, "batch": row.batch})
    return added, already


def _answer(
    call: Invocation,
    file: Path,
    added: Sequence[dict[str, Any]],
    already: Sequence[dict[str, Any]],
    bad: Sequence[BadRow],
    unfilled: Sequence[int],
) -> None:
    lines = [f"{len(added)} replies of {file.name} are drafts now."]
    if already:
        lines.append(f"{len(already)} were there already and were not added again.")
    if bad:
        lines.append(f"{len(bad)} rows are bad{'' if added or already else '; nothing was added'}:")
        lines += [f"  row {each.row}, {each.column}: {each.what}" for each in bad]
    if unfilled:
        lines.append(f"{len(unfilled)} rows name a case and have no text: they were left out.")
    if added:
        named = dict.fromkeys(f"--batch {shlex.quote(each['batch'])}" for each in added if each["batch"])
        single = [] if all(each["batch"] for each in added) else ["ENTRY"]
        steps = [f"caselog outbox approve {which}" for which in (*named, *single)]
        lines.append(f"Look at them and queue them with: {', '.join(steps)}")
    value = {
        "file": str(file),
        "added": list(added),
        "already": list(already),
        "problems": [{"row": each.row, "column": each.column, "what": each.what} for each in bad],
        "unfilled": list(unfilled),
    }
    call.answer(value, "\n".join(lines))
