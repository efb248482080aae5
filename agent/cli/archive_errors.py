"""What the archive's errors mean to a person; `explain` from here knows those of `agent.cli.errors` as well."""

from __future__ import annotations

import socket

from agent.cli.errors import Explanation
from agent.cli.errors import explain
from agent.cli.errors import gone_for_good
from agent.cli.exit_codes import ExitCode
from storage import errors

__all__ = ["explain"]


@explain.register
def _(error: errors.ArchiveUnusable) -> Explanation:
    return Explanation(
        ExitCode.ARCHIVE,
        f"The archive cannot be used: {error.reason}.",
        _next_step(error.reason),
        (error.path,),
    )


#: What to do about the reasons of `storage.database.UNUSABLE`, and about those that the system gives for a file.
STEPS = {
    "not a SQLite database": "Put back a copy with: caselog archive restore",
    "the database is damaged": "See what is damaged with: caselog verify. "
    "Put back a copy with: caselog archive restore",
    "it cannot be written to": "Mend the rights of the file and its folder, or mount the disk writable. "
    "Nothing was written.",
    "the disk is full": "Make room, then run the command again: what was stored before is whole.",
    "No space left on device": "Make room, then run the command again: what was stored before is whole.",
    "the disk reported an error": "Check the disk, then run: caselog verify",
    "it cannot be opened": "Mend the rights of the file and its folder, or run caselog as their owner.",
    "access is denied": "Mend the rights of the file and its folder, or run caselog as their owner.",
    "it is a folder, not a database file": "Move the folder away, or put back a copy with: caselog archive restore",
}


def _next_step(reason: str) -> str:
    return STEPS.get(reason, "Look at the file or folder; what caselog reads and writes, and where: caselog where")


@explain.register
def _(error: errors.ArchiveMissing) -> Explanation:
    return Explanation(
        ExitCode.ARCHIVE,
        "There is no archive yet.",
        "Make the first backup with: caselog backup",
        (error.path,),
    )


@explain.register
def _(error: errors.ArchiveNewer) -> Explanation:
    return Explanation(
        ExitCode.ARCHIVE,
        f"The archive was written by a newer caselog (schema {error.found}, this one knows {error.known}).",
        "Install the newer caselog. The archive was left as it is.",
        (error.path,),
    )


@explain.register
def _(error: errors.ArchiveOutdated) -> Explanation:
    return Explanation(
        ExitCode.ARCHIVE,
        f"The archive was written by an older caselog (schema {error.found}).",
        "Bring it up to date (a copy is taken first) with: caselog archive upgrade",
        (error.path,),
    )


@explain.register
def _(error: errors.ArchiveBusy) -> Explanation:
    return Explanation(
        ExitCode.BUSY,
        "Another process writes to the archive and did not finish in time. Nothing was written.",
        "Run the command again.",
        (error.path,),
    )


@explain.register
def _(error: errors.NotFound) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        f"The archive holds no {error.what} {error.key!r}.",
        "See what there is with: caselog cases list, caselog outbox list, caselog status",
    )


@explain.register
def _(error: errors.AccountBusy) -> Explanation:
    return Explanation(
        ExitCode.BUSY,
        f"Another process works on the account {error.account} ({error.purpose}).",
        "Wait until it has finished." + gone_for_good(error.account, elsewhere=error.host != socket.gethostname()),
        (f"{error.host}, process {error.pid}, since {error.process_started_at:%Y-%m-%d %H:%M:%S} UTC",),
    )


@explain.register
def _(error: errors.BlobDamaged) -> Explanation:
    return Explanation(
        ExitCode.DAMAGE,
        "The content of a file is not what its hash says.",
        "See everything that is damaged with: caselog verify",
        (f"expected sha256 {error.expected}", f"found sha256 {error.actual}"),
    )


@explain.register
def _(error: errors.TableUnreadable) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        f"The file cannot be read: {error.reason}.",
        "A file to fill in is written by: caselog outbox sheet",
        (error.path,),
    )


@explain.register
def _(error: errors.IllegalMove) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        f"Entry {error.entry_id} is {error.source} and cannot become {error.target} by this.",
        f"See its history and what can be done with: caselog outbox show {error.entry_id}",
    )


@explain.register
def _(error: errors.ReasonNeeded) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        f"Entry {error.entry_id} is held, and a decision on it needs a reason.",
        "Say with --reason why it may be changed.",
    )


@explain.register
def _(error: errors.SettleFirst) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        f"Entry {error.entry_id} was submitted once, so it may be in the thread already.",
        "Settle it first; this asks what has to be asked: "
        f"caselog outbox resolve {error.entry_id} --as draft --reason ...",
    )


@explain.register
def _(error: errors.AlreadyQueued) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        f"The same text for the same case is there already: entry {error.entry_id} ({error.status}). "
        "Nothing was added.",
        "If it really is to be said twice, add it with --again.",
    )


@explain.register
def _(error: errors.ConversationBusy) -> Explanation:
    return Explanation(
        ExitCode.BUSY,
        f"Entry {error.entry_id} has to wait: entry {error.blocked_by} of the same case is {error.status}.",
        f"Settle that one first: caselog outbox show {error.blocked_by}",
    )


@explain.register
def _(error: errors.ClaimLost) -> Explanation:
    return Explanation(
        ExitCode.BUSY,
        f"Entry {error.entry_id} was taken over by another process and is {error.status}.",
        f"See what became of it with: caselog outbox show {error.entry_id}",
    )


@explain.register
def _(error: errors.StaleApproval) -> Explanation:
    what = "The batch" if error.entry_id is None else f"Entry {error.entry_id}"
    return Explanation(
        ExitCode.USAGE,
        f"{what} is not what was shown: text, files or threads changed since. Nothing was approved.",
        "Look at it again, then approve what is shown then.",
        (f"shown: {error.expected}", f"now: {error.actual}"),
    )


@explain.register
def _(error: errors.ThreadNotArchived) -> Explanation:
    entries = ", ".join(str(each) for each in error.entry_ids)
    return Explanation(
        ExitCode.USAGE,
        f"Nobody can approve a reply to a thread that was never read (entries {entries}). Nothing was approved.",
        "Read the cases first with: caselog backup ACCOUNT --case CASE",
    )


@explain.register
def _(error: errors.PlaceTaken) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        "Something lies there already, and caselog overwrites nothing.",
        "Name a folder that is not there yet, or is empty.",
        (error.path,),
    )


@explain.register
def _(error: errors.NoSpace) -> Explanation:
    return Explanation(
        ExitCode.ARCHIVE,
        f"The disk is too full: {_megabytes(error.needed)} are needed, {_megabytes(error.free)} are free. "
        "Nothing was written.",
        "Make room, or name a folder on another disk.",
        (error.path,),
    )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


@explain.register
def _(error: errors.CopyUnusable) -> Explanation:
    return Explanation(
        ExitCode.DAMAGE,
        "This is not a whole copy of an archive. Nothing was restored.",
        "Use another copy; folders named .incomplete are copies that were broken off.",
        (error.path, *error.problems),
    )


@explain.register
def _(error: errors.Erased) -> Explanation:
    return Explanation(
        ExitCode.USAGE,
        f"The {error.what} {error.key} was erased on {error.at:%Y-%m-%d}; its content is gone for good.",
        "Who erased what, and why, is shown by: caselog archive erasures",
    )


@explain.register
def _(error: errors.EntriesOpen) -> Explanation:
    entries = ", ".join(str(each) for each in error.entry_ids)
    return Explanation(
        ExitCode.USAGE,
        f"Replies that are not settled yet belong to it: entries {entries}. Nothing was erased.",
        "Settle them first with: caselog outbox cancel, caselog outbox resolve",
    )
