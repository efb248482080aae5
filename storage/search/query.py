"""What a person typed -> an expression of the full-text index. Pure; whatever is typed, it is no syntax error.

Words are joined by "and"; "quoted words" stand together in that order; -word excludes; word* is a beginning. A word is
what stands between spaces: parts of it in Latin and in Chinese follow each other as they were typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from storage.search.tokens import account_token
from storage.search.tokens import normal
from storage.search.tokens import phrase
from storage.search.tokens import segments

#: More terms are left out: an accidental paste of a page must not become a query of a thousand terms.
MOST_TERMS = 32

_QUOTES = str.maketrans("“”„‟«»「」『』", '"' * 10)
_TERM = re.compile(r'(?P<exclude>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to find: a word or a quote, in its normal form. `prefix`: its last Latin word is a beginning."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    wanted: tuple[Term, ...]
    excluded: tuple[Term, ...]


def parse(typed: str) -> Query:
    wanted: list[Term] = []
    excluded: list[Term] = []
    for match in _TERM.finditer(normal(typed).translate(_QUOTES)):
        text = match["word"] if match["phrase"] is None else match["phrase"]
        parts = list(segments(text))
        if parts:
            is_prefix = match["phrase"] is None and text.endswith("*") and not parts[-1][1]
            (excluded if match["exclude"] else wanted).append(Term(text.strip(), is_prefix))
    return Query(tuple(wanted[:MOST_TERMS]), tuple(excluded[:MOST_TERMS]))


def expression(query: Query, account: str | None = None) -> str | None:
    """The index's expression, or `None` when nothing is wanted: an exclusion alone finds nothing."""
    if not query.wanted:
        return None
    found = f"{{subject body}} : ({_joined(query.wanted, ' AND ')})"
    if account is not None:
        found = f'scope : "{account_token(account)}" AND ({found})'
    if query.excluded:
        found = f"({found}) NOT ({{subject body}} : ({_joined(query.excluded, ' OR ')}))"
    return found


def _joined(terms: Sequence[Term], operator: str) -> str:
    return operator.join(_string(term) for term in terms)


def _string(term: Term) -> str:
    tokens, is_beginning = phrase(term.text)
    # `parse` cuts at quotes: none is left inside a term.
    return f'"{tokens}"{" *" if term.prefix or is_beginning else ""}'
