"""A page of a case list."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from dataclasses import replace
from urllib.parse import urljoin

from agent.extract.conditions import any_holds
from agent.extract.dates import Moment
from agent.extract.dom import Run
from agent.extract.locate import items_of
from agent.extract.pager import next_request
from agent.extract.reader import PageReader
from agent.extract.reading import ListPage
from agent.extract.snapshot import PageRequest
from agent.extract.words import plain
from agent.profile.model.fields import Field
from agent.profile.model.lists import ListRules
from storage.records import CaseStatus
from storage.records import CaseSummary


@dataclass(frozen=True, slots=True)
class ListReading:
    """A list as shown. `expected` is how many rows this page should have by its own word, `None` if it does not say."""

    page: ListPage
    next: PageRequest | None
    shown: int
    expected: int | None


def read_list(reader: PageReader, request: PageRequest) -> ListReading:
    """Every row that can be read; what cannot is among the reader's failures."""
    rules = reader.profile.list_of(request.tab)
    reader.headers = rules.headers
    items = items_of(rules.rows, reader.document.page)
    rows = [row for item in items if (row := _row(reader, rules, item)) is not None]
    total = reader.integer("list.summary.total", rules.summary.total)
    first = reader.integer("list.summary.first", rules.summary.first)
    last = reader.integer("list.summary.last", rules.summary.last)
    following, size = None, _page_size(rules, request, len(items))
    if rules.pager is not None and items:
        shown = last if last is not None else size * request.number if size is not None else None
        ended = total is not None and shown is not None and shown >= total
        following = next_request(reader, rules.pager, request, "list.pager", page_size=size, reached_end=ended)
    if following is not None:
        following = replace(following, page_size=size)
    elif rules.page_size is not None:
        size = request.page_size or rules.page_size.rows
    expected = _expected(rules, request, total, first, last, size=size, more=following is not None)
    page = ListPage(rows=tuple(rows), total=total, capped=_is_capped(reader, request, total))
    return ListReading(page, following, shown=len(items), expected=expected)


def _page_size(rules: ListRules, request: PageRequest, shown: int) -> int | None:
    """How many rows a page holds, if more than one follow each other: a portal may give fewer than it was asked for."""
    if rules.page_size is None or request.page_size is not None:
        return request.page_size
    asked = rules.page_size.rows
    return shown if request.number == 1 and 0 < shown < asked and rules.page_size.parameter is not None else asked


def shows_page(reader: PageReader, request: PageRequest) -> bool:
    """Whether a list's own summary is that of the page that was asked for, as far as it tells.

    After a click, or after a page size was chosen, a list may show its old rows for a while, all of them in order. A
    page that is no more, since cases left the list, is another matter: some portals show their last one instead.
    """
    rules = reader.profile.list_of(request.tab)
    total, first, last = (_quietly(reader, getattr(rules.summary, name)) for name in ("total", "first", "last"))
    if rules.page_size is None or total is None or first is None or last is None or total == 0:
        return True
    if not rules.page_size.steps:
        # Asked for in the URL, a page comes in the size that the portal likes; it may only not be an earlier page.
        return (first == 1) is (request.number == 1) or last == total or _appends(rules)
    size = rules.page_size.rows
    start = 1 if _appends(rules) else (request.number - 1) * size + 1
    return start > total or (first == start and last == min(request.number * size, total))


def _quietly(reader: PageReader, field: Field | None) -> int | None:
    before = list(reader.failures)
    value = reader.integer("", field)
    reader.failures[:] = before
    return value


def absolute(reader: PageReader, address: str | None) -> str | None:
    """A link of the page as a whole URL."""
    return urljoin(reader.url, address.strip()) if address is not None else None


def status_of(reader: PageReader, raw: str | None) -> CaseStatus:
    """What the portal's word for a status means."""
    if raw is not None:
        for status, words in reader.profile.statuses.items():
            if plain(raw) in reader.speak(words):
                return status
    return CaseStatus.UNKNOWN


def _appends(rules: ListRules) -> bool:
    return rules.pager is not None and rules.pager.appends


def _is_capped(reader: PageReader, request: PageRequest, total: int | None) -> bool:
    tab = reader.profile.tabs.get(request.tab) if request.tab is not None else None
    if tab is None or tab.split is None:
        return False
    full = total is not None and tab.split.cap is not None and total >= tab.split.cap
    return full or any_holds(reader, tab.split.capped)


def _expected(
    rules: ListRules,
    request: PageRequest,
    total: int | None,
    first: int | None,
    last: int | None,
    *,
    size: int | None,
    more: bool,
) -> int | None:
    if first is not None and last is not None:
        return max(0, last - first + 1) if total != 0 else 0
    if total is None:
        return None
    appends = _appends(rules)
    if size is not None:
        before = 0 if appends else (request.number - 1) * size
        here = size * (request.number if appends else 1)
        return max(0, min(here, total - before))
    if not more and (request.number == 1 or appends):
        return total
    return min(total, 1)


def _row(reader: PageReader, rules: ListRules, item: Run) -> CaseSummary | None:
    case_id = reader.text("list.id", rules.id, item)
    status_raw = reader.text("list.status", rules.status, item)
    created = reader.moment("list.created", rules.created, item)
    updated = reader.moment("list.updated", rules.updated, item)
    texts = {
        "id": case_id,
        "subject": reader.text("list.subject", rules.subject, item),
        "status": status_raw,
        "created": created.raw if created else None,
        "updated": updated.raw if updated else None,
    }
    texts |= {name: reader.text(f"list.columns.{name}", field, item) for name, field in rules.columns.items()}
    if case_id is None:
        return None
    return CaseSummary(
        case_id=case_id,
        subject=texts["subject"],
        status=status_of(reader, status_raw),
        status_raw=status_raw,
        created_at=created.utc if created else None,
        created_at_raw=texts["created"],
        updated_at=updated.utc if updated else None,
        updated_at_raw=texts["updated"],
        updated_granularity=updated.granularity if updated else None,
        fingerprint=_fingerprint(rules, texts, {"created": created, "updated": updated}),
        row=tuple((name, text) for name, text in texts.items() if text is not None),
    )


def _fingerprint(rules: ListRules, texts: dict[str, str | None], moments: dict[str, Moment | None]) -> str:
    """A hash of the columns that the profile calls stable; times count by what they mean, not by how they are told."""
    if not rules.fingerprint:
        return ""
    values: list[str | None] = []
    for name in rules.fingerprint:
        moment = moments.get(name)
        values.append(moment.utc.isoformat() if moment is not None else texts[name])
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()
