"""A short piece of a text with the places that match. Pure; drawn by whoever shows it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from storage.search.query import Term
from storage.search.tokens import segments

#: Characters of a snippet, and how many of them stand before the first match.
LENGTH = 180
BEFORE = 40

_SEPARATOR = r"[\W_]+"
_END = r"(?![a-z0-9])"


@dataclass(frozen=True, slots=True)
class Snippet:
    """`marks` are half-open ranges in `text`, in order, not overlapping."""

    text: str
    marks: tuple[tuple[int, int], ...]


def snippet(text: str, terms: Sequence[Term], *, length: int | None = LENGTH) -> Snippet:
    """The piece of `text` round its first match; the whole of it when `length` is `None`."""
    line = " ".join(text.split())
    marks = _marks(line, terms)
    if length is None or len(line) <= length:
        return Snippet(line, marks)
    start = _start(line, marks, length)
    end = min(len(line), start + length)
    head = "…" if start else ""
    tail = "…" if end < len(line) else ""
    shift = len(head) - start
    kept = tuple((max(a, start) + shift, min(b, end) + shift) for a, b in marks if a < end and b > start)
    return Snippet(f"{head}{line[start:end]}{tail}", kept)


def _start(line: str, marks: Sequence[tuple[int, int]], length: int) -> int:
    if not marks:
        return 0
    start = max(0, min(marks[0][0] - BEFORE, len(line) - length))
    # Begin with a whole word where one begins nearby.
    space = line.find(" ", start, max(start, marks[0][0]))
    return space + 1 if start and space >= 0 else start


def _marks(line: str, terms: Sequence[Term]) -> tuple[tuple[int, int], ...]:
    folded, places = _fold(line)
    found: list[tuple[int, int]] = []
    for term in terms:
        pattern = _pattern(term)
        if pattern is not None:
            found += [(places[match.start()], places[match.end() - 1] + 1) for match in pattern.finditer(folded)]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _pattern(term: Term) -> re.Pattern[str] | None:
    """The term's parts as they follow each other; between Latin and CJK nothing needs to stand."""
    parts = [_cjk(part) if is_cjk else _latin(part) for part, is_cjk in segments(term.text)]
    body = r"[\W_]*".join(part for part in parts if part)
    if term.prefix:
        body = body.removesuffix(_END) + r"[^\W_]*"
    return re.compile(body) if body else None


def _cjk(run: str) -> str:
    return re.escape(_fold(run)[0])


def _latin(text: str) -> str:
    words = [re.escape(word) for word in re.split(_SEPARATOR, _fold(text)[0]) if word]
    # No lookaround for separators inside CJK text: a Latin word may touch it on both sides.
    return f"(?<![a-z0-9]){_SEPARATOR.join(words)}{_END}" if words else ""


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """The text as the index compares it, and for each of its characters the place that it came from."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character < "\x80":
            folded.append(character.lower())
            places.append(place)
            continue
        for part in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character)):
            if not unicodedata.combining(part):
                lowered = part.lower()
                folded.append(lowered)
                places += [place] * len(lowered)
    return "".join(folded), places
