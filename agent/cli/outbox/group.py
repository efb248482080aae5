"""The commands of `caselog outbox`."""

from __future__ import annotations

import typer

from agent.cli.outbox import approving
from agent.cli.outbox import bulk
from agent.cli.outbox import decisions
from agent.cli.outbox import editing
from agent.cli.outbox import queue
from agent.cli.outbox import sending

app = typer.Typer(help="Replies: written, approved, sent once, proved.", no_args_is_help=True)
app.command("add")(queue.add)
app.command("sheet")(bulk.sheet)
app.command("import")(bulk.import_file)
app.command("list")(queue.list_entries)
app.command("show")(queue.show)
app.command("edit")(editing.edit)
app.command("approve")(approving.approve)
app.command("send")(sending.send)
app.command("cancel")(decisions.cancel)
app.command("resolve")(decisions.resolve)
