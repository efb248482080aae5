"""`caselog status`: what a person or a monitor wants to know at a glance."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.chosen import chosen_accounts
from agent.cli.exit_codes import ExitCode
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.output import table
from agent.cli.stop import read_switch
from agent.cli.times import iso
from agent.cli.times import parse_duration

if TYPE_CHECKING:
    from storage.database import Database
    from storage.journal import Run as JournalledRun


def status(
    context: typer.Context,
    max_age: Annotated[
        str | None, typer.Option(help="Exit 23 when an account's last complete backup is older, like 26h.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show each account's last backup and the queue. With --max-age the exit code tells a monitor what to do."""
    from storage.errors import ArchiveMissing

    call = invocation(context)
    limit = parse_duration(max_age) if max_age else None
    now = datetime.now(UTC)
    if limit is not None:
        chosen_accounts(call)  # a monitor of nothing would be content for ever
    try:
        with call.archive() as database:
            accounts = [_account(database, name, now, limit) for name in call.configuration.accounts]
            outbox = _outbox(database)
    except ArchiveMissing:
        accounts = [_never(name, limit) for name in call.configuration.accounts]
        outbox = _outbox(None)
    stopped = read_switch(call.places.stop_switch)
    _answer(call, {"stopped": stopped, "accounts": accounts, "outbox": outbox})
    if any(account["too_old"] for account in accounts):
        raise typer.Exit(ExitCode.TOO_OLD)


def _account(database: Database, name: str, now: datetime, limit: timedelta | None) -> dict[str, Any]:
    from storage.journal.accounts import account_state
    from storage.journal.runs import last_complete_run
    from storage.journal.runs import list_runs

    state = account_state(database, name)
    complete = last_complete_run(database, name)
    finished = complete.finished_at if complete else None
    age = now - finished if finished else None
    latest = next(filter(_is_backup, list_runs(database, name, limit=50)), None)
    return {
        "account": name,
        "condition": state.condition.value,
        "reason": state.reason,
        "last_run": {
            "run_id": latest.run_id,
            "scope": latest.scope,
            "outcome": _outcome(latest),
            "started_at": iso(latest.started_at),
            "finished_at": iso(latest.finished_at),
        }
        if latest
        else None,
        "last_complete_at": iso(finished),
        "age_seconds": int(age.total_seconds()) if age else None,
        "too_old": limit is not None and (age is None or age > limit),
    }


def _outcome(run: JournalledRun) -> str | None:
    """`None` while it goes on. The next run notes that a killed one is over; until then its process tells."""
    from agent.recovery.account_lock import is_dead
    from storage.journal.model import RunOutcome

    outcome = RunOutcome.INTERRUPTED if run.outcome is None and is_dead(run.holder) else run.outcome
    return outcome.value if outcome else None


def _is_backup(run: JournalledRun) -> bool:
    """Sending and looking in are journalled as runs as well; they say nothing about the backup."""
    return run.scope.partition(":")[0] in {"all", "tab", "case"}


def _never(name: str, limit: timedelta | None) -> dict[str, Any]:
    return {
        "account": name,
        "condition": "ok",
        "reason": "",
        "last_run": None,
        "last_complete_at": None,
        "age_seconds": None,
        "too_old": limit is not None,
    }


def _outbox(database: Database | None) -> dict[str, int]:
    """How many entries are in each state that somebody still has to do something about; none without an archive."""
    from storage.outbox.model import OutboxStatus
    from storage.outbox.read import list_entries

    waiting = [status for status in OutboxStatus if status not in {OutboxStatus.SENT, OutboxStatus.CANCELLED}]
    entries = list_entries(database, statuses=waiting) if database is not None else ()
    found = Counter(entry.status for entry in entries)
    return {status.value: found[status] for status in waiting}


def _answer(call: Invocation, value: dict[str, Any]) -> None:
    rows = [
        (
            account["account"],
            account["condition"],
            _moment(call, account["last_complete_at"]),
            (account["last_run"] or {}).get("outcome") or ("running" if account["last_run"] else "-"),
            "too old" if account["too_old"] else "",
        )
        for account in value["accounts"]
    ]
    waiting = ", ".join(f"{count} {name}" for name, count in value["outbox"].items() if count) or "empty"
    stopped = value["stopped"]
    lines = [f"\nOutbox: {waiting}"]
    if stopped:
        by = f" by {stopped['by']}" if stopped["by"] else ""
        lines.append(f"STOPPED{by} ({stopped['reason'] or 'no reason given'}): caselog resume")
    if not rows:
        lines.insert(0, "No account is configured yet: caselog init")
    columns = ("account", "condition", "last complete backup", "last run", "")
    call.answer(value, *([table(columns, rows)] if rows else []), *lines)


def _moment(call: Invocation, text: str | None) -> str:
    return call.time(datetime.fromisoformat(text)) if text else "never"
