"""Does the archive keep its promises? Hashes, files, orphans, and the invariants of journal and outbox."""

from storage.verify.check import verify
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Remedy

__all__ = [
    "Fault",
    "Finding",
    "Remedy",
    "verify",
]
