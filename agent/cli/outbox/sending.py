"""`outbox send`: post what was approved, each reply once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.archive_errors import explain
from agent.cli.chosen import chosen_accounts
from agent.cli.errors import error_value
from agent.cli.exit_codes import ExitCode
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.outbox.words import about_reason
from agent.cli.stop import is_thrown
from agent.cli.visits import Round
from agent.cli.visits import visit_accounts
from agent.errors import ConfigurationError
from agent.errors import Problem

if TYPE_CHECKING:
    from agent.cli.workplace import Workplace
    from agent.config.model import AccountSettings
    from agent.delivery.send import SendOutcome
    from agent.recovery.stop import StopToken
    from storage.database import Database


def send(
    context: typer.Context,
    accounts: Annotated[list[str] | None, typer.Argument(help="Which accounts; all when none is named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Post the approved replies, and find out about those that are not proved yet.

    A reply is posted once, or held for you. Ctrl-C once finishes the reply in hand.
    """
    from agent.delivery.run import has_work

    call = invocation(context)
    chosen = chosen_accounts(call, accounts or ())
    call.start_log()
    with call.archive() as database:
        busy = [settings for settings in chosen if has_work(database, settings.name)]
        found = visit_accounts(call, database, chosen if is_thrown(call.places.stop_switch) else busy, _send)
        if not accounts:
            found.done += _unconfigured(call, database)
    report(call, found)
    raise typer.Exit(found.code(judged(_outcome(*each)) for each in found.done))


async def _send(place: Workplace, settings: AccountSettings, stop: StopToken) -> SendOutcome:
    from agent.delivery.run import run_send

    return await run_send(place.sending(settings, stop=stop))


def _unconfigured(call: Invocation, database: Database) -> list[tuple[str, Exception]]:
    """Accounts whose replies wait for a section that the configuration has not, or has no more."""
    from agent.delivery.run import has_work
    from storage.accounts import known_accounts

    gone = sorted(known_accounts(database) - call.configuration.accounts.keys())
    what, file = "is not configured, but replies of it are not settled", call.places.config_file
    waiting = [name for name in gone if has_work(database, name)]
    return [(name, ConfigurationError((Problem(f"accounts.{name}", what),), path=file)) for name in waiting]


def _outcome(name: str, result: SendOutcome | Exception) -> SendOutcome:
    from agent.delivery.send import SendOutcome

    return SendOutcome(name, ended_by=result) if isinstance(result, Exception) else result


def judged(outcome: SendOutcome) -> ExitCode:
    if outcome.ended_by is not None:
        return explain(outcome.ended_by).code
    return ExitCode.REPLIES_OPEN if outcome.needs_person else ExitCode.DONE


def send_value(outcome: SendOutcome) -> dict[str, Any]:
    value = outcome.to_json()
    return value if outcome.ended_by is None else {**value, **error_value(explain(outcome.ended_by))}


def report(call: Invocation, found: Round[SendOutcome]) -> None:
    outcomes = [_outcome(*each) for each in found.done]
    lines = [line for outcome in outcomes for line in send_lines(outcome)]
    lines += [*found.skipped_lines(), *_steps(outcomes)]
    value = {"accounts": [send_value(outcome) for outcome in outcomes], "skipped": found.skipped_value()}
    call.answer(value, "\n".join(lines) or "Nothing is queued.")


#: What a person does about replies that are not sent, by their state.
STEPS = {
    "held": "Look at those that are held: caselog outbox show ENTRY; settle them: caselog outbox resolve ENTRY",
    "rejected": "Look at those that are rejected: caselog outbox show ENTRY; mend them: caselog outbox edit ENTRY",
    "unconfirmed": "The next caselog outbox send finds out about those that are unconfirmed.",
}


def _steps(outcomes: Sequence[SendOutcome]) -> list[str]:
    found = {result.status.value for outcome in outcomes for result in outcome.results.values()}
    return [step for status, step in STEPS.items() if status in found]


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
