"""What can go wrong inside the archive. Errors carry data; text for people is made at the command line.

ArchiveError
|- ArchiveUnusable          nothing can be read or written until a person acts
|  |- ArchiveMissing        no archive lies there
|  |- SourceUnreadable      a file that was to be copied cannot be read
|  |- ArchiveNewer          written by a newer caselog: refused, never downgraded
|  `- ArchiveOutdated       refused until `upgrade` is called
|- ArchiveBusy              another writer held the lock for too long: try again
|- NotFound                 no such case, entry, run, blob ...
|- DuplicateMessage         a thread names the same message twice: the extractor is wrong
|- NaiveTime                a time without a zone was to be stored
|- BlobDamaged              a content does not have the hash that names it
|- AccountBusy              another process holds the account
|- TableUnreadable          a workbook or CSV file that cannot be read as a whole
|- PlaceTaken               something lies where a new folder was to be made
|- NoSpace                  the disk has no room for what was to be written
|- CopyUnusable             no copy, or not the one that was made: nothing was restored
|- Erased                   a person erased it
|- EntriesOpen              replies that are not settled yet stand against an erasure
`- OutboxError
   |- IllegalMove           the entry is not in a state from which this move is allowed
   |- AlreadyQueued         the same key is queued or sent already: nothing was added
   |- ConversationBusy      another entry of the conversation is in flight or unresolved
   |- ClaimLost             the claim token is no longer the entry's
   |- StaleApproval         text, attachments or thread differ from what the approver saw
   `- ThreadNotArchived     approval needs a thread that the archive does not hold yet
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields
from datetime import datetime


@dataclass(eq=False)
class ArchiveError(Exception):
    """Root of the archive's errors."""

    def __str__(self) -> str:
        return ", ".join(f"{item.name}={getattr(self, item.name)!r}" for item in fields(self))


@dataclass(eq=False)
class ArchiveUnusable(ArchiveError):
    """The archive cannot be used; `reason` is one clause in English, `path` the file or folder to look at."""

    path: str
    reason: str


class ArchiveMissing(ArchiveUnusable):
    """No archive lies at `path`, and none was to be created."""


class SourceUnreadable(ArchiveUnusable):
    """The file at `path` was to be copied and cannot be read; where it was to go is not at fault."""


@dataclass(eq=False)
class ArchiveNewer(ArchiveUnusable):
    """A newer caselog wrote this archive; this one would not understand it."""

    found: str
    known: str


@dataclass(eq=False)
class ArchiveOutdated(ArchiveUnusable):
    """An older caselog wrote this archive; `migrations.upgrade` brings it up to date."""

    found: str
    known: str


@dataclass(eq=False)
class ArchiveBusy(ArchiveError):
    """The write lock was not free within the time-out; nothing was written."""

    path: str


@dataclass(eq=False)
class NotFound(ArchiveError):
    """`what` names the kind of thing ("case", "entry", ...), `key` the one that is not there."""

    what: str
    key: str


@dataclass(eq=False)
class DuplicateMessage(ArchiveError):
    """Two messages of one thread have the same id; nothing of the case was stored."""

    case_id: str
    message_id: str


@dataclass(eq=False)
class NaiveTime(ArchiveError):
    """A time without a zone is a guess, and guesses are not stored."""

    value: datetime


@dataclass(eq=False)
class BlobDamaged(ArchiveError):
    """The content's hash is `actual`, its name or its sender said `expected`."""

    expected: str
    actual: str


@dataclass(eq=False)
class AccountBusy(ArchiveError):
    """Another process holds the account; whether that one still lives is for the caller to find out."""

    account: str
    host: str
    pid: int
    process_started_at: datetime
    purpose: str
    token: str


@dataclass(eq=False)
class TableUnreadable(ArchiveError):
    """A file with rows cannot be read at all: not a workbook, too large, no known encoding, columns missing."""

    path: str
    reason: str


class HeadingsMissing(TableUnreadable):
    """This sheet is not the table; another one of the same file may be."""


@dataclass(eq=False)
class PlaceTaken(ArchiveError):
    """There is something at `path`, and nothing is overwritten."""

    path: str


@dataclass(eq=False)
class NoSpace(ArchiveError):
    """The disk of `path` has `free` bytes, `needed` are wanted; nothing was written."""

    path: str
    needed: int
    free: int


@dataclass(eq=False)
class CopyUnusable(ArchiveError):
    """What lies at `path` is no whole copy: `problems` names the files."""

    path: str
    problems: tuple[str, ...]


@dataclass(eq=False)
class Erased(ArchiveError):
    """The case or account was erased at `at`; only its stub is left."""

    what: str
    key: str
    at: datetime


@dataclass(eq=False)
class EntriesOpen(ArchiveError):
    """These outbox entries are not settled: erased, they could be sent empty, or twice."""

    entry_ids: tuple[int, ...]


class OutboxError(ArchiveError):
    """Root of the outbox's refusals: whatever is raised below it, nothing was changed."""


@dataclass(eq=False)
class IllegalMove(OutboxError):
    """The entry is in `source`, from where (submitted or not) `target` cannot be reached."""

    entry_id: int
    source: str
    target: str
    submitted: bool


@dataclass(eq=False)
class ReasonNeeded(OutboxError):
    """The entry is held; what a person decides on it goes into its history with a reason."""

    entry_id: int


@dataclass(eq=False)
class SettleFirst(OutboxError):
    """The entry is held after it was submitted: only `resolve`, which asks what has to be asked, takes it back."""

    entry_id: int


@dataclass(eq=False)
class AlreadyQueued(OutboxError):
    """The same account, case, kind, text, files and batch: `entry_id` holds that draft and is in `status`."""

    entry_id: int
    status: str


@dataclass(eq=False)
class ConversationBusy(OutboxError):
    """`blocked_by` is in flight, unconfirmed, or held after it was submitted."""

    entry_id: int
    blocked_by: int
    status: str


@dataclass(eq=False)
class ClaimLost(OutboxError):
    """Somebody took the claim over, or the entry has moved on."""

    entry_id: int
    status: str


@dataclass(eq=False)
class StaleApproval(OutboxError):
    """What is to be approved is not what was shown; `entry_id` is `None` for a batch."""

    entry_id: int | None
    expected: str
    actual: str


@dataclass(eq=False)
class ThreadNotArchived(OutboxError):
    """These entries answer cases whose thread nobody has read yet."""

    entry_ids: tuple[int, ...]
