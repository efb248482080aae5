"""`archive audits`: what people decided and why, and what was done to the archive itself."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.output import table
from agent.cli.times import iso


def audits(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show what people decided and why, the newest first: unlocked, dropped, erased, copied, moved, restored."""
    from storage.journal.audit import list_audits

    call = invocation(context)
    with call.archive() as database:
        found = list_audits(database, limit=limit)
    rows = [(call.time(each.at), each.actor, each.action, each.subject, each.reason) for each in found]
    call.answer(
        {
            "audits": [
                {
                    "at": iso(each.at),
                    "by": each.actor,
                    "action": each.action,
                    "subject": each.subject,
                    "reason": each.reason,
                }
                for each in found
            ]
        },
        table(("at", "by", "did", "to", "why"), rows) if rows else "Nobody has decided anything yet.",
    )
