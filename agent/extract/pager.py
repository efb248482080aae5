"""Which request brings the page that follows. Pure: the caller stops when a page brings no new id."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl
from urllib.parse import urlencode
from urllib.parse import urljoin
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

from agent.extract.conditions import any_holds
from agent.extract.dom import is_shown
from agent.extract.dom import run_of
from agent.extract.dom import select
from agent.extract.reader import PageReader
from agent.extract.snapshot import PageRequest
from agent.extract.text import visible_text
from agent.extract.words import plain
from agent.profile.model.conditions import Target
from agent.profile.model.fields import Field
from agent.profile.model.lists import Pager
from agent.profile.model.lists import Parameter

#: What portals write into a link that is switched off.
_LEADS_NOWHERE = re.compile(r"\s*(?:#|javascript:\s*(?:void\s*(?:\(\s*0\s*\)|0))?\s*;?)?\s*", re.IGNORECASE)


def next_request(
    reader: PageReader, pager: Pager, request: PageRequest, key: str, *, page_size: int | None, reached_end: bool
) -> PageRequest | None:
    """The request for the next page; `reached_end`: the page's own summary says that nothing follows."""
    if reached_end or any_holds(reader, pager.end) or _was_last(reader, pager, request, key):
        return None
    if pager.link is not None:
        return _by_link(reader, pager.link, request, f"{key}.link")
    if pager.parameter is not None:
        url = _with_parameter(request.url, pager.parameter, request.number + 1, page_size)
        return replace(request, url=url, number=request.number + 1)
    if pager.click is not None and not _can_click(reader, pager.click):
        return None
    return replace(request, number=request.number + 1, clicks=request.clicks + 1)


def with_query(url: str, name: str, value: str) -> str:
    """A URL with one query parameter set; the others keep their places, and variables their braces."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if any(key == name for key, _ in pairs):
        pairs = [(key, value if key == name else old) for key, old in pairs]
    else:
        pairs.append((name, value))
    return urlunsplit(parts._replace(query=urlencode(pairs, safe="{}")))


def _was_last(reader: PageReader, pager: Pager, request: PageRequest, key: str) -> bool:
    if pager.last_page is None:
        return False
    last = reader.integer(f"{key}.last_page", pager.last_page)
    return last is None or request.number >= last


def _by_link(reader: PageReader, link: Field, request: PageRequest, key: str) -> PageRequest | None:
    """A portal may keep the page's number in the fragment; a link that leads nowhere is one that is switched off."""
    # Most portals just leave the link out on the last page; a profile can say what proves that (`absent`).
    address = reader.text(key, link if link.last.absent is not None else link.optionally())
    if address is None or _LEADS_NOWHERE.fullmatch(address):
        return None
    url = urljoin(reader.url, address.strip())
    if not url.startswith(("http://", "https://")):
        reader.fail(key, link, f"{address!r} is no page's address; what has to be clicked is a `click`")
        return None
    if url == reader.url:
        return None
    return replace(request, url=url, number=request.number + 1, clicks=0)


def _with_parameter(url: str, parameter: Parameter, number: int, page_size: int | None) -> str:
    step = parameter.step or page_size
    assert step is not None, "the linter wants a page size where a parameter counts rows"
    return with_query(url, parameter.name, str(parameter.first + (number - 1) * step))


def _can_click(reader: PageReader, target: Target) -> bool:
    if target.frame:
        return True  # a frame is not in the snapshot; the caller stops when nothing new comes
    words = reader.speak(target.text)
    return any(
        is_shown(node) and (not words or plain(visible_text(run_of(node))) in words)
        for node in select(reader.document.page, target.css)
    )
