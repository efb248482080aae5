"""A portal as one account sees it: the profile with the account's own values in its URLs and words. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from datetime import timedelta
from urllib.parse import quote
from urllib.parse import urljoin
from urllib.parse import urlsplit

from agent.extract.pager import with_query
from agent.extract.pages import open_page
from agent.extract.reader import PageReader
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.words import fill
from agent.extract.words import plain
from agent.extract.words import spoken
from agent.portal.protocol import DateSpan
from agent.profile.account import AccountFacts
from agent.profile.lint_words import worded_variables
from agent.profile.model.base import expand
from agent.profile.model.base import placeholders
from agent.profile.model.fields import Field
from agent.profile.model.lists import Pager
from agent.profile.model.profile import PortalProfile
from storage.records import CaseSummary
from storage.records import Tab

_FROM_ROW = re.compile(r"\{(row\.[\w-]+)\}")


@dataclass(slots=True)
class Site:
    """The profile's language spoken for one account. `account` grows as variables become known."""

    profile: PortalProfile
    account: AccountFacts
    locale: str | None  #: expected where a page does not say its own
    _worded: frozenset[str] = field(init=False)
    _rows: dict[str, CaseSummary] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._worded = worded_variables(self.profile)

    def list_span(self, tab: Tab, *, today: date) -> DateSpan | None:
        """The widest span of a tab that can be split; the portal's day may be another one than ours."""
        split = self.profile.tabs[tab].split
        return None if split is None else DateSpan(split.earliest, today + timedelta(days=1))

    def list_request(self, tab: Tab, *, today: date, span: DateSpan | None = None) -> PageRequest:
        """The first page of a tab. A part of it is asked for by the split's own URL, if it has one."""
        rules = self.profile.tabs[tab]
        template, dates = rules.url, {}
        if rules.split is not None:
            template = rules.url if span is None or rules.split.url is None else rules.split.url
            asked = span or DateSpan(rules.split.earliest, today + timedelta(days=1))
            dates = {
                "since": asked.since.strftime(rules.split.format),
                "until": asked.until.strftime(rules.split.format),
            }
        url = self.url(template, dates)
        size = self.profile.list_of(tab).page_size
        if size is not None and size.parameter is not None:
            url = with_query(url, size.parameter, str(size.rows))
        return PageRequest(kind=PageKind.LIST, url=url, tab=tab)

    def case_request(self, case_id: str, row: CaseSummary | None) -> PageRequest:
        """A case's own page; its list row is known from the last time that it was given."""
        row = row or self._rows.get(case_id)
        if row is not None:
            self._rows[case_id] = row
        url = self.url(self.profile.case.url, case_values(case_id, row))
        return PageRequest(kind=PageKind.CASE, url=url, case_id=case_id, row=row)

    def case_parts(self, request: PageRequest) -> tuple[PageRequest, ...]:
        values = case_values(request.case_id or "", request.row)
        return tuple(
            replace(request, url=self.url(part.url, values), part=name, number=1, clicks=0)
            for name, part in self.profile.case.parts.items()
        )

    def url(self, template: str, values: Mapping[str, str] = {}) -> str:
        """An absolute URL; a variable that is not known yet stays in its braces."""
        known = {**self.account.values(), **values}
        filled = expand(template, lambda name: quote(known[name], safe="") if name in known else f"{{{name}}}")
        if urlsplit(filled).scheme:
            return filled
        base = self.account.base_url.rstrip("/")
        return f"{base}{filled}" if filled.startswith("/") else urljoin(f"{base}/", filled)

    def unknown(self, url: str) -> tuple[str, ...]:
        """The variables to learn before a URL is read: those that it lacks, and those in the words for its page.

        Columns of a list row (`row.key`) cannot be learnt: without the row there is no such address.
        """
        known = self.account.variables
        lacks = (n for n in self.profile.variables if f"{{{n}}}" in url or (n in self._worded and n not in known))
        return (*lacks, *_FROM_ROW.findall(url))

    def learn(self, values: Mapping[str, str]) -> None:
        self.account = self.account.knowing(values)

    def filled(self, request: PageRequest) -> PageRequest:
        """The request with all that is known by now."""
        url = request.url
        for name, value in self.account.variables.items():
            url = url.replace(f"{{{name}}}", quote(value, safe=""))
        return replace(request, url=url)

    def text(self, template: str, values: Mapping[str, str] = {}) -> str:
        return fill(template, {**self.account.values(), **values})

    def says(self, words: tuple[str, ...], values: Mapping[str, str] = {}) -> Callable[[str], bool] | None:
        """A test for an element's text; `None` where the profile asks for none."""
        if not words:
            return None
        wanted = spoken(words, self.profile, self.locale, {**self.account.values(), **values})
        return lambda text: plain(text) in wanted

    def reader(
        self, html: str, *, url: str, status: int | None, request: PageRequest, more: Mapping[str, str] = {}
    ) -> PageReader:
        return open_page(
            html,
            url=url,
            status=status,
            request=request,
            profile=self.profile,
            locale=self.locale,
            account=self.account,
            more=more,
        )

    def pager(self, request: PageRequest) -> Pager | None:
        if request.kind is PageKind.LIST:
            return self.profile.list_of(request.tab).pager
        if request.kind is PageKind.CASE:
            return self.profile.case.parts[request.part].pager if request.part else self.profile.case.pager
        return None

    def allows(self, url: str) -> bool:
        """Whether content may be fetched from there: the account's own origin and those that the profile names."""
        return origin(url) in {origin(self.account.base_url), *map(origin, self.profile.origins)}

    @property
    def case_needs_row(self) -> bool:
        """Whether a case's address, or some field of it, stands in its list row only."""
        case, reply = self.profile.case, self.profile.reply
        urls = [case.url, *(part.url for part in case.parts.values())]
        urls += [reply.url] if reply is not None and reply.url is not None else []
        by_url = any(name.startswith("row.") for url in urls for name in placeholders(url))
        return by_url or any(field.needs_row for field in _fields_of_cases(self.profile))


def origin(url: str) -> str:
    """Scheme, host and port; a default port is the same as none."""
    parts = urlsplit(url if "//" in url else f"https://{url}")
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def case_values(case_id: str, row: CaseSummary | None) -> dict[str, str]:
    """What the URLs of a case may name: its id, and the columns of its list row as `row.NAME`."""
    columns = {f"row.{name}": text for name, text in row.row} if row is not None else {}
    return {"case_id": case_id, **columns}


def _fields_of_cases(profile: PortalProfile) -> list[Field]:
    case = profile.case
    fields = [case.id, case.subject, case.status, case.created, case.updated, case.requester, case.total_messages]
    for source in case.messages:
        fields += [source.id, source.author, source.sent_at, source.body]
    return [field for field in fields if field is not None]
