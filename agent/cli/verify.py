"""`caselog verify`: does the archive keep its promises?"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.exit_codes import ExitCode
from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation

NEXT = {
    "restore": "put back a copy of the archive",
    "full_backup": "caselog backup --full",
    "rebuild_search": "caselog verify --rebuild-search",
    "nothing": "nothing: harmless, left behind by a stopped run",
    "look": "look at the portal, then: caselog outbox resolve",
}


def verify(
    context: typer.Context,
    rebuild_search: Annotated[
        bool, typer.Option("--rebuild-search", help="Build the search index again first; nothing is lost by it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check every content against its hash, every file, the journal and the outbox. Changes nothing by itself."""
    from storage.search.index import rebuild
    from storage.verify import Remedy
    from storage.verify import verify as verify_archive

    call = invocation(context)
    with call.archive() as database:
        if rebuild_search:
            with database.write() as connection:
                rebuild(connection)
        findings = tuple(verify_archive(database))
    damage = [finding for finding in findings if finding.remedy is not Remedy.NOTHING]
    lines = [
        f"{finding.fault.value}: {finding.where}: {finding.detail}\n  Next: {NEXT[finding.remedy.value]}"
        for finding in findings
    ]
    lines.append(f"{len(damage)} damaged." if damage else "The archive is sound.")
    value = {
        "sound": not damage,
        "findings": [
            {
                "fault": finding.fault.value,
                "where": finding.where,
                "detail": finding.detail,
                "remedy": finding.remedy.value,
            }
            for finding in findings
        ],
    }
    call.answer(value, "\n".join(lines))
    if damage:
        raise typer.Exit(ExitCode.DAMAGE)
