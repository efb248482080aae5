"""Texts from a portal as a terminal may get them: it shows them and obeys nothing in them. Pure.

Control characters (escape sequences, carriage returns, the C1 range) and invisible ones (direction overrides, marks)
become spaces, one for one, so that places in the text stay what they were.
"""

from __future__ import annotations


def printable(value: object) -> str:
    """The value on one line."""
    text = "" if value is None else str(value)
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def printable_lines(text: str) -> str:
    """The text with its line feeds."""
    return "\n".join(map(printable, text.split("\n")))
