"""Names of files that other people chose -> names that are safe on every system. Pure.

What comes out is one plain name: no path, no device, no stream, nothing invisible, nothing that a file system would
cut or change. The archive keeps the name as the portal gave it; only what becomes a path passes through here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import count

#: In bytes of UTF-8, and so at most as many characters: what every file system takes, and short enough for Windows,
#: which counts the folders too.
LONGEST = 120

#: An ending longer than this is a part of the name.
_LONGEST_ENDING = 20

#: Separators, streams, wildcards and quotes of any system.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')

#: Windows opens the device whatever ending follows, also with superscript digits.
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9])\s*(\..*)?", re.IGNORECASE | re.DOTALL)


def safe_name(name: str, *, longest: int = LONGEST) -> str:
    """The name itself where it is safe, else one as near to it as can be."""
    plain = "".join(_plain(character) for character in _FORBIDDEN.sub("_", name)).strip(" ").rstrip(". ")
    # A name that begins with a dot is hidden, one that begins with a dash is an option to commands.
    plain = re.sub(r"^[.-]", "_", plain)
    if _DEVICE.fullmatch(unicodedata.normalize("NFKC", plain)):
        plain = f"_{plain}"
    return _shortened(plain, "", longest) or "file"


def safe_names(names: Iterable[str], *, longest: int = LONGEST) -> tuple[str, ...]:
    """A safe name for each, no two of which any file system would take for the same."""
    taken: set[str] = set()
    return tuple(_free(name, taken, longest) for name in names)


def is_safe(name: str, *, longest: int = 255) -> bool:
    """Whether a file of this name can lie in a folder of any system."""
    return safe_name(name, longest=longest) == name


def _free(name: str, taken: set[str], longest: int) -> str:
    plain = safe_name(name, longest=longest)
    tries = (plain if number == 1 else _shortened(plain, f" ({number})", longest) for number in count(1))
    found = next(each for each in tries if _key(each) not in taken)
    taken.add(_key(found))
    return found


def _key(name: str) -> str:
    """Equal for names that some file system does not tell apart: case, composed letters, widths."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _plain(character: str) -> str:
    if character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else "_"


def _shortened(name: str, number: str, longest: int) -> str:
    """The name with a number before its ending, cut in front of both when it is too long."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > _LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    tail = f"{number}{dot}{ending}"
    room = longest - len(tail.encode())
    kept = stem.encode()[:room].decode("utf-8", "ignore")
    return f"{kept}{tail}" if tail else kept.rstrip(". ")
