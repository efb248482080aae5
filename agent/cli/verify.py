"""`caselog verify`: does the archive keep its promises?"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.exit_codes import ExitCode
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.visits import visit_account
from agent.printable import printable

if TYPE_CHECKING:
    from storage.verify import Checked
    from storage.verify import Finding

NEXT = {
    "restore": "put back a copy: caselog archive restore (what can be read still comes out by: caselog export jsonl)",
    "fetch": "caselog backup fetches it again (delete a damaged file first), or: caselog archive restore",
    "rebuild_search": "caselog verify --rebuild-search",
    "nothing": "nothing: harmless, left behind by a stopped run",
    "look": "look at the portal, then: caselog outbox resolve, or outbox cancel",
    "erase": "caselog archive erase --finish; if that does not help, erase it again: caselog archive erase",
}


def verify(
    context: typer.Context,
    rebuild_search: Annotated[
        bool, typer.Option("--rebuild-search", help="Build the search index again first; nothing is lost by it.")
    ] = False,
    live: Annotated[
        str | None,
        typer.Option(help="Instead, read a sample of this account's cases at the portal again and compare."),
    ] = None,
    sample: Annotated[int, typer.Option(min=1, help="With --live: so many cases, spread over their ages.")] = 10,
    seed: Annotated[int, typer.Option(help="With --live: the same seed chooses the same cases.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Check every content against its hash, every file, the journal and the outbox. Changes nothing by itself."""
    from storage.search.index import rebuild
    from storage.verify import examine

    call = invocation(context)
    if live is not None:
        _verify_live(call, live, sample=sample, seed=seed)
    with call.archive() as database:
        if rebuild_search:
            with database.write() as connection:
                rebuild(connection)
        parts = tuple(examine(database))
    sound = all(part.whole for part in parts)
    call.answer(
        {
            "sound": sound,
            "parts": [{"part": each.part.value, "count": each.count, "whole": each.whole} for each in parts],
            "findings": [_value(part, finding) for part in parts for finding in part.findings],
        },
        "\n".join(_lines(parts)),
    )
    if not sound:
        raise typer.Exit(ExitCode.DAMAGE)


def _value(part: Checked, finding: Finding) -> dict[str, Any]:
    return {
        "part": part.part.value,
        "fault": finding.fault.value,
        "where": finding.where,
        "detail": finding.detail,
        "remedy": finding.remedy.value,
        "next": NEXT[finding.remedy.value],
    }


def _lines(parts: Sequence[Checked]) -> Iterator[str]:
    for finding in (each for part in parts for each in part.findings):
        # Names come from a portal or from a damaged file: nothing of them may reach the terminal as a command.
        yield printable(f"{finding.fault.value}: {finding.where}: {finding.detail}")
        yield f"  Next: {NEXT[finding.remedy.value]}"
    whole = [_named(part) for part in parts if part.whole]
    damaged = [part for part in parts if not part.whole]
    if whole:
        yield f"Whole: {', '.join(whole)}."
    if damaged:
        yield f"Damaged: {', '.join(f'{part.part.value} ({len(part.findings)} findings)' for part in damaged)}."
    else:
        yield "The archive is sound."


def _named(part: Checked) -> str:
    return part.part.value if part.count is None else f"{part.part.value} ({part.count})"


def _verify_live(call: Invocation, account: str, *, sample: int, seed: int) -> None:
    from agent.cli.live_check import judged
    from agent.cli.live_check import live_lines
    from agent.cli.live_check import live_value
    from agent.cli.live_check import look_live

    settings = call.account(account)
    call.start_log()
    with call.archive() as database:
        check = visit_account(call, database, settings, partial(look_live, sample=sample, seed=seed))
    text = "\n".join(map(printable, live_lines(account, check)))
    call.answer({"live": live_value(account, seed, check)}, text)
    raise typer.Exit(judged(check))
