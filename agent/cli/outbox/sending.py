"""`outbox send`: post what was approved, each reply once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.archive_errors import explain
from agent.cli.backup import chosen_accounts
from agent.cli.errors import error_value
from agent.cli.exit_codes import ExitCode
from agent.cli.exit_codes import combined
from agent.cli.interrupts import Interrupts
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.outbox.words import about_reason
from agent.cli.stop import read_switch
from agent.errors import CaselogError
from agent.errors import StopRequested

if TYPE_CHECKING:
    from agent.config.model import AccountSettings
    from agent.delivery.send import SendOutcome
    from storage.database import Database


def send(
    context: typer.Context,
    accounts: Annotated[list[str] | None, typer.Argument(help="Which accounts; all when none is named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Post the approved replies, and find out about those that are not proved yet.

    A reply is posted once, or held for you. Ctrl-C once finishes the reply in hand.
    """
    call = invocation(context)
    chosen = chosen_accounts(call, accounts or ())
    call.start_log()
    interrupts = Interrupts(call.tell)
    with call.archive() as database:
        outcomes = interrupts.run(_each(call, database, chosen, interrupts))
    report(call, outcomes)
    code = combined(map(judged, outcomes))
    if code is ExitCode.DONE and interrupts.interrupted:
        code = ExitCode.PARTIAL
    raise typer.Exit(code)


async def _each(
    call: Invocation, database: Database, accounts: Sequence[AccountSettings], interrupts: Interrupts
) -> list[SendOutcome]:
    """One account after the other. Browsers are started only when some account has something to send."""
    from agent.cli.workplace import workplace
    from agent.delivery.run import has_work
    from agent.delivery.run import run_send
    from agent.delivery.send import SendOutcome

    outcomes: list[SendOutcome] = []
    busy = [settings for settings in accounts if has_work(database, settings.name)]
    if read_switch(call.places.stop_switch) is not None:  # then not even a browser is started
        return [
            SendOutcome(settings.name, ended_by=StopRequested(settings.name, "stop switch")) for settings in accounts
        ]
    if not busy:
        return outcomes
    async with workplace(call, database) as place:
        for settings in busy:
            if interrupts.interrupted:
                break
            stop = place.stop_token(settings.name)
            interrupts.finish = stop.finish
            try:
                stop.check()
                outcomes.append(await run_send(place.sending(settings, stop=stop)))
            except CaselogError as error:
                outcomes.append(SendOutcome(settings.name, ended_by=error))
    return outcomes


def judged(outcome: SendOutcome) -> ExitCode:
    if outcome.ended_by is not None:
        return explain(outcome.ended_by).code
    return ExitCode.REPLIES_OPEN if outcome.needs_person else ExitCode.DONE


def send_value(outcome: SendOutcome) -> dict[str, Any]:
    value = outcome.to_json()
    return value if outcome.ended_by is None else {**value, **error_value(explain(outcome.ended_by))}


def report(call: Invocation, outcomes: Sequence[SendOutcome]) -> None:
    lines = [line for outcome in outcomes for line in send_lines(outcome)]
    if any(outcome.needs_person for outcome in outcomes):
        lines.append("Look at those that are not sent: caselog outbox show ENTRY, then caselog outbox resolve ENTRY")
    value = {"accounts": [send_value(outcome) for outcome in outcomes]}
    call.answer(value, call.redactor.redact("\n".join(lines) or "Nothing is queued."))


def send_lines(outcome: SendOutcome) -> list[str]:
    """A sending run as a person wants to read it."""
    value = outcome.to_json()
    counts = [f"{value[name]} {name}" for name in ("sent", "held", "rejected", "unconfirmed", "queued") if value[name]]
    lines = [f"{outcome.account}: {', '.join(counts) or 'nothing was touched'}"]
    for result in outcome.results.values():
        proof = f" (message {', '.join(result.message_ids)})" if result.message_ids else ""
        reason = f": {about_reason(result.reason)}" if result.reason else ""
        lines.append(f"  entry {result.entry_id}: {result.status.value}{proof}{reason}")
    lines += [f"  ALARM: entry {result.entry_id} stands in its thread more than once" for result in outcome.alarms]
    if outcome.ended_by is not None:
        told = explain(outcome.ended_by)
        lines += [f"  {told.what}", *(f"  - {place}" for place in told.where), f"  Next: {told.next}"]
    return lines
