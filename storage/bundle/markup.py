"""The markup of a message, made safe to show. Pure; what is archived stays as the portal gave it.

Nothing in it runs, loads or leads anywhere but to a page or an address that the reader clicks on: no scripts, styles,
forms or frames; pictures are left with their alternative text; links are absolute.
"""

from __future__ import annotations

from urllib.parse import urljoin

import nh3

#: The sanitiser's time grows with the square of these (100,000 nested elements: a minute). What is larger is shown as
#: its text, which is archived beside it.
MOST_CHARACTERS = 500_000
MOST_TAGS = 10_000

_TAGS = frozenset(
    {
        "a", "abbr", "b", "bdi", "blockquote", "br", "caption", "center", "code", "dd", "del", "details", "div", "dl",
        "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li",
        "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "summary", "sup",
        "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "wbr",
    }
)  # fmt: skip

#: What stands inside of these is not for readers; inside of any other element that is not in `_TAGS` it is kept.
_UNSEEN = frozenset(
    {
        "audio", "canvas", "datalist", "head", "iframe", "math", "noscript", "object", "script", "select", "style",
        "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip

_ATTRIBUTES = {
    "*": {"dir", "hidden", "lang", "title"},
    "a": {"href"},
    "img": {"alt"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_SCHEMES = ("https", "http", "mailto")


def sanitised(markup: str, base: str) -> str | None:
    """The markup as it may stand in a page; `None` where only the text should be shown. `base`: where it was read."""
    if len(markup) > MOST_CHARACTERS or markup.count("<") > MOST_TAGS:
        return None

    def absolute(_tag: str, attribute: str, value: str) -> str | None:
        # A relative link would lead into the reader's own disk, `//host/share` to a stranger's file server.
        return _resolved(base, value) if attribute == "href" else value

    return nh3.clean(
        markup,
        tags=set(_TAGS),
        clean_content_tags=set(_UNSEEN),
        attributes=_ATTRIBUTES,
        attribute_filter=absolute,
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )


def _resolved(base: str, address: str) -> str | None:
    try:
        url = urljoin(base, address.strip())
    except ValueError:
        return None
    return url if url.lower().startswith(tuple(f"{scheme}:" for scheme in _SCHEMES)) else None
