"""Which CSS selectors a profile may use: those that mean the same to the parser (lexbor) and to every browser.

State pseudo-classes are refused although both sides parse them: a saved page has no state, so they would
silently select nothing (or something else) when evidence is read again.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser
from selectolax.lexbor import SelectolaxError

#: Pseudo-classes that depend on the tree alone.
PSEUDO_CLASSES = frozenset(
    {
        "empty", "first-child", "first-of-type", "has", "is", "last-child", "last-of-type", "not", "nth-child",
        "nth-last-child", "nth-last-of-type", "nth-of-type", "only-child", "only-of-type", "root", "where",
    }
)  # fmt: skip

_QUOTED_OR_BRACKETED = re.compile(r"""\\.|"[^"]*"|'[^']*'|\[(?:"[^"]*"|'[^']*'|[^\]"'])*\]""")
_BARE_PSEUDO = re.compile(rf"(?P<kept>{_QUOTED_OR_BRACKETED.pattern})|(?P<before>^\s*|[\s>+~,(]):(?!:)")
_PSEUDO = re.compile(r"(::?)([\w-]+)")


@lru_cache(maxsize=4096)
def for_parser(selector: str) -> str:
    """The same selector as lexbor has to be told it.

    A compound that begins with a pseudo-class loses matches there when a combinator follows (`:has(b) span` finds
    nothing), one that begins with `*` does not; every browser takes both for the same.
    """
    return _BARE_PSEUDO.sub(lambda match: match[0] if match["kept"] else f"{match['before']}*:", selector)


@lru_cache(maxsize=4096)
def selector_problem(selector: str) -> str | None:
    """Say what is wrong with a selector, `None` when it can be used."""
    bare = _QUOTED_OR_BRACKETED.sub("", selector)
    for colons, name in _PSEUDO.findall(bare):
        if colons == "::" or name.lower() not in PSEUDO_CLASSES:
            return f"{colons}{name} is not among the pseudo-classes that work on a live and on a saved page alike"
    if "||" in bare or "|" in bare:
        return "namespaces and column combinators do not work alike in every browser"
    if bare.lstrip()[:1] in {">", "+", "~"}:
        return "a selector cannot begin with a combinator"
    try:
        LexborHTMLParser("<p></p>").css(selector)
    except SelectolaxError:
        return "not a CSS selector"
    return None
