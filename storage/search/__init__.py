"""Full text over subjects and messages: words, and Chinese or Japanese by bigrams."""

from storage.search.find import Found
from storage.search.find import Hit
from storage.search.find import search
from storage.search.snippet import Snippet

__all__ = [
    "Found",
    "Hit",
    "Snippet",
    "search",
]
