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
from agent.cli.outbox.queue import described
from agent.cli.outbox.values import first_line
from agent.cli.outbox.words import about_file
from agent.cli.outbox.words import about_text
from agent.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.delivery.approval import BatchReview
    from agent.delivery.approval import EntryReview
    from agent.delivery.rules import SendingRules
    from storage.database import Database
    from storage.outbox import OutboxEntry

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
    from agent.delivery.approval import review_entry
    from storage import outbox
    from storage.errors import StaleApproval
    from storage.errors import ThreadNotArchived

    entry = outbox.get_entry(database, entry_id)
    review = review_entry(database, entry, _rules(call, entry.draft.account))
    if review.case is None:
        raise ThreadNotArchived((entry_id,))
    now = _digest(entry, review.seen_texts)
    if digest is None and not _confirmed(call, review, now):
        call.answer({"approved": [], "digest": now}, f"Nothing was approved. Digest: {now}")
        return
    if digest is not None and digest.strip().lower() != now:
        raise StaleApproval(entry_id, expected=digest, actual=now)
    by, at = person(), datetime.now(UTC)
    outbox.approve(
        database,
        entry_id,
        seen_hash=entry.content_hash,
        seen_message_ids=review.seen_message_ids,
        seen_texts=review.seen_texts,
        approver=by,
        at=at,
    )
    call.answer(
        {"approved": [entry_id], "digest": now}, f"Entry {entry_id} is queued. Send it with: caselog outbox send"
    )


def _confirmed(call: Invocation, review: EntryReview, digest: str) -> bool:
    assert review.case is not None
    thread = review.case.record
    for line in [*described(call, review.entry), *_warnings(review)]:
        call.tell(line)
    # On one line each: a subject with line feeds could write what looks like a line of ours.
    head = f"Case {thread.case_id}: {thread.subject} [{thread.status_raw}], {len(thread.messages)} messages"
    call.tell(f"\n{printable(head)}")
    if thread.messages:
        last = thread.messages[-1]
        said = f"Last message: {last.author}, {call.time(last.sent_at)}: {first_line(last.body, 200)}"
        call.tell(printable(said))
    if not sys.stdin.isatty():
        call.tell(f"\nNobody is there to ask. To approve exactly this, pass: --digest {digest}")
        return False
    return bool(typer.confirm("Queue it?", err=True))


def _rules(call: Invocation, account: str) -> SendingRules:
    from agent.delivery.rules import SendingRules
    from agent.profile.load import load_profile

    return SendingRules.of(load_profile(call.account(account).profile, call.places.profiles))


def _warnings(review: EntryReview) -> list[str]:
    found = [f"! The text {about_text(finding)}" for finding in review.lint]
    return found + [f"! {about_file(problem)}" for problem in review.files]


def _digest(entry: OutboxEntry, seen: Mapping[str, str]) -> str:
    """Binds a decision to the text, the files and the thread that it was made on."""
    content = [entry.entry_id, entry.content_hash, list(seen.items())]
    return hashlib.sha256(json.dumps(content).encode("ascii")).hexdigest()[:12]


def _approve_batch(call: Invocation, database: Database, batch: str, digest: str | None) -> None:
    from agent.delivery.approval import review_batch
    from storage import outbox

    accounts = {entry.draft.account for entry in outbox.batch_digest(database, batch).entries}
    single = sorted(account for account in accounts if call.account(account).approval == "each")
    if single:
        message = f'every reply of {", ".join(single)} is approved by itself (approval = "each")'
        raise typer.BadParameter(message)
    review = review_batch(database, batch, {account: _rules(call, account) for account in accounts})
    if digest is None:
        for line in _batch_lines(review):
            call.tell(line)
        if not sys.stdin.isatty():
            call.tell(f"\nNobody is there to ask. To approve exactly this, pass: --digest {review.digest}")
            call.answer({"approved": [], "digest": review.digest}, f"Nothing was approved. Digest: {review.digest}")
            return
        digest = typer.prompt("Type the digest to queue all of them", err=True)
    queued = outbox.approve_batch(database, batch, digest, approver=person(), at=datetime.now(UTC))
    call.answer(
        {"approved": list(queued), "digest": review.digest},
        f"{len(queued)} replies are queued. Send them with: caselog outbox send",
    )


def _batch_lines(review: BatchReview) -> list[str]:
    accounts = ", ".join(f"{name} ({count})" for name, count in review.accounts.items())
    files = ", ".join(f"{name} ({count})" for name, count in review.files.items())
    lines = [f"Batch {review.batch}: {len(review.entries)} replies of {accounts}", f"Files: {files or 'none'}"]
    if review.unread:
        lines.append(f"! Never read, cannot be approved: entries {', '.join(map(str, review.unread))}")
    for text, count in review.texts.items():
        lines += ["", f"To {count} case{'s' if count != 1 else ''}:", *(f"  {line}" for line in text.splitlines())]
        lines += [f"! The text {about_text(finding)}" for finding in review.findings[text]]
    again = [str(each.entry.entry_id) for each in review.entries if each.entry.first_submit_at]
    if again:
        lines += ["", f"! Submitted before, so that they may be at the portal: entries {', '.join(again)}"]
    for each in review.entries:
        lines += [f"! Entry {each.entry.entry_id}: {about_file(problem)}" for problem in each.files]
    return [*lines, "", f"Digest: {review.digest}"]
