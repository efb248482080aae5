"""`caselog accounts`: what stands between each account and its next backup."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.output import table
from agent.cli.times import iso

if TYPE_CHECKING:
    from agent.config.model import AccountSettings
    from storage.journal.model import AccountState

app = typer.Typer(help="The accounts and what each of them needs.", no_args_is_help=True)

#: What a person does about each condition; the rest need nothing.
NEXT = {
    "locked": "check user and password, then: caselog accounts unlock {account}",
    "needs_code": "caselog login {account} --headed",
    "needs_passkey": "caselog login {account} --headed",
    "challenged": "caselog login {account} --headed",
    "wrong_account": "choose the account in the portal, or correct account_name and marketplace",
    "denied": "open the portal yourself and see what it says",
}


@app.command("list")
def list_accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every account, its condition and the next step."""
    call = invocation(context)
    values = [_value(settings, _state(call, name)) for name, settings in call.configuration.accounts.items()]
    if not values:
        call.answer({"accounts": []}, "No account is configured yet: caselog init")
        return
    columns = ("account", "profile", "condition", "user", "next")
    rows = [(each["account"], each["profile"], each["condition"], each["user"], each["next"]) for each in values]
    call.answer({"accounts": values}, table(columns, rows))


def _state(call: Invocation, name: str) -> AccountState:
    from storage.errors import ArchiveMissing
    from storage.journal.accounts import account_state
    from storage.journal.model import AccountCondition
    from storage.journal.model import AccountState

    try:
        with call.archive() as database:
            return account_state(database, name)
    except ArchiveMissing:
        return AccountState(account=name, condition=AccountCondition.OK, reason="", since=None)


def _value(settings: AccountSettings, state: AccountState) -> dict[str, Any]:
    return {
        "account": settings.name,
        "profile": settings.profile,
        "base_url": settings.base_url,
        "account_name": settings.account_name,
        "marketplace": settings.marketplace,
        "user": settings.user,
        "condition": state.condition.value,
        "reason": state.reason,
        "since": iso(state.since),
        "next": NEXT.get(state.condition.value, "").format(account=settings.name),
    }


@app.command()
def unlock(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="The account's name in the configuration.")],
    drop_lock: Annotated[
        bool, typer.Option("--drop-lock", help="Take the account from a process of a machine that is gone for good.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why it may be tried again; kept in the archive.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let caselog sign in again after the portal refused a password. Check the password first.

    With --drop-lock only the lock of a process is taken away, which nobody can prove to be gone but you.
    """
    from storage.journal.accounts import unlock_account

    call = invocation(context)
    if drop_lock:
        _drop_lock(call, account, reason)
        return
    call.account(account)
    with call.archive() as database:
        before = unlock_account(database, account, person=person(), reason=reason, at=datetime.now(UTC))
    call.answer(
        {"account": account, "condition": "ok", "before": before.value},
        f"{account} was {before.value} and may sign in again. Try it with: caselog login {account}",
    )


def _drop_lock(call: Invocation, account: str, reason: str) -> None:
    from agent.clock import SystemClock
    from agent.recovery.account_lock import drop_account

    if not reason:
        message = "say with --reason how you know that the other process is gone"
        raise typer.BadParameter(message)
    with call.archive() as database:
        dropped = drop_account(database, account, person=person(), reason=reason, clock=SystemClock())
    if not dropped:
        call.account(account)  # one that left the configuration may still be held; any other name is a slip
    holders = [f"process {holder.pid} on {holder.host}" for holder in dropped]
    told = f"Taken from {', '.join(holders)}: {reason}" if holders else "Nobody holds it."
    call.answer({"account": account, "dropped": holders, "reason": reason}, f"{account}: {told}")
