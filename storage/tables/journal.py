"""Runs and what happened in them, per-account state, and the archive's own identity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from storage.tables.columns import Base
from storage.tables.columns import Json
from storage.tables.columns import UtcDateTime
from storage.tables.columns import table_of


class RunRow(Base, table=True):
    __tablename__ = "runs"
    __table_args__ = (Index(None, "account", "started_at"),)

    id: str = Field(primary_key=True)
    account: str
    scope: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = None
    numbers: dict[str, Any] = Field(sa_type=Json)
    host: str
    pid: int
    process_started_at: datetime = Field(sa_type=UtcDateTime)


class CertificateRow(Base, table=True):
    __tablename__ = "certificates"

    run_id: str = Field(primary_key=True, foreign_key="runs.id")
    tab: str = Field(primary_key=True)
    listed: int
    total: int | None = None
    ok: bool
    at: datetime = Field(sa_type=UtcDateTime)


class PageReadRow(Base, table=True):
    __tablename__ = "page_reads"
    __table_args__ = (Index(None, "run_id"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="runs.id")
    at: datetime = Field(sa_type=UtcDateTime)
    url: str
    page_kind: str
    lane: str
    engine: str
    verdict: str
    milliseconds: int


class RecoveryAttemptRow(Base, table=True):
    """Written before the attempt is made; `result` stays empty when the process died in it."""

    __tablename__ = "recovery_attempts"
    __table_args__ = (Index(None, "run_id"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="runs.id")
    at: datetime = Field(sa_type=UtcDateTime)
    url: str
    verdict: str
    rung: str
    engine: str
    engine_version: str
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    result: str | None = None


class EvidenceRow(Base, table=True):
    __tablename__ = "evidence"
    __table_args__ = (Index(None, "run_id"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="runs.id")
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    url: str
    path: str
    sha256: str
    case_id: str | None = None
    attempt_id: int | None = Field(default=None, foreign_key="recovery_attempts.id")
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class EnvironmentRow(Base, table=True):
    """The start environment that cured an account's pages, until it expires."""

    __tablename__ = "environments"

    account: str = Field(primary_key=True)
    environment: str
    verdict: str
    run_id: str = Field(foreign_key="runs.id")
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)


class SignInRow(Base, table=True):
    """Written before a password is submitted; `outcome` stays empty when the process died in it."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "account", "at"), Index(None, "run_id"))

    id: int | None = Field(default=None, primary_key=True)
    account: str
    run_id: str | None = Field(default=None, foreign_key="runs.id")
    at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = None


class AccountStateRow(Base, table=True):
    __tablename__ = "account_states"

    account: str = Field(primary_key=True)
    state: str
    reason: str
    since: datetime = Field(sa_type=UtcDateTime)
    code_step: int | None = None


class AccountLockRow(Base, table=True):
    __tablename__ = "account_locks"

    account: str = Field(primary_key=True)
    token: str
    host: str
    pid: int
    process_started_at: datetime = Field(sa_type=UtcDateTime)
    purpose: str
    acquired_at: datetime = Field(sa_type=UtcDateTime)


class AuditRow(Base, table=True):
    """What a person decided, or what was done to the archive itself; append-only."""

    __tablename__ = "audits"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    action: str
    subject: str
    reason: str


class ErasureRow(Base, table=True):
    """What a person erased: a whole account, a case, or a message. The stub that keeps it from coming back.

    `finished_at`: no byte of it is left in the archive's files. `lifted_at`: an account that is backed up again.
    """

    __tablename__ = "erasures"
    __table_args__ = (Index(None, "account", "case_id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    reason: str
    account: str
    case_id: str | None = None
    message_id: str | None = None
    numbers: dict[str, Any] = Field(sa_type=Json)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class IdentityRow(Base, table=True):
    """One row. `generation` counts the submits, so that a rolled-back file is recognised."""

    __tablename__ = "archive_identity"

    archive_id: str = Field(primary_key=True)
    instance_id: str
    generation: int
    created_at: datetime = Field(sa_type=UtcDateTime)


runs = table_of(RunRow)
certificates = table_of(CertificateRow)
page_reads = table_of(PageReadRow)
recovery_attempts = table_of(RecoveryAttemptRow)
evidence = table_of(EvidenceRow)
environments = table_of(EnvironmentRow)
sign_ins = table_of(SignInRow)
account_states = table_of(AccountStateRow)
account_locks = table_of(AccountLockRow)
audits = table_of(AuditRow)
erasures = table_of(ErasureRow)
archive_identity = table_of(IdentityRow)
