"""`caselog cases`: read the archive. No browser, no portal."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.case import show
from agent.cli.chosen import known_account
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.output import highlighted
from agent.cli.output import table
from agent.cli.times import iso
from agent.cli.times import parse_since

if TYPE_CHECKING:
    from storage.archive import CaseListing
    from storage.search import Hit

app = typer.Typer(help="Read the archive.", no_args_is_help=True)
app.command("show")(show)


class Status(StrEnum):
    """What a case's status means for our side."""

    NEEDS_USER = "needs_user"
    WITH_PORTAL = "with_portal"
    ANSWERED = "answered"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class TabName(StrEnum):
    """The four tabs."""

    ALL = "all"
    MINE = "mine"
    ATTENTION = "attention"
    FILTERED = "filtered"


#: The shell takes quotes away, and what begins with a hyphen is an option: both have to be inside quotes.
WORDS = """Words that must all be there, begin* for their beginning. In quotes '"a phrase"', and "refund -order" for
what must not be there."""

Account = Annotated[str | None, typer.Option(help="Only this account's cases.")]
Statuses = Annotated[list[Status] | None, typer.Option("--status", help="Only cases in this state; repeatable.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]
Offset = Annotated[int, typer.Option(min=0, help="Leave out so many before.")]


@app.command("list")
def list_cases(
    context: typer.Context,
    account: Account = None,
    status: Statuses = None,
    tab: Annotated[TabName | None, typer.Option(help="Only cases that this tab lists now.")] = None,
    absent: Annotated[
        bool | None, typer.Option("--absent/--listed", help="Only cases that the portal lists no more, or still.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Only cases with activity since: 30d or 2026-01-31.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Show cases, the last active first."""
    from storage import archive
    from storage.records import CaseStatus
    from storage.records import Tab

    call = invocation(context)
    where = archive.CaseFilter(
        account=account,
        statuses=tuple(CaseStatus(each.value) for each in status or ()),
        tab=Tab(tab.value) if tab else None,
        absent=absent,
        active_since=parse_since(since, datetime.now(UTC), call.zone) if since else None,
    )
    with call.archive() as database:
        known_account(call, database, account)
        listed = archive.list_cases(database, where, limit=limit, offset=offset)
        total = archive.count_cases(database, where)
    columns = ("account", "case", "status", "last activity", "messages", "subject")
    rows = [_row(call, case) for case in listed]
    shown = f"\n{len(listed)} of {total} cases." if listed else "No such case."
    call.answer(
        {"cases": [_value(case) for case in listed], "total": total},
        *([table(columns, rows)] if rows else []),
        shown,
    )


def _row(call: Invocation, case: CaseListing) -> tuple[object, ...]:
    state = f"absent since {call.time(case.absent_since)}" if case.absent_since else case.status_raw
    return case.ref.account, case.ref.case_id, state, call.time(case.last_activity_at), case.messages, case.subject


def _value(case: CaseListing) -> dict[str, Any]:
    return {
        "account": case.ref.account,
        "case_id": case.ref.case_id,
        "subject": case.subject,
        "status": case.status.value,
        "status_raw": case.status_raw,
        "tabs": [tab.value for tab in case.tabs],
        "created_at": iso(case.created_at),
        "updated_at": iso(case.updated_at),
        "last_activity_at": iso(case.last_activity_at),
        "first_seen_at": iso(case.first_seen_at),
        "last_seen_at": iso(case.last_seen_at),
        "absent_since": iso(case.absent_since),
        "complete": case.complete,
        "messages": case.messages,
        "url": case.url,
    }


@app.command()
def search(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(help=WORDS)],
    account: Account = None,
    status: Statuses = None,
    limit: Limit = 20,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """Search subjects and messages, earlier contents included. Two Chinese or Japanese characters are enough."""
    from storage.records import CaseStatus
    from storage.search import search as search_archive

    call = invocation(context)
    statuses = [CaseStatus(each.value) for each in status or ()]
    with call.archive() as database:
        known_account(call, database, account)
        found = search_archive(
            database, " ".join(words), account=account, statuses=statuses, limit=limit, offset=offset
        )
    lines: list[Any] = []
    for hit in found.hits:
        lines += _hit_lines(call, hit)
    if not found.hits:
        lines.append("Nothing was found.")
    if found.bounded:
        lines.append("There are more matches, older ones, than were ranked: add a word to narrow it.")
    call.answer({"hits": [_hit_value(hit) for hit in found.hits], "bounded": found.bounded}, *lines)


def _hit_lines(call: Invocation, hit: Hit) -> list[Any]:
    head = highlighted(f"{hit.ref.account}  {hit.ref.case_id}  ", hit.subject.text, hit.subject.marks)
    if hit.message_id is None:
        return [head] if hit.current else [head, "  an earlier subject"]
    past = "" if hit.current else ", an earlier content"
    return [head, highlighted(f"  {hit.author}, {call.time(hit.sent_at)}{past}: ", hit.snippet.text, hit.snippet.marks)]


def _hit_value(hit: Hit) -> dict[str, Any]:
    return {
        "account": hit.ref.account,
        "case_id": hit.ref.case_id,
        "status": hit.status.value,
        "absent_since": iso(hit.absent_since),
        "subject": hit.subject.text,
        "message_id": hit.message_id,
        "author": hit.author,
        "sent_at": iso(hit.sent_at),
        "current": hit.current,
        "snippet": hit.snippet.text,
        "marks": [list(mark) for mark in hit.snippet.marks],
    }
