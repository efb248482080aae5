"""`caselog backup`: one run for each account."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.archive_errors import explain
from agent.cli.cases import TabName
from agent.cli.chosen import chosen_accounts
from agent.cli.errors import Explanation
from agent.cli.errors import error_value
from agent.cli.errors import evidence_lines
from agent.cli.exit_codes import ExitCode
from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.progress import progress_of
from agent.cli.visits import Round
from agent.cli.visits import visit_accounts

if TYPE_CHECKING:
    from agent.backup.outcome import Outcome
    from agent.backup.work import Options
    from agent.cli.workplace import Workplace
    from agent.config.model import AccountSettings
    from agent.recovery.stop import StopToken
    from storage.database import Database


def backup(
    context: typer.Context,
    accounts: Annotated[list[str] | None, typer.Argument(help="Which accounts; all when none is named.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read every case again.")] = False,
    tab: Annotated[TabName | None, typer.Option(help="Only this tab; such a run is never complete.")] = None,
    case_id: Annotated[str | None, typer.Option("--case", help="Only this case; such a run is never complete.")] = None,
    evidence: Annotated[bool, typer.Option("--evidence", help="Save every page that could not be read.")] = False,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Believe a list that lost many cases at once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read the portal and archive what is new or changed. Ctrl-C once finishes the case in hand, twice stops now."""
    from agent.backup.work import Options
    from storage.records import Tab

    if tab is not None and case_id is not None:
        message = "--tab and --case exclude each other"
        raise typer.BadParameter(message)
    call = invocation(context)
    options = Options(
        tab=Tab(tab.value) if tab else None,
        case_id=case_id,
        full=full,
        accept_shrink=accept_shrink,
        evidence=evidence,
    )
    chosen = chosen_accounts(call, accounts or ())
    call.start_log()
    with call.archive(create=True) as database:
        wanted, erased = _without_erased(database, chosen, case_id, named=bool(accounts))
        found = visit_accounts(call, database, wanted, partial(_back_up, options))
        found.skipped |= {name: f"erased; to have it again: caselog backup {name}" for name in erased}
        evidence_of = {name: _evidence(database, ended) for name, ended in found.done}
    _report(call, found, evidence_of)
    raise typer.Exit(found.code(code for _, code in map(judged, found.done)))


async def _back_up(options: Options, place: Workplace, settings: AccountSettings, stop: StopToken) -> Outcome:
    from agent.backup.run import run_backup

    with progress_of(settings.name) as progress:
        return await run_backup(place.backup(settings, stop=stop, progress=progress), options)


def _without_erased(
    database: Database, chosen: Sequence[AccountSettings], case_id: str | None, *, named: bool
) -> tuple[list[AccountSettings], list[str]]:
    """Those to back up, and those left out: what a person erased comes back only for an account that a person names.

    An erased case never comes back.
    """
    from storage.erasure.stubs import erased_account
    from storage.erasure.stubs import lift_account
    from storage.erasure.stubs import refuse_erased_case

    wanted, left_out = [], []
    for settings in chosen:
        if case_id is not None:
            refuse_erased_case(database, settings.name, case_id)
        if erased_account(database, settings.name) is not None:
            if not named:
                left_out.append(settings.name)
                continue
            lift_account(database, settings.name, actor=person(), at=datetime.now(UTC))
        wanted.append(settings)
    return wanted, left_out


Run = tuple[str, "Outcome | Exception"]


def judged(run: Run) -> tuple[Explanation | None, ExitCode]:
    """What ended the run early, if anything, and its exit code."""
    _, ended = run
    error = ended if isinstance(ended, Exception) else ended.error
    if error is not None:
        told = explain(error)
        return told, told.code
    assert not isinstance(ended, Exception)
    return None, ExitCode.DONE if ended.whole else ExitCode.PARTIAL


def _evidence(database: Database, ended: Outcome | Exception) -> list[Path]:
    """The folders with what pages showed that could not be read."""
    from storage.errors import ArchiveError
    from storage.journal import evidence_of

    if isinstance(ended, Exception):
        return []
    try:
        paths = [database.folder / each.path for each in evidence_of(database, ended.run_id)]
    except ArchiveError:
        return []  # it broke after this run, and its own account tells so
    return list(dict.fromkeys(path.parent for path in paths))


def _value(run: Run, evidence: Sequence[Path]) -> dict[str, Any]:
    """The run's object of the interchange; what ended it early stands under `error`."""
    name, ended = run
    told, _ = judged(run)
    value = {"account": name, "outcome": "failed"} if isinstance(ended, Exception) else ended.to_json()
    return {**value, "evidence": [str(folder) for folder in evidence], **(error_value(told) if told else {})}


def _report(call: Invocation, found: Round[Outcome], evidence: Mapping[str, Sequence[Path]]) -> None:
    lines: list[str] = []
    for run in found.done:
        name, ended = run
        told, _ = judged(run)
        lines += [f"{name}: not backed up"] if isinstance(ended, Exception) else run_lines(ended)
        if told is not None:
            lines += [f"  {told.what}", *(f"  - {place}" for place in told.where), f"  Next: {told.next}"]
        else:
            lines += [f"  - {line}" for folder in evidence[name] for line in evidence_lines(folder)]
    value = {"runs": [_value(run, evidence[run[0]]) for run in found.done], "skipped": found.skipped_value()}
    call.answer(value, "\n".join([*lines, *found.skipped_lines()]))


def run_lines(outcome: Outcome) -> list[str]:
    """A run as a person wants to read it the next morning."""
    counts = outcome.counts
    scope = "" if outcome.scope == "all" else f" ({outcome.scope})"
    found = (
        f"{counts.seen} cases: {counts.new} new, {counts.changed} changed, {counts.unchanged} unchanged, "
        f"{counts.absent} absent; {counts.messages} messages, {counts.attachments} attachments."
    )
    with_what = f"{outcome.seconds:.0f} s with {outcome.engine or 'no engine'}."
    lines = [f"{outcome.account}: {outcome.outcome.value}{scope}. {found} {with_what}"]
    tabs = [
        f"{tab.value} {proof.listed}/{'?' if proof.total is None else proof.total}{'' if proof.ok else ' NOT PROVED'}"
        for tab, proof in outcome.certificates.items()
    ]
    if tabs:
        lines.append(f"  Tabs: {', '.join(tabs)}")
    if counts.erased:
        lines.append(f"  {counts.erased} of them were erased by a person, and were not read.")
    for recovery in outcome.recoveries:
        cure = f"{recovery.cured_by} cured it" if recovery.cured_by else "nothing cured it"
        lines.append(f"  {recovery.verdict} page: {recovery.url}")
        lines.append(f"    tried {', '.join(recovery.rungs) or 'nothing'}; {cure}")
    return lines + [f"  Missing: {reason}" for reason in outcome.missed]
