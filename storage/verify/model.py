"""What a check of the archive finds: what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One kind of damage."""

    DATABASE = "database"  #: SQLite's own check complains
    CONTENT = "content"  #: a stored content does not have its hash
    REVISION = "revision"  #: a case or message and its revisions do not fit together
    BLOB_MISSING = "blob_missing"  #: the database knows a content, the disk does not
    BLOB_DAMAGED = "blob_damaged"  #: a content on the disk does not have the hash that names it
    BLOB_UNKNOWN = "blob_unknown"  #: a content on the disk that the database does not know
    EVIDENCE = "evidence"  #: a file of evidence is missing or changed
    JOURNAL = "journal"  #: runs, certificates and times contradict each other
    OUTBOX = "outbox"  #: an entry and its history contradict each other
    SEARCH = "search"  #: the full-text index lacks rows


class Remedy(StrEnum):
    """What a person can do."""

    RESTORE = "restore"  #: put back a copy of the archive
    FULL_BACKUP = "full_backup"  #: read everything again: a new revision replaces what was lost at the portal
    REBUILD_SEARCH = "rebuild_search"  #: build the index again; nothing is lost
    NOTHING = "nothing"  #: harmless, left behind by a stopped run
    LOOK = "look"  #: look at the portal, then resolve the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as promised. `where` names it, `detail` says what was expected and what is there."""

    fault: Fault
    where: str
    detail: str
    remedy: Remedy
