"""What a person is shown before approving."""

from __future__ import annotations

from dataclasses import replace

from agent.delivery.approval import review_batch
from agent.delivery.approval import review_entry
from agent.delivery.lint import Lint
from agent.delivery.lint import LintCode
from agent.delivery.preflight import FileCode
from agent.delivery.preflight import FileProblem
from agent.profile.model.reply import AttachmentRules
from storage import archive
from storage import journal
from storage import outbox
from storage.outbox import Draft
from tests.unit.delivery.sending_portal import CASE
from tests.unit.delivery.sending_run import RULES
from tests.unit.delivery.sending_run import SendingRun


def archive_thread(run: SendingRun) -> None:
    run_id = journal.start_run(run.database, "acme", scope="all", holder=run.holder, at=run.clock.now())
    archive.ingest(run.database, run.portal.record(), run_id=run_id, seen_at=run.clock.now())


def draft(run: SendingRun, text: str, *, case_id: str = CASE, files: tuple[str, ...] = ()) -> int:
    kept = tuple(run.file(name) for name in files)
    written = Draft(account="acme", case_id=case_id, text=text, files=kept, batch="b1")
    return outbox.add(run.database, written, author="ann", at=run.clock.now())


def test_an_entry_is_shown_with_its_thread(run: SendingRun) -> None:
    """The ids that the approval binds to are those of the thread as archived."""
    archive_thread(run)
    entry = run.entry(draft(run, "Dear {{name}}", files=("a.exe",)))

    review = review_entry(run.database, entry, replace(RULES, files=AttachmentRules(types=(".pdf",))))

    assert ("m1", "m2") == review.seen_message_ids
    assert (Lint(LintCode.PLACEHOLDER, "{{name}}"),) == review.lint
    assert (FileProblem(FileCode.TYPE, "a.exe", ".pdf"),) == review.files
    assert review.blocked


def test_a_thread_that_nobody_has_read_is_not_shown(run: SendingRun) -> None:
    """There is nothing to approve against: it has to be read first."""
    review = review_entry(run.database, run.entry(draft(run, "Hello")), RULES)

    assert (None, ()) == (review.case, review.seen_message_ids)


def test_a_batch_is_shown_as_one_decision(run: SendingRun) -> None:
    """Distinct texts with their counts, what is wrong with each, files, and who is not ready."""
    archive_thread(run)
    first = draft(run, "Hello", files=("a.pdf",))
    second = draft(run, "Hello", case_id="C2", files=("a.pdf", "b.pdf"))
    third = draft(run, "TODO")

    review = review_batch(run.database, "b1", {"acme": RULES})

    assert {"Hello": 2, "TODO": 1} == review.texts
    assert {"Hello": (), "TODO": (Lint(LintCode.PLACEHOLDER, "TODO"),)} == review.findings
    assert {"a.pdf": 2, "b.pdf": 1} == review.files
    assert {"acme": 3} == review.accounts
    assert (second,) == review.unread
    assert () == review.blocked
    assert [first, second, third] == [each.entry.entry_id for each in review.entries]


def test_the_digest_covers_the_threads(run: SendingRun) -> None:
    """A message that is archived after the batch was shown makes the printed digest worthless."""
    archive_thread(run)
    draft(run, "Hello")
    before = review_batch(run.database, "b1", {"acme": RULES}).digest

    run.portal.write("One more thing.")
    archive_thread(run)

    assert before != review_batch(run.database, "b1", {"acme": RULES}).digest
