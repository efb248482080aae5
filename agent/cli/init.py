"""`caselog init`: a first configuration to fill in."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.config.model import ACCOUNT_NAME
from agent.config.private import write_private
from agent.errors import ConfigurationError
from agent.errors import Problem

TEMPLATE = """\
# The configuration of caselog. Check it with: caselog config check
# Every key can also come from the environment, like CASELOG_ACCOUNTS__{variable}__USER.

# timezone = "Europe/Berlin"       # times are shown in; your system's when absent

[accounts.{account}]
profile = {profile}  # see: caselog profile list
base_url = {base_url}
account_name = {account_name}  # exactly as the portal's header shows it
# marketplace = "Germany"          # exactly as the portal's header shows it
user = {user}
# Secrets never stand in this file, only where they come from. One of:
password = {{ env = "CASELOG_PASSWORD_{variable}" }}
# password = {{ file = "/run/secrets/password" }}
# password = {{ command = ["pass", "show", "seller-central"] }}
# password = {{ keyring = "caselog" }}
# password = {{ prompt = true }}
# totp = {{ env = "CASELOG_TOTP_{variable}" }}          # the secret that sign-in codes are made from
# Encrypts the saved session: any long text of your own, always the same. Without this line none is saved.
session_key = {{ env = "CASELOG_SESSION_KEY_{variable}" }}
# session_days = 7
# sign_ins_per_run = 2
# lanes = ["live"]
# pace = {{ requests_per_second = 0.2, pages = 1 }}  # the profile's when absent
# locale = "en-US"                 # the language that the portal is shown in, when the page does not say
# timezone = "America/Los_Angeles" # of the times that the portal shows, when the page does not say
# variables = {{ team = "7" }}       # for the profile's addresses
# proxy = {{ server = "http://proxy.example:3128" }}
# approval = "batch"               # "each": every reply is approved by itself

# [engines]
# first = "chromium"
# chromium = "/opt/chromium/chrome"
# firefox = "/opt/firefox/firefox"
"""


def init(
    context: typer.Context,
    account: Annotated[str, typer.Option(help="A short name of your own for the account.")] = "main",
    profile: Annotated[str, typer.Option(help="The portal's profile.")] = "seller-central",
    base_url: Annotated[str, typer.Option(help="Where the portal is.")] = "https://sellercentral.amazon.com",
    account_name: Annotated[str, typer.Option(help="The account's name as the portal's header shows it.")] = "",
    user: Annotated[str, typer.Option(help="Who signs in.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write a first configuration file. An existing one is never touched."""
    call = invocation(context)
    file = call.places.config_file
    if not ACCOUNT_NAME.fullmatch(account):
        message = f"{account!r} cannot name an account; use letters, digits, dots and hyphens"
        raise typer.BadParameter(message)
    if file.exists():
        raise ConfigurationError((Problem("the file", "is already there and was left as it is"),), path=file)
    values = {"profile": profile, "base_url": base_url, "account_name": account_name, "user": user}
    variable = account.upper().replace("-", "_").replace(".", "_")
    text = TEMPLATE.format(
        account=account if account.isascii() and "." not in account else _quoted(account),
        variable=variable,
        **{key: _quoted(value) for key, value in values.items()},
    )
    write_private(file, text.encode())
    call.answer(
        {"path": str(file), "account": account},
        f"Wrote {file}. Fill in the empty values. Its secrets come from the environment, unless you name other sources:"
        f"\n  CASELOG_PASSWORD_{variable}     the portal's password"
        f"\n  CASELOG_SESSION_KEY_{variable}  any long text of your own, always the same"
        "\nThen run: caselog config check",
    )


def _quoted(text: str) -> str:
    """A TOML string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False)
