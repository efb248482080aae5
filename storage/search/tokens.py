"""Text for the full-text index. Pure.

SQLite's tokenizer cuts at what is neither letter nor digit, so that a run of Chinese or Japanese would be one word.
Such runs are replaced by their bigrams (a run's last character stands alone too, for queries of one character):
退款処理 becomes 退款 款処 処理 理.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Han, kana, bopomofo, Hangul, with the marks that stand inside their words.
CJK = (
    r"\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f"
    r"\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
#: A phrase costs time for each of its words.
MOST_WORDS = 64

CJK_RUN = re.compile(f"[{CJK}]+")
_SEGMENT = re.compile(f"[{CJK}]+|[^{CJK}]+")


def normal(text: str) -> str:
    """One form for the many of a character (full width, composed); what no index can hold becomes a space."""
    clean = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFKC", clean)


def index_text(text: str) -> str:
    """What to index for `text`."""
    return CJK_RUN.sub(lambda run: f" {bigrams(run[0])} {run[0][-1]} ", normal(text))


def bigrams(run: str) -> str:
    """`abcd` -> `ab bc cd`; a single character stays alone."""
    return " ".join(run[place : place + 2] for place in range(max(1, len(run) - 1)))


def phrase(text: str) -> tuple[str, bool]:
    """The index's own tokens for a normal text, as they follow each other wherever it stands in a longer one.

    At its two ends the text may go on: a run's last character does not stand alone there, and where a run of one
    character ends it, that one is only a token's beginning (true). Of a long text the beginning is enough.
    """
    parts = list(segments(text))
    tokens: list[str] = []
    for place, (part, is_cjk) in enumerate(parts):
        is_first, is_last = place == 0, place == len(parts) - 1
        tokens.append(bigrams(part) if is_cjk else part.strip())
        if is_cjk and not is_last and (len(part) > 1 or not is_first):
            tokens.append(part[-1])
    words = " ".join(tokens).split()
    is_beginning = bool(parts) and parts[-1][1] and len(parts[-1][0]) == 1 and len(words) <= MOST_WORDS
    return " ".join(words[:MOST_WORDS]), is_beginning


def segments(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a normal text, each with whether it is a CJK run; parts without any word are left out."""
    for part in _SEGMENT.findall(text):
        is_cjk = CJK_RUN.match(part) is not None
        if is_cjk or has_word(part):
            yield part, is_cjk


def has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def account_token(account: str) -> str:
    """One word per account, so that a search in one account does not wade through the others."""
    return "a" + account.encode("utf-8", "surrogatepass").hex()
