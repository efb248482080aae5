"""`caselog login`, `accounts check` and `accounts forget`: sign in once, keep the session, or prove that it is good."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.accounts import app
from agent.cli.archive_errors import explain
from agent.cli.chosen import chosen_accounts
from agent.cli.errors import error_value
from agent.cli.exit_codes import ExitCode
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.visits import Round
from agent.cli.visits import visit_accounts
from agent.errors import ConfigurationError
from agent.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.cli.looking_in import Looked
    from agent.cli.workplace import Workplace
    from agent.config.model import AccountSettings
    from agent.recovery.stop import StopToken


def login(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's name in the configuration.")],
    headed: Annotated[
        bool, typer.Option("--headed", help="Open a window in which you sign in yourself; caselog types nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Sign in and keep the session, so that the next runs need no password, code or person."""
    call = invocation(context)
    settings = call.account(account)
    if settings.session_key is None:
        what = "is missing; without it no session is kept, and this sign-in would be for nothing"
        raise ConfigurationError((Problem(f"accounts.{account}.session_key", what),), path=call.places.config_file)
    if headed:
        call.tell("A window opens. Sign in there; it closes by itself when the case list can be reached.")
    _finish(call, _look(call, [settings], headed=headed))


@app.command()
def check(
    context: typer.Context,
    accounts: Annotated[list[str] | None, typer.Argument(help="Which accounts; all when none is named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Sign in if need be, read the first list, and show whose account the portal shows. Nothing is archived."""
    call = invocation(context)
    _finish(call, _look(call, chosen_accounts(call, accounts or ()), headed=False))


@app.command()
def forget(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's name in the configuration.")],
    as_json: AsJson = False,
) -> None:
    """Delete the saved session. The next run signs in again; the archive is not touched."""
    from agent.browser.saved import forget_session

    call = invocation(context)
    settings = call.account(account)
    path = call.places.sessions / f"{settings.name}.session"
    was_there = path.exists()
    forget_session(path)
    told = "The saved session is gone." if was_there else "No session was saved."
    call.answer({"account": account, "forgotten": was_there}, told)


def _look(call: Invocation, accounts: Sequence[AccountSettings], *, headed: bool) -> Round[Looked]:
    async def visit(place: Workplace, settings: AccountSettings, stop: StopToken) -> Looked:
        from agent.cli.looking_in import look_in

        return await look_in(place, settings, purpose="check", stop=stop, by_person=headed)

    call.start_log()
    with call.archive(create=True) as database:
        return visit_accounts(call, database, accounts, visit, headless=not headed)


def _finish(call: Invocation, found: Round[Looked]) -> None:
    lines: list[str] = []
    for name, looked in found.done:
        if isinstance(looked, Exception):
            told = explain(looked)
            lines += [told.what, *(f"  - {place}" for place in told.where), f"  Next: {told.next}"]
        else:
            lines.append(f"{name}: signed in as {_shown(looked)}; {_cases(looked)}.")
    value = {"accounts": [_value(name, looked) for name, looked in found.done], "skipped": found.skipped_value()}
    call.answer(value, "\n".join([*lines, *found.skipped_lines()]))
    raise typer.Exit(found.code(_code(looked) for _, looked in found.done))


def _code(looked: Looked | Exception) -> ExitCode:
    return explain(looked).code if isinstance(looked, Exception) else ExitCode.DONE


def _value(name: str, looked: Looked | Exception) -> dict[str, Any]:
    if isinstance(looked, Exception):
        return {"account": name, "signed_in": False, **error_value(explain(looked))}
    identity = looked.listing.identity
    return {
        "account": name,
        "signed_in": True,
        "account_name": identity.account_name if identity else None,
        "marketplace": identity.marketplace if identity else None,
        "cases": looked.total,
    }


def _shown(looked: Looked) -> str:
    identity = looked.listing.identity
    return " / ".join(filter(None, (identity.account_name, identity.marketplace))) if identity else "nobody"


def _cases(looked: Looked) -> str:
    return "the portal shows no count of cases" if looked.total is None else f"{looked.total} cases in the first tab"
