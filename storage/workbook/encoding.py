"""Which encoding a CSV file is in: UTF-8 and UTF-16 by their marks, UTF-8 by its form, GBK by its characters. Pure."""

from __future__ import annotations

import codecs

#: Share of the characters beyond ASCII that must be common Chinese for a text to count as GBK.
COMMON = 0.9

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes) -> str | None:
    """The text, or `None` when no encoding fits."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _try(content, name)
    text = _try(content, "utf-8")
    return _chinese(content) if text is None else text


def _chinese(content: bytes) -> str | None:
    # Almost any Western file "is" valid GB 18030 too, and comes out as rare characters. The common ones
    # are those of GB 2312.
    text = _try(content, "gb18030")
    if text is None:
        return None
    foreign = [character for character in text if character > "\x7f"]
    common = sum(_is_common(character) for character in foreign)
    return text if common >= COMMON * len(foreign) else None


def _is_common(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _try(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except UnicodeDecodeError:
        return None
