"""The command `caselog`: its tree, and the one place where an error ends it."""

from __future__ import annotations

import logging
import os
import shlex
import sys
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from agent.cli import accounts
from agent.cli import backup
from agent.cli import cases
from agent.cli import config
from agent.cli import engines
from agent.cli import export
from agent.cli import init
from agent.cli import login
from agent.cli import portal
from agent.cli import profile
from agent.cli import setup
from agent.cli import status
from agent.cli import stop
from agent.cli import verify
from agent.cli import where
from agent.cli.archive import group as archive
from agent.cli.archive_errors import explain
from agent.cli.demo import command as demo
from agent.cli.doctor import command as doctor
from agent.cli.errors import Explanation
from agent.cli.errors import error_value
from agent.cli.exit_codes import ExitCode
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.outbox import group as outbox
from agent.cli.output import console
from agent.cli.output import drop_unwritten
from agent.cli.output import make_console_safe
from agent.cli.report import command as report

app = typer.Typer(
    name="caselog",
    help="Back up every case of a support-case portal, and reply without ever posting twice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("setup")(setup.setup)
app.command("init")(init.init)
app.add_typer(config.app, name="config")
app.command("where")(where.where)
app.command("doctor")(doctor.doctor)
app.add_typer(engines.app, name="engines")
app.add_typer(accounts.app, name="accounts")
app.command("login")(login.login)
app.add_typer(archive.app, name="archive")
app.command("backup")(backup.backup)
app.add_typer(cases.app, name="cases")
app.add_typer(export.app, name="export")
app.command("verify")(verify.verify)
app.add_typer(outbox.app, name="outbox")
app.command("status")(status.status)
app.command("report")(report.report)
app.command("stop")(stop.stop)
app.command("resume")(stop.resume)
app.add_typer(profile.app, name="profile")
app.command("portal")(portal.portal)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"caselog {version('caselog')}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(help="Keep everything (configuration, archive, log) under this folder.", envvar="CASELOG_HOME"),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show on the console what the log says.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    call = invocation(context)
    call.home = home
    call.verbose = verbose


@cache
def _command() -> Callable[..., int | None]:
    """The whole tree; made of the signatures of some fifty functions, which takes a while: once is enough."""
    return get_command(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    make_console_safe()
    # Archive, sessions and exports are the owner's alone, whoever writes them.
    os.umask(0o077)
    call = Invocation()
    try:
        code = _command()(args=arguments, prog_name="caselog", obj=call, standalone_mode=False) or ExitCode.DONE
    except (typer.Abort, SystemExit):  # a person broke off a question, or the reader of our output went away
        code = ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- the border: whatever it is, a person gets a text and an exit code
        code = _report(error, call, sys.argv[1:] if arguments is None else arguments)
    drop_unwritten()
    return int(code)


def _report(error: Exception, call: Invocation, arguments: Sequence[str]) -> ExitCode:
    told = explain(error)
    if told.code is ExitCode.UNFORESEEN:
        told = _with_log(error, told, call, arguments)
    # The command line may be wrong before its --json was understood.
    as_json = call.as_json or (told.code is ExitCode.USAGE and "--json" in arguments)
    # What the error was about may be the output itself.
    with suppress(OSError):
        if as_json:
            call.print_value(error_value(told))
    with suppress(OSError):
        _tell(told, call)
    return told.code


def _tell(told: Explanation, call: Invocation) -> None:
    lines = [f"caselog: {told.what}", *(f"  - {place}" for place in told.where), f"  Next: {told.next}"]
    if told.what.startswith("Usage: "):  # a group without a command shows its help, which says enough
        lines = [told.what]
    out = console(sys.stderr)
    for line in lines:
        out.print(call.redactor.redact(line))


def _with_log(error: Exception, told: Explanation, call: Invocation, arguments: Sequence[str]) -> Explanation:
    """Write the details to the log file; when even that fails, say so instead of hiding the first error."""
    from agent.log import get_logger
    from agent.log import start_log

    again = shlex.join(["caselog", "--verbose", *arguments])
    following = f"Run it again with: {again}; if it stays, report it with the end of the log file."
    try:
        file = call.places.log_file
        trouble: Exception | None = start_log(file, call.redactor, shown=logging.CRITICAL)
    except Exception as other:  # noqa: BLE001 -- what keeps the log from being found is not what is to be told
        trouble = other
    if trouble is not None:
        return replace(told, next=following, where=(f"{error!r}", f"the log cannot be written: {trouble}"))
    get_logger(__name__).error("bug_met", exc_info=error)
    return replace(told, next=following, where=(f"details: {file}",))


if __name__ == "__main__":
    sys.exit(main())
