"""What happened: runs, pages read, recovery attempts, evidence, sign-ins, and what people decided."""

from storage.journal.model import Certificate
from storage.journal.model import Run
from storage.journal.model import RunOutcome
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
    "Certificate",
    "Run",
    "RunOutcome",
    "certificates_of",
    "finish_run",
    "get_run",
    "iterate_runs",
    "last_certificates",
    "last_complete_run",
    "list_runs",
    "record_certificate",
    "start_run",
]
