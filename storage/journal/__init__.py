"""What happened: runs, pages read, recovery attempts, evidence, sign-ins, locks, and what people decided."""

from storage.journal.accounts import NOT_SUBMITTED
from storage.journal.accounts import account_state
from storage.journal.accounts import begin_sign_in
from storage.journal.accounts import count_sign_ins
from storage.journal.accounts import end_sign_in
from storage.journal.accounts import list_sign_ins
from storage.journal.accounts import set_account_state
from storage.journal.accounts import unlock_account
from storage.journal.audit import audit
from storage.journal.audit import list_audits
from storage.journal.locks import account_lock
from storage.journal.locks import drop_lock
from storage.journal.locks import holds_account
from storage.journal.locks import lock_account
from storage.journal.locks import release_account
from storage.journal.model import AccountCondition
from storage.journal.model import AccountLock
from storage.journal.model import AccountState
from storage.journal.model import Audit
from storage.journal.model import Certificate
from storage.journal.model import Environment
from storage.journal.model import Evidence
from storage.journal.model import PageRead
from storage.journal.model import RecoveryAttempt
from storage.journal.model import Run
from storage.journal.model import RunOutcome
from storage.journal.model import SignIn
from storage.journal.pages import begin_recovery
from storage.journal.pages import end_recovery
from storage.journal.pages import evidence_of
from storage.journal.pages import failed_reads
from storage.journal.pages import forget_environment
from storage.journal.pages import pages_of
from storage.journal.pages import record_evidence
from storage.journal.pages import record_pages
from storage.journal.pages import recoveries_of
from storage.journal.pages import remember_environment
from storage.journal.pages import start_environment
from storage.journal.runs import certificates_of
from storage.journal.runs import finish_run
from storage.journal.runs import get_run
from storage.journal.runs import iterate_runs
from storage.journal.runs import last_certificates
from storage.journal.runs import last_complete_run
from storage.journal.runs import list_runs
from storage.journal.runs import record_certificate
from storage.journal.runs import start_run

__all__ = [
    "NOT_SUBMITTED",
    "AccountCondition",
    "AccountLock",
    "AccountState",
    "Audit",
    "Certificate",
    "Environment",
    "Evidence",
    "PageRead",
    "RecoveryAttempt",
    "Run",
    "RunOutcome",
    "SignIn",
    "account_lock",
    "account_state",
    "audit",
    "begin_recovery",
    "begin_sign_in",
    "certificates_of",
    "count_sign_ins",
    "drop_lock",
    "end_recovery",
    "end_sign_in",
    "evidence_of",
    "failed_reads",
    "finish_run",
    "forget_environment",
    "get_run",
    "holds_account",
    "iterate_runs",
    "last_certificates",
    "last_complete_run",
    "list_audits",
    "list_runs",
    "list_sign_ins",
    "lock_account",
    "pages_of",
    "record_certificate",
    "record_evidence",
    "record_pages",
    "recoveries_of",
    "release_account",
    "remember_environment",
    "set_account_state",
    "start_environment",
    "start_run",
    "unlock_account",
]
