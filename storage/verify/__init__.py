"""Does the archive keep its promises? Hashes, files, orphans, and the invariants of journal and outbox."""

from storage.verify.check import examine
from storage.verify.check import verify
from storage.verify.model import Checked
from storage.verify.model import Fault
from storage.verify.model import Finding
from storage.verify.model import Part
from storage.verify.model import Remedy

__all__ = [
    "Checked",
    "Fault",
    "Finding",
    "Part",
    "Remedy",
    "examine",
    "verify",
]
