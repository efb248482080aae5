"""`caselog profile`: portals as data, listed and checked."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.output import table

app = typer.Typer(help="Portal profiles: a portal described as data.", no_args_is_help=True)


@app.command("list")
def list_profiles(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every profile that an account can name; your own go before bundled ones of the same name."""
    from agent.profile.load import known_profiles

    call = invocation(context)
    sources = known_profiles(call.places.profiles)
    value = {
        "profiles": [{"name": each.name, "bundled": each.bundled, "path": str(each.path)} for each in sources],
        "folder": str(call.places.profiles),
    }
    rows = [(each.name, "bundled" if each.bundled else "your own", each.path) for each in sources]
    call.answer(value, table(("profile", "from", "path"), rows), f"\nYour own profiles go to {call.places.profiles}")


@app.command()
def check(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The profile's name.")],
    as_json: AsJson = False,
) -> None:
    """Read a profile and report every problem at once."""
    from agent.profile.load import load_profile

    call = invocation(context)
    load_profile(name, call.places.profiles)
    call.answer({"profile": name, "problems": []}, f"The profile {name} is in order.")
