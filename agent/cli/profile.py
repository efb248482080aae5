"""`caselog profile`: portals as data, listed and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated

import typer
from rich.text import Text

from agent.cli.checking import report_lines
from agent.cli.checking import report_value
from agent.cli.exit_codes import ExitCode
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.output import table

if TYPE_CHECKING:
    from agent.extract.check import CheckReport
    from agent.profile.model.profile import PortalProfile

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
def reference(context: typer.Context, as_json: AsJson = False) -> None:
    """Print all that a profile can say, as Markdown: every table and key, what it takes, what it is without it."""
    from agent.profile.reference import reference as language

    invocation(context).answer({"markdown": (text := language())}, Text(text))


@app.command()
def check(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The profile's name.")],
    pages: Annotated[
        Path | None, typer.Option(help="A folder of saved pages (a page pack) to try the profile on.")
    ] = None,
    live: Annotated[
        str | None, typer.Option(help="An account to try the profile on: its first list and one thread.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Report every problem of a profile at once, and name each selector that fails on saved or live pages."""
    from agent.profile.load import load_profile

    call = invocation(context)
    profile = load_profile(name, call.places.profiles)
    if pages is not None and live is not None:
        message = "--pages and --live exclude each other"
        raise typer.BadParameter(message)
    if pages is None and live is None:
        call.answer({"profile": name, "problems": [], "pages": []}, f"The profile {name} is in order.")
        return
    report = _on_saved(profile, pages) if pages is not None else _on_live(call, name, live or "")
    call.answer(report_value(name, report), *report_lines(name, report))
    if not report.passed:
        raise typer.Exit(ExitCode.PROFILE)


def _on_saved(profile: PortalProfile, folder: Path) -> CheckReport:
    from agent.extract.check import check_pack
    from agent.extract.packs import load_pack

    return check_pack(profile, load_pack(folder))


def _on_live(call: Invocation, name: str, account: str) -> CheckReport:
    """With this profile, whatever the account's own is: so that a mended one can be tried."""
    from agent.cli.doctor.live import look_live

    settings = call.account(account).tried_with(name)
    call.start_log()
    return look_live(call, settings, headed=False).check
