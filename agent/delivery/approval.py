"""What a person sees before approving: the thread that the approval binds to, the text, and what is wrong with it.

Reads the archive only. A thread that is not archived yet has to be read first, by a backup of that case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.delivery.lint import Lint
from agent.delivery.lint import lint
from agent.delivery.preflight import FileProblem
from agent.delivery.preflight import check_files
from agent.delivery.rules import SendingRules
from storage import outbox
from storage.archive import ArchivedCase
from storage.archive import get_case
from storage.database import Database
from storage.errors import NotFound
from storage.outbox import OutboxEntry
from storage.records import CaseRef


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReview:
    """One entry as it is to be approved. Without a `case` its thread has to be read first."""

    entry: OutboxEntry
    case: ArchivedCase | None
    lint: tuple[Lint, ...]
    files: tuple[FileProblem, ...]

    @property
    def seen_message_ids(self) -> tuple[str, ...]:
        """The messages that the approver is shown, and that the approval binds to."""
        return tuple(self.seen_texts)

    @property
    def seen_texts(self) -> Mapping[str, str]:
        """How those messages read."""
        messages = () if self.case is None else self.case.record.messages
        return {message.message_id: outbox.seen_text(message.body) for message in messages}

    @property
    def blocked(self) -> bool:
        """Whether it would be held as soon as it were sent."""
        return bool(self.files) or any(finding.blocks for finding in self.lint)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReview:
    """Many entries, one decision. `texts` counts the entries of each distinct text, `findings` are said per text.

    `unread` are the entries whose thread has to be read first, `digest` is what approving wants typed or passed back.
    """

    batch: str
    digest: str
    entries: tuple[EntryReview, ...]
    texts: Mapping[str, int]
    findings: Mapping[str, tuple[Lint, ...]]
    unread: tuple[int, ...]

    @property
    def files(self) -> Mapping[str, int]:
        """How many entries carry a file of each name."""
        counts: dict[str, int] = {}
        for review in self.entries:
            for file in review.entry.draft.files:
                counts[file.name] = counts.get(file.name, 0) + 1
        return counts

    @property
    def accounts(self) -> Mapping[str, int]:
        """How many entries each account would send."""
        counts: dict[str, int] = {}
        for review in self.entries:
            account = review.entry.draft.account
            counts[account] = counts.get(account, 0) + 1
        return counts

    @property
    def blocked(self) -> tuple[int, ...]:
        return tuple(review.entry.entry_id for review in self.entries if review.blocked)


def review_entry(database: Database, entry: OutboxEntry, rules: SendingRules) -> EntryReview:
    """Show one entry with its thread as archived."""
    return _review(entry, rules, _archived(database, entry))


def review_batch(database: Database, batch: str, rules: Mapping[str, SendingRules]) -> BatchReview:
    """Show a batch's drafts. `rules` by account. The digest covers texts, files and threads as shown."""
    preview = outbox.batch_digest(database, batch)
    reviews = tuple(_review(entry, rules[entry.draft.account], _archived(database, entry)) for entry in preview.entries)
    findings: dict[str, tuple[Lint, ...]] = {}
    for review in reviews:
        # The same text may go to portals with different rules.
        known = findings.get(review.entry.draft.text, ())
        findings[review.entry.draft.text] = tuple(dict.fromkeys((*known, *review.lint)))
    return BatchReview(
        batch=batch,
        digest=preview.digest,
        entries=reviews,
        texts=preview.texts,
        findings=findings,
        unread=preview.unread,
    )


def _review(entry: OutboxEntry, rules: SendingRules, case: ArchivedCase | None) -> EntryReview:
    return EntryReview(
        entry=entry,
        case=case,
        lint=lint(entry.draft.text, rules.text),
        files=check_files(entry.draft.files, rules),
    )


def _archived(database: Database, entry: OutboxEntry) -> ArchivedCase | None:
    if entry.draft.case_id is None:
        return None
    try:
        return get_case(database, CaseRef(account=entry.draft.account, case_id=entry.draft.case_id))
    except NotFound:
        return None
