"""The archive as a whole in a second place: copied while it is used, put back, moved to another disk."""

from storage.copying.copy import Copied
from storage.copying.copy import copy_archive
from storage.copying.known import KnownCopy
from storage.copying.known import known_copies
from storage.copying.move import Moved
from storage.copying.move import move_archive
from storage.copying.restore import Restored
from storage.copying.restore import restore_archive

__all__ = [
    "Copied",
    "KnownCopy",
    "Moved",
    "Restored",
    "copy_archive",
    "known_copies",
    "move_archive",
    "restore_archive",
]
