"""`outbox approve`: a person sees what would be sent, and decides."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Annotated

import typer

from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.cli.outbox.drafting import words
from agent.cli.outbox.queue import described
from agent.cli.outbox.values import first_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.delivery.lint import Lint
    from storage.database import Database
    from storage.outbox import BatchPreview
    from storage.outbox import OutboxEntry
    from storage.records import CaseRecord

DIGEST_HELP = "The digest that was shown: approve without being asked, but only exactly that."


def approve(
    context: typer.Context,
    entry_id: Annotated[int | None, typer.Argument(help="The entry's number.", metavar="[ENTRY]")] = None,
    batch: Annotated[str | None, typer.Option(help="Approve every draft of this batch by one decision.")] = None,
    digest: Annotated[str | None, typer.Option(help=DIGEST_HELP)] = None,
    as_json: AsJson = False,
) -> None:
    """Show what would be sent, and queue it. Without --digest a person is asked on the terminal.

    The approval binds to what is shown: the text, the files and the thread as archived. Whatever changes after that
    holds the reply.
    """
    call = invocation(context)
    if (entry_id is None) == (batch is None):
        message = "name one entry, or one batch with --batch"
        raise typer.BadParameter(message)
    with call.archive() as database:
        if batch is not None:
            _approve_batch(call, database, batch, digest)
        elif entry_id is not None:
            _approve_one(call, database, entry_id, digest)


def _approve_one(call: Invocation, database: Database, entry_id: int, digest: str | None) -> None:
    from storage import archive
    from storage import outbox
    from storage.errors import NotFound
    from storage.errors import StaleApproval
    from storage.errors import ThreadNotArchived
    from storage.records import CaseRef

    entry = outbox.get_entry(database, entry_id)
    ref = CaseRef(account=entry.draft.account, case_id=entry.draft.case_id or "")
    try:
        seen = archive.message_ids(database, ref)
    except NotFound as error:
        raise ThreadNotArchived((entry_id,)) from error
    now = _digest(entry, seen)
    if digest is None and not _confirmed(call, entry, archive.get_case(database, ref).record, now):
        call.answer({"approved": [], "digest": now}, f"Nothing was approved. Digest: {now}")
        return
    if digest is not None and digest.strip().lower() != now:
        raise StaleApproval(entry_id, expected=digest, actual=now)
    by, at = person(), datetime.now(UTC)
    outbox.approve(database, entry_id, seen_hash=entry.content_hash, seen_message_ids=seen, approver=by, at=at)
    call.answer(
        {"approved": [entry_id], "digest": now}, f"Entry {entry_id} is queued. Send it with: caselog outbox send"
    )


def _confirmed(call: Invocation, entry: OutboxEntry, thread: CaseRecord, digest: str) -> bool:
    for line in described(call, entry):
        call.tell(line)
    for finding in _findings(call, entry):
        call.tell(f"! The text {words(finding)}")
    call.tell(f"\nCase {thread.case_id}: {thread.subject} [{thread.status_raw}], {len(thread.messages)} messages")
    if thread.messages:
        last = thread.messages[-1]
        call.tell(f"Last message: {last.author}, {call.time(last.sent_at)}: {first_line(last.body, 200)}")
    if not sys.stdin.isatty():
        call.tell(f"\nNobody is there to ask. To approve exactly this, pass: --digest {digest}")
        return False
    return bool(typer.confirm("Queue it?", err=True))


def _digest(entry: OutboxEntry, seen: Sequence[str]) -> str:
    """Binds a decision to the text, the files and the thread that it was made on."""
    content = [entry.entry_id, entry.content_hash, list(seen)]
    return hashlib.sha256(json.dumps(content).encode("ascii")).hexdigest()[:12]


def _findings(call: Invocation, entry: OutboxEntry) -> Sequence[Lint]:
    from agent.delivery.lint import lint
    from agent.profile.load import load_profile

    profile = load_profile(call.account(entry.draft.account).profile, call.places.profiles)
    return lint(entry.draft.text, profile.reply.text) if profile.reply else ()


def _approve_batch(call: Invocation, database: Database, batch: str, digest: str | None) -> None:
    from storage import outbox

    preview = outbox.batch_digest(database, batch)
    single = sorted(
        {entry.draft.account for entry in preview.entries if call.account(entry.draft.account).approval == "each"}
    )
    if single:
        message = f'every reply of {", ".join(single)} is approved by itself (approval = "each")'
        raise typer.BadParameter(message)
    if digest is None:
        for line in _batch_lines(call, preview):
            call.tell(line)
        if not sys.stdin.isatty():
            call.tell(f"\nNobody is there to ask. To approve exactly this, pass: --digest {preview.digest}")
            call.answer({"approved": [], "digest": preview.digest}, f"Nothing was approved. Digest: {preview.digest}")
            return
        digest = typer.prompt("Type the digest to queue all of them", err=True)
    queued = outbox.approve_batch(database, batch, digest, approver=person(), at=datetime.now(UTC))
    call.answer(
        {"approved": list(queued), "digest": preview.digest},
        f"{len(queued)} replies are queued. Send them with: caselog outbox send",
    )


def _batch_lines(call: Invocation, preview: BatchPreview) -> list[str]:
    accounts = sorted({entry.draft.account for entry in preview.entries})
    files = sorted({file.name for entry in preview.entries for file in entry.draft.files})
    lines = [f"Batch {preview.batch}: {len(preview.entries)} replies of {', '.join(accounts)}"]
    lines.append(f"Files: {', '.join(files) or 'none'}")
    if preview.unread:
        lines.append(f"! Never read, cannot be approved: entries {', '.join(map(str, preview.unread))}")
    for text, count in preview.texts.items():
        lines += ["", f"To {count} case{'s' if count != 1 else ''}:", *(f"  {line}" for line in text.splitlines())]
    for entry in preview.entries:
        lines += [f"! Entry {entry.entry_id}: the text {words(finding)}" for finding in _findings(call, entry)]
    return [*lines, "", f"Digest: {preview.digest}"]
