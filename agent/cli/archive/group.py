"""The commands of `caselog archive`."""

from __future__ import annotations

import typer

from agent.cli.archive import audits
from agent.cli.archive import copying
from agent.cli.archive import erasing
from agent.cli.archive import moving
from agent.cli.archive import restoring
from agent.cli.archive import upgrading

app = typer.Typer(help="The archive as a whole: copies, erasure, upgrades.", no_args_is_help=True)
app.command("copy")(copying.copy)
app.command("restore")(restoring.restore)
app.command("move")(moving.move)
app.command("erase")(erasing.erase)
app.command("erasures")(erasing.erasures)
app.command("audits")(audits.audits)
app.command("upgrade")(upgrading.upgrade)
