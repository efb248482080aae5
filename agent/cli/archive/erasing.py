"""`archive erase` and `archive erasures`: what a person takes out of the archive for good, and the record of it."""

from __future__ import annotations

import sys
from datetime import UTC
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.errors import error_value
from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.output import table
from agent.cli.times import iso
from agent.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Sequence

    from storage.copying import KnownCopy
    from storage.database import Database
    from storage.erasure.preview import Preview
    from storage.erasure.scope import Scope
    from storage.errors import ArchiveError

UNFINISHED = "Its files may still hold bytes of what was erased. Next: caselog archive erase --finish"


def erase(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(help="Erase this account, or what of it is named.")] = None,
    case_id: Annotated[str | None, typer.Option("--case", help="Only this case.", metavar="ID")] = None,
    message_id: Annotated[str | None, typer.Option("--message", help="Only this message of it.", metavar="ID")] = None,
    reason: Annotated[str, typer.Option(help="Why, for the record that stays.")] = "",
    digest: Annotated[
        str | None, typer.Option("--yes", help="The digest that was shown: erase exactly that without being asked.")
    ] = None,
    finish: Annotated[bool, typer.Option("--finish", help="Finish erasures that were broken off.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase an account, a case or a message for good. Shows first what would go; wants its digest to do it.

    It is gone from tables, index, files, evidence, free pages and log; a record stays (who, when, why, how much).
    No backup brings it back, but for an account that you back up by its name.
    """
    call = invocation(context)
    if finish:
        _finish(call)
        return
    scope = _scope(account, case_id, message_id)
    with call.archive() as database:
        found, copies = _look(database, scope)
        value = {"erased": False, "digest": found.digest, **_value(found, copies)}
        for line in _lines(found):
            call.tell(line)
        if digest is None and sys.stdin.isatty() and not found.open_entries:
            digest = typer.prompt("Type the digest to erase it for good", err=True)
        if digest is None:
            call.tell(
                "" if found.open_entries else f"\nTo erase exactly this, pass: --yes {found.digest} --reason TEXT"
            )
            call.answer(value, f"Nothing was erased. Digest: {found.digest}", *_copies(copies))
            return
        if not reason.strip():
            message = "say why with --reason: it is all that a later reader will know"
            raise typer.BadParameter(message)
        trouble = _erase(database, scope, digest, reason)
    told = [f"Erased: {printable(scope.name)}", *_copies(copies)]
    if scope.case_id is None:
        told.append(f"A saved session is no part of the archive: caselog accounts forget {printable(scope.account)}")
    _answer(call, {**value, "erased": True}, told, trouble)


def erasures(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what was erased: by whom, when, why, and how much."""
    from storage.erasure.stubs import list_erasures

    call = invocation(context)
    with call.archive() as database:
        found = list_erasures(database)
    rows = [
        (
            call.time(each.at),
            each.account,
            each.case_id,
            each.message_id,
            each.actor,
            each.reason,
            "lifted" if each.lifted_at else "" if each.finished_at else "unfinished: caselog archive erase --finish",
        )
        for each in found
    ]
    call.answer(
        {
            "erasures": [
                {
                    "at": iso(each.at),
                    "by": each.actor,
                    "reason": each.reason,
                    "account": each.account,
                    "case_id": each.case_id,
                    "message_id": each.message_id,
                    "numbers": dict(each.numbers),
                    "finished_at": iso(each.finished_at),
                    "lifted_at": iso(each.lifted_at),
                }
                for each in found
            ]
        },
        table(("at", "account", "case", "message", "by", "why", ""), rows) if rows else "Nothing was ever erased.",
    )


def _scope(account: str | None, case_id: str | None, message_id: str | None) -> Scope:
    from storage.erasure.scope import Scope

    if account is None:
        message = "name the account with --account"
        raise typer.BadParameter(message)
    if message_id is not None and case_id is None:
        message = "a message is named together with its --case"
        raise typer.BadParameter(message)
    return Scope(account=account, case_id=case_id, message_id=message_id)


def _look(database: Database, scope: Scope) -> tuple[Preview, tuple[KnownCopy, ...]]:
    from storage.copying import known_copies
    from storage.erasure.preview import preview

    return preview(database, scope), known_copies(database)


def _erase(database: Database, scope: Scope, digest: str, reason: str) -> ArchiveError | None:
    from agent.recovery.account_lock import is_dead
    from storage.erasure.erase import erase

    now = datetime.now(UTC)
    return erase(database, scope, digest, actor=person(), reason=reason, at=now, is_dead=is_dead).trouble


def _finish(call: Invocation) -> None:
    from agent.recovery.account_lock import is_dead
    from storage.erasure.finish import finish
    from storage.errors import ArchiveError

    trouble: ArchiveError | None = None
    with call.archive() as database:
        try:
            finish(database, datetime.now(UTC), is_dead=is_dead)
        except ArchiveError as error:
            trouble = error
    _answer(call, {}, ["Nothing of what was erased is left in the files."] if trouble is None else [], trouble)


def _answer(call: Invocation, value: Mapping[str, Any], told: Sequence[str], trouble: ArchiveError | None) -> None:
    """What was done; with trouble, that it is not finished, why, and the exit code of that."""
    from agent.cli.archive_errors import explain
    from storage.errors import ArchiveBusy

    if trouble is None:
        call.answer({**value, "finished": True}, *told)
        return
    why = explain(trouble)
    what = "Another process uses the archive." if isinstance(trouble, ArchiveBusy) else why.what
    lines = [*told, f"Not finished: {what}", *(f"  - {each}" for each in why.where), UNFINISHED]
    call.answer({**value, "finished": False, **error_value(why)}, *lines)
    raise typer.Exit(why.code)


def _value(found: Preview, copies: Sequence[KnownCopy]) -> dict[str, Any]:
    scope = found.scope
    return {
        "account": scope.account,
        "case_id": scope.case_id,
        "message_id": scope.message_id,
        **found.numbers,
        "open_entries": list(found.open_entries),
        "copies": [{"path": str(each.path), "made_at": iso(each.made_at), "exists": each.exists} for each in copies],
    }


def _lines(found: Preview) -> list[str]:
    lines = [
        f"To be erased for good: {printable(found.scope.name)}",
        f"  {found.cases} cases, {found.messages} messages, {found.revisions} contents with the earlier ones",
        f"  {found.attachments} attachments; {found.files} files that nothing else has ({found.bytes:,} bytes)",
        f"  {found.entries} replies of the outbox",
        f"  {found.evidence} files of evidence: {_which(found.scope)}",
    ]
    if found.open_entries:
        entries = ", ".join(map(str, found.open_entries))
        lines.append(f"! Replies that are not settled stand against it: entries {entries}")
    return lines


def _which(scope: Scope) -> str:
    if scope.case_id is None:
        return "all of the account's"
    return "the case's own, all recordings, and what may show it as well, like lists"


def _copies(copies: Sequence[KnownCopy]) -> list[str]:
    if not copies:
        return []
    lines = [f"  {each.path}{'' if each.exists else ' (not there now; its disk may be away)'}" for each in copies]
    return ["Copies hold it still, and caselog does not touch them; delete them yourself:", *lines]
