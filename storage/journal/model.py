"""What the journal holds: runs, certificates, pages, recovery attempts, evidence, sign-ins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.process import Holder
from storage.records import Tab


class RunOutcome(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"  #: a certificate for every tab, every planned case read
    PARTIAL = "partial"  #: what is archived is whole, but something is missing, or the run had a narrower scope
    FAILED = "failed"  #: nothing can be said about the portal's state
    INTERRUPTED = "interrupted"  #: the process died; found by the next run


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. `outcome` is `None` while it goes on, or after its process died and before anybody noticed."""

    run_id: str
    account: str
    scope: str
    started_at: datetime
    finished_at: datetime | None
    outcome: RunOutcome | None
    numbers: Mapping[str, Any]
    holder: Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a tab's listing proved. `total` is the portal's own count where it shows one."""

    tab: Tab
    listed: int
    total: int | None
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """One page that was read, by whichever lane, and what it turned out to be."""

    at: datetime
    url: str
    page_kind: str
    lane: str
    engine: str
    verdict: str
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryAttempt:
    """One rung. Journalled before it is made: `result` stays `None` when the process died in it."""

    attempt_id: int
    at: datetime
    url: str
    verdict: str
    rung: str
    engine: str
    engine_version: str
    finished_at: datetime | None
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A file that shows what was seen. `path` is relative to the archive's folder, with forward slashes."""

    at: datetime
    kind: str
    url: str
    path: str
    sha256: str
    case_id: str | None = None
    attempt_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The start environment that cured an account's pages, and until when it is worth starting with."""

    account: str
    environment: str
    verdict: str
    run_id: str
    since: datetime
    until: datetime


class AccountCondition(StrEnum):
    """What stands between an account and its next sign-in."""

    OK = "ok"
    LOCKED = "locked"  #: a password was refused: no other is submitted until a person unlocks the account
    NEEDS_CODE = "needs_code"  #: a code that only a person has
    NEEDS_PASSKEY = "needs_passkey"
    CHALLENGED = "challenged"  #: a CAPTCHA or another test for people
    WRONG_ACCOUNT = "wrong_account"  #: signed in, but as somebody else
    DENIED = "denied"  #: the portal refuses this user


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """`since` is `None` for an account that never signed in."""

    account: str
    condition: AccountCondition
    reason: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLock:
    """Who works on an account, and on what."""

    holder: Holder
    purpose: str
    token: str
    acquired_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One submitted password. Journalled before it is submitted: `outcome` stays `None` when the process died."""

    sign_in_id: int
    account: str
    run_id: str | None
    at: datetime
    finished_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What a person decided, or what was done to the archive itself."""

    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
