"""`outbox add`, `list` and `show`: write a reply, and see what became of it."""

from __future__ import annotations

import sys
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated

import typer

from agent.cli.chosen import known_account
from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.outbox.drafting import DraftRefused
from agent.cli.outbox.drafting import checked_files
from agent.cli.outbox.drafting import keep_files
from agent.cli.outbox.values import entry_value
from agent.cli.outbox.values import event_value
from agent.cli.outbox.values import first_line
from agent.cli.outbox.words import about_reason
from agent.cli.output import table
from agent.errors import Problem

if TYPE_CHECKING:
    from storage.outbox import OutboxEntry
    from storage.outbox import OutboxEvent


def add(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's name in the configuration.")],
    case_id: Annotated[str, typer.Argument(help="The case to reply in.", metavar="CASE")],
    text: Annotated[str | None, typer.Option(help="The reply; - reads it from standard input.")] = None,
    text_file: Annotated[Path | None, typer.Option(help="A UTF-8 file with the reply.")] = None,
    file: Annotated[list[Path] | None, typer.Option(help="A file to attach; repeatable.")] = None,
    batch: Annotated[str, typer.Option(help="A name for replies that are approved together.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Add it although the same reply is there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a reply. It is a draft: nothing is sent before somebody approves it."""
    from agent.profile.load import load_profile
    from storage import outbox
    from storage.blobs import blobs_of

    call = invocation(context)
    settings = call.account(account)
    body = typed_text(text, text_file)
    paths = file or []
    files = checked_files(body, paths, load_profile(settings.profile, call.places.profiles))
    with call.archive(create=True) as database:
        files = keep_files(blobs_of(database), files, paths)
        draft = outbox.Draft(account=account, case_id=case_id, text=body, files=files, batch=batch)
        entry_id = outbox.add(database, draft, author=person(), at=datetime.now(UTC), again=again)
        entry = outbox.get_entry(database, entry_id)
    call.answer(
        entry_value(entry),
        drafted(entry),
    )


def drafted(entry: OutboxEntry) -> str:
    batch = entry.draft.batch
    return (
        f"Entry {entry.entry_id} is a draft for case {entry.draft.case_id}. Look at it and queue it with: "
        f"caselog outbox approve {f'--batch {batch}' if batch else entry.entry_id}"
    )


def typed_text(text: str | None, text_file: Path | None) -> str:
    if (text is None) == (text_file is None):
        message = "give the reply by --text or by --text-file"
        raise typer.BadParameter(message)
    if text is not None and text != "-":
        return text
    try:
        # Beside the text stream, whose encoding is the console's.
        content = text_file.read_bytes() if text_file is not None else sys.stdin.buffer.read()
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, UnicodeDecodeError) as error:
        where = str(text_file or "standard input")
        raise DraftRefused((Problem(where, f"cannot be read as UTF-8 text: {error}"),)) from error


def list_entries(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(help="Only this account's.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="Only in this state, like held; repeatable.")] = None,
    batch: Annotated[str | None, typer.Option(help="Only this batch's.")] = None,
    case_id: Annotated[str | None, typer.Option("--case", help="Only this case's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the queue, oldest first."""
    from storage import outbox

    call = invocation(context)
    known = [each.value for each in outbox.OutboxStatus]
    for each in status or ():
        if each not in known:
            message = f"{each!r} is no state; there are {', '.join(known)}"
            raise typer.BadParameter(message)
    statuses = [outbox.OutboxStatus(each) for each in status or ()]
    with call.archive() as database:
        known_account(call, database, account)
        entries = outbox.list_entries(database, account=account, statuses=statuses, batch=batch, case_id=case_id)
    columns = ("entry", "status", "account", "case", "changed", "text", "reason")
    rows = [
        (
            entry.entry_id,
            entry.status.value,
            entry.draft.account,
            entry.draft.case_id,
            call.time(entry.updated_at),
            first_line(entry.draft.text),
            about_reason(entry.reason),
        )
        for entry in entries
    ]
    call.answer(
        {"entries": [entry_value(entry) for entry in entries]},
        table(columns, rows) if rows else "Nothing is in the outbox.",
    )


def show(
    context: typer.Context,
    entry_id: Annotated[int, typer.Argument(help="The entry's number.", metavar="ENTRY")],
    as_json: AsJson = False,
) -> None:
    """Show one entry with its text, its files and its whole history."""
    from storage import outbox

    call = invocation(context)
    with call.archive() as database:
        entry = outbox.get_entry(database, entry_id)
        events = outbox.events_of(database, entry_id)
    call.answer(
        {**entry_value(entry), "history": [event_value(event) for event in events]},
        "\n".join(described(call, entry)),
        "\nHistory:",
        *(_event_line(call, event) for event in events),
    )


def described(call: Invocation, entry: OutboxEntry) -> list[str]:
    """An entry as a person reads it before deciding."""
    draft = entry.draft
    lines = [f"Entry {entry.entry_id}: {draft.kind.value} to case {draft.case_id} of {draft.account}"]
    lines.append(f"Status: {entry.status.value}{f': {about_reason(entry.reason)}' if entry.reason else ''}")
    if entry.approval:
        lines.append(f"Approved by {entry.approval.approver} at {call.time(entry.approval.at)}")
    if entry.first_submit_at and not entry.proof:
        lines.append(f"! It was submitted before, at {call.time(entry.first_submit_at)}: it may be at the portal")
    if entry.proof:
        lines.append(f"Proved by the portal's message {entry.proof.message_id}")
    lines += [f"File: {file.name} ({file.size} bytes, sha256 {file.sha256[:12]})" for file in draft.files]
    return [*lines, "", *(f"  {line}" for line in draft.text.splitlines())]


def _event_line(call: Invocation, event: OutboxEvent) -> str:
    reason = f": {about_reason(event.reason)}" if event.reason else ""
    return f"  {call.time(event.at)}  {event.event} by {event.actor} -> {event.target.value}{reason}"
