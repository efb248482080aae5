"""What a check of the archive finds: what is wrong, where, and what to do about it; and what was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One kind of damage."""

    DATABASE = "database"  #: SQLite's own check complains, or a part cannot be read to its end
    VALUE = "value"  #: a value is not of its column's kind
    CONTENT = "content"  #: a stored content does not have its hash
    REVISION = "revision"  #: a case or message and its revisions do not fit together
    BLOB_MISSING = "blob_missing"  #: the database knows a content, the disk does not
    BLOB_DAMAGED = "blob_damaged"  #: a content on the disk does not have the hash that names it
    BLOB_UNKNOWN = "blob_unknown"  #: a content that nothing refers to
    ERASED = "erased"  #: something that a person erased is still there
    EVIDENCE = "evidence"  #: a file of evidence is missing, changed or unknown
    JOURNAL = "journal"  #: runs, certificates, absences and times contradict each other
    OUTBOX = "outbox"  #: an entry, its history and its hashes contradict each other
    SEARCH = "search"  #: the full-text index lacks rows or is damaged


class Remedy(StrEnum):
    """What a person can do."""

    RESTORE = "restore"  #: put back a copy of the archive
    FETCH = "fetch"  #: back up again: the portal still showed it at the last look
    REBUILD_SEARCH = "rebuild_search"  #: build the index again; nothing is lost
    NOTHING = "nothing"  #: harmless, left behind by a stopped run
    LOOK = "look"  #: look at the portal, then resolve the entry
    ERASE = "erase"  #: erase it again


class Part(StrEnum):
    """What is checked by itself: damage of one part says nothing about the others."""

    DATABASE = "database"
    CASES = "cases"
    MESSAGES = "messages"
    ATTACHMENTS = "attachments"
    FILES = "files"
    EVIDENCE = "evidence"
    SEARCH = "search"
    JOURNAL = "journal"
    OUTBOX = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as promised. `where` names it, `detail` says what was expected and what is there."""

    fault: Fault
    where: str
    detail: str
    remedy: Remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A part after its check. `count`: how many things of it there are, `None` where nobody can tell any more."""

    part: Part
    count: int | None
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing of it is damaged; what a stopped run left behind is no damage."""
        return all(finding.remedy is Remedy.NOTHING for finding in self.findings)
