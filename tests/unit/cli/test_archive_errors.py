"""Every error of the archive has a text with a next step, and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime

import pytest

from agent.cli.archive_errors import explain
from agent.cli.exit_codes import ExitCode
from storage import errors

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
EXAMPLES: list[tuple[errors.ArchiveError, ExitCode]] = [
    (errors.ArchiveUnusable("a.sqlite3", "the disk is full"), ExitCode.ARCHIVE),
    (errors.SourceUnreadable("blobs/aa/aa", "Permission denied"), ExitCode.ARCHIVE),
    (errors.ArchiveMissing("a.sqlite3", "there is no archive"), ExitCode.ARCHIVE),
    (errors.ArchiveNewer("a.sqlite3", "newer", found="9", known="3"), ExitCode.ARCHIVE),
    (errors.ArchiveOutdated("a.sqlite3", "older", found="1", known="3"), ExitCode.ARCHIVE),
    (errors.ArchiveBusy("a.sqlite3"), ExitCode.BUSY),
    (errors.NotFound("case", "100"), ExitCode.USAGE),
    (errors.BlobDamaged(expected="aa", actual="bb"), ExitCode.DAMAGE),
    (errors.AccountBusy("main", "desk", 12, NOON, "backup", "token"), ExitCode.BUSY),
    (errors.TableUnreadable("a.xlsx", "not a workbook"), ExitCode.USAGE),
    (errors.HeadingsMissing("a.xlsx", "it is empty"), ExitCode.USAGE),
    (errors.PlaceTaken("copy"), ExitCode.USAGE),
    (errors.NoSpace("copy", needed=2_000_000, free=1), ExitCode.ARCHIVE),
    (errors.CopyUnusable("copy", ("archive.sqlite3: it is not what was copied",)), ExitCode.DAMAGE),
    (errors.Erased("case", "100", NOON), ExitCode.USAGE),
    (errors.EntriesOpen((7, 8)), ExitCode.USAGE),
    (errors.IllegalMove(7, "sent", "cancelled", submitted=True), ExitCode.USAGE),
    (errors.ReasonNeeded(7), ExitCode.USAGE),
    (errors.SettleFirst(7), ExitCode.USAGE),
    (errors.AlreadyQueued(7, "queued"), ExitCode.USAGE),
    (errors.ConversationBusy(7, 3, "held"), ExitCode.BUSY),
    (errors.ClaimLost(7, "queued"), ExitCode.BUSY),
    (errors.StaleApproval(7, expected="aa", actual="bb"), ExitCode.USAGE),
    (errors.ThreadNotArchived((7, 8)), ExitCode.USAGE),
]
#: Our own mistakes: a person is told that they are bugs.
BUGS = {errors.NaiveTime, errors.DuplicateMessage}


def every_error(root: type[errors.ArchiveError]) -> Iterator[type[errors.ArchiveError]]:
    for each in root.__subclasses__():
        yield each
        yield from every_error(each)


@pytest.mark.parametrize(("error", "code"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_archive_error_is_told_with_its_code(error: errors.ArchiveError, code: ExitCode) -> None:
    """The text is for a person: no class name, and a next step."""
    told = explain(error)

    assert code == told.code
    assert told.next
    assert type(error).__name__ not in f"{told.what} {told.next} {told.where}"


def test_no_archive_error_is_forgotten() -> None:
    """An error that is added to the archive without a text fails here."""
    known = {type(error) for error, _ in EXAMPLES}

    assert BUGS == set(every_error(errors.ArchiveError)) - known - {errors.OutboxError}
