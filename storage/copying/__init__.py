"""The archive as a whole in a second place: copied while it is used, put back, moved to another disk."""

from storage.copying.copy import Copied
from storage.copying.copy import copy_archive
from storage.copying.known import KnownCopy
from storage.copying.known import known_copies
from storage.copying.restore import Restored
from storage.copying.restore import restore_archive

__all__ = [
    "Copied",
    "KnownCopy",
    "Restored",
    "copy_archive",
    "known_copies",
    "restore_archive",
]
