"""`outbox cancel` and `outbox resolve`: what a person decides about a reply that is not to go its usual way."""

from __future__ import annotations

import sys
from datetime import UTC
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from typing import Annotated

import typer

from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.outbox.values import entry_value

if TYPE_CHECKING:
    from storage.outbox import OutboxEntry


class Resolution(StrEnum):
    """What a held reply may become."""

    SENT = "sent"
    QUEUED = "queued"
    DRAFT = "draft"
    CANCELLED = "cancelled"


def cancel(
    context: typer.Context,
    entry_id: Annotated[int, typer.Argument(help="The entry's number.", metavar="ENTRY")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: AsJson = False,
) -> None:
    """Give up a draft, a queued or a rejected reply. A held one is settled with `outbox resolve`."""
    from storage import outbox

    call = invocation(context)
    with call.archive() as database:
        outbox.cancel(database, entry_id, actor=person(), at=datetime.now(UTC), reason=reason)
        entry = outbox.get_entry(database, entry_id)
    call.answer(entry_value(entry), f"Entry {entry_id} is cancelled.")


def resolve(
    context: typer.Context,
    entry_id: Annotated[int, typer.Argument(help="The held entry's number.", metavar="ENTRY")],
    as_status: Annotated[Resolution, typer.Option("--as", help="What it becomes.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the entry's history.")],
    message_id: Annotated[str | None, typer.Option(help="With --as sent: the portal's message that it is.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Make it queued or a draft without being asked, although it may be there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Settle a held reply, after looking at the portal. Your reason is kept."""
    from storage import outbox

    call = invocation(context)
    if not reason.strip():
        message = "say why with --reason: it is all that a later reader will know"
        raise typer.BadParameter(message)
    target = outbox.OutboxStatus(as_status.value)
    with call.archive() as database:
        entry = outbox.get_entry(database, entry_id)
        again = target in {outbox.OutboxStatus.QUEUED, outbox.OutboxStatus.DRAFT}
        if again and entry.submit_started_at and not yes:
            _confirm_second_post(call, entry)
        outbox.resolve(
            database,
            entry_id,
            target,
            person=person(),
            reason=reason,
            at=datetime.now(UTC),
            proof=outbox.Proof(message_id=message_id, detail="named by a person") if message_id else None,
        )
        entry = outbox.get_entry(database, entry_id)
    call.answer(entry_value(entry), f"Entry {entry_id} is {entry.status.value}.")


def _confirm_second_post(call: Invocation, entry: OutboxEntry) -> None:
    call.tell(
        f"Entry {entry.entry_id} was submitted once, at {call.time(entry.submit_started_at)}. Sent again, it is held "
        "if its thread shows it by then; if the portal took it and does not show it yet, it is posted a second time. "
        "This is the one way in which caselog can post twice."
    )
    if not sys.stdin.isatty():
        message = "to have it sent again without being asked, pass --yes"
        raise typer.BadParameter(message)
    typer.confirm("Did you look at the portal, and is the reply not there?", abort=True, err=True)
