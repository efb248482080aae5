"""What a person typed -> an expression of the full-text index. Pure; whatever is typed, it is no syntax error.

Words are joined by "and"; "quoted words" stand together in that order; -word excludes; word* is a beginning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from storage.search.tokens import account_token
from storage.search.tokens import bigrams
from storage.search.tokens import normal
from storage.search.tokens import segments

#: More terms are left out: an accidental paste of a page must not become a query of a thousand terms.
MOST_TERMS = 32

_QUOTES = str.maketrans("“”„‟«»「」『』", '"' * 10)
_TERM = re.compile(r'(?P<exclude>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to find. `text` is a CJK run or words that follow each other; `prefix`: the last one is a beginning."""

    text: str
    is_cjk: bool
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
        target = excluded if match["exclude"] else wanted
        target += _terms(text, prefix=match["phrase"] is None and text.endswith("*"))
    return Query(tuple(wanted[:MOST_TERMS]), tuple(excluded[:MOST_TERMS]))


def _terms(text: str, *, prefix: bool) -> list[Term]:
    terms = [Term(part.strip(), is_cjk) for part, is_cjk in segments(text)]
    if prefix and terms and not terms[-1].is_cjk:
        terms[-1] = Term(terms[-1].text, is_cjk=False, prefix=True)
    return terms


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
    if not term.is_cjk:
        text, prefix = term.text, term.prefix
    else:
        # A single character is the beginning of every bigram that it begins, and stands alone at a run's end.
        text, prefix = bigrams(term.text), len(term.text) == 1
    # `parse` cuts at quotes: none is left inside a term.
    return f'"{text}"{" *" if prefix else ""}'
