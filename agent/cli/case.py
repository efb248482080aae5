"""`caselog cases show`: one case with its thread, as it is and as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer
from rich.text import Text

from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.times import iso
from agent.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping
    from datetime import datetime

    from storage.archive import ArchivedCase
    from storage.archive import MessageVersion
    from storage.database import Database
    from storage.records import AttachmentRef
    from storage.records import CaseRef
    from storage.records import MessageRecord


def show(
    context: typer.Context,
    case_id: Annotated[str, typer.Argument(help="The case's id.", metavar="CASE")],
    account: Annotated[str | None, typer.Option(help="Whose, when several accounts have a case of this id.")] = None,
    versions: Annotated[bool, typer.Option("--versions", help="Earlier contents of changed messages as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one case with its whole thread, and what the portal shows no more."""
    from storage import archive
    from storage.erasure.stubs import list_erasures
    from storage.export import case_object
    from storage.export import file_objects
    from storage.export import gone_objects

    call = invocation(context)
    with call.archive() as database:
        ref = _find(database, case_id, account)
        case = archive.get_case(database, ref)
        earlier = archive.message_versions(database, ref) if versions else ()
        erased = {
            each.message_id: each.at
            for each in list_erasures(database, ref.account)
            if each.case_id == ref.case_id and each.message_id is not None
        }
    value = {
        **case_object(case),
        "url": case.record.url,
        "vanished": [
            {
                "id": each.message.message_id,
                "vanished_at": iso(each.vanished_at),
                "body": each.message.body,
                "attachments": file_objects(each.message.attachments),
            }
            for each in case.vanished
        ],
        "gone": gone_objects(case.gone),
        "erased": [{"id": message_id, "erased_at": iso(at)} for message_id, at in erased.items()],
    }
    if versions:
        value["versions"] = [_version(each) for each in earlier]
    call.answer(value, *_lines(call, case, erased), *_version_lines(call, earlier))


def _find(database: Database, case_id: str, account: str | None) -> CaseRef:
    from storage import archive
    from storage.records import CaseRef

    if account is None:
        accounts = archive.accounts_of(database, case_id)
        if len(accounts) > 1:
            message = f"several accounts have a case {case_id}; name one with --account: {', '.join(accounts)}"
            raise typer.BadParameter(message)
        account = accounts[0] if accounts else ""
    return CaseRef(account=account, case_id=case_id)


def _version(version: MessageVersion) -> dict[str, Any]:
    return {
        "id": version.message_id,
        "number": version.number,
        "author": version.author,
        "seen_at": iso(version.seen_at),
        "body": version.body,
    }


def _lines(call: Invocation, case: ArchivedCase, erased: Mapping[str, datetime]) -> Iterator[Text]:
    record = case.record
    yield Text(printable(record.subject), style="bold")
    yield Text(printable(f"Case {record.case_id} of {record.account}: {record.status_raw} ({record.status.value})"))
    yield Text(
        printable(f"Created {call.time(record.created_at)}, last read {call.time(case.last_read_at)}, {record.url}")
    )
    if case.absent_since:
        yield Text(f"The portal lists it no more since {call.time(case.absent_since)}.", style="bold")
    if not record.complete:
        yield Text("The thread is not complete: the next backup reads it again.", style="bold")
    yield from _files(call, case, None, record.attachments)
    for message in record.messages:
        if message.message_id in erased:
            yield Text("")
            told = f"Message {message.message_id}, {call.time(message.sent_at)}: erased"
            yield Text(printable(f"{told} {call.time(erased[message.message_id])}"), style="bold")
            continue
        yield from _message(call, case, message, "")
    for each in case.vanished:
        yield from _message(call, case, each.message, f" (no longer shown since {call.time(each.vanished_at)})")


def _message(call: Invocation, case: ArchivedCase, message: MessageRecord, remark: str) -> Iterator[Text]:
    yield Text("")
    yield Text(printable(f"{message.author}, {call.time(message.sent_at)}{remark}"), style="bold")
    yield from (Text(f"  {printable(line)}") for line in message.body.splitlines())
    yield from _files(call, case, message.message_id, message.attachments)


def _files(
    call: Invocation, case: ArchivedCase, message_id: str | None, files: tuple[AttachmentRef, ...]
) -> Iterator[Text]:
    """The files of a message, or of the case itself, and those that are gone from it."""
    gone = [each for each in case.gone if each.message_id == message_id]
    remarks = [(file, "") for file in files]
    remarks += [(each.file, f" (no longer shown since {call.time(each.gone_at)})") for each in gone]
    for file, remark in remarks:
        content = f"{file.size} bytes, sha256 {file.sha256[:12]}" if isinstance(file.sha256, str) else "not fetched"
        yield Text(printable(f"  [file] {file.name} ({content}){remark}"))


def _version_lines(call: Invocation, versions: tuple[MessageVersion, ...]) -> Iterator[Text]:
    for version in versions:
        yield Text("")
        head = f"Message {version.message_id}, content {version.number}, seen {call.time(version.seen_at)}"
        yield Text(printable(head), style="bold")
        yield from (Text(f"  {printable(line)}") for line in version.body.splitlines())
