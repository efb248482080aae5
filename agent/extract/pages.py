"""The one routine that reads pages: a snapshot in, a verdict and records out, from evidence as from a live page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from agent.extract.cases import CaseReading
from agent.extract.cases import read_case
from agent.extract.classify import Judgement
from agent.extract.classify import empty_conditions
from agent.extract.classify import is_bare
from agent.extract.classify import judge_answer
from agent.extract.classify import judge_page
from agent.extract.conditions import any_holds
from agent.extract.dom import Document
from agent.extract.lists import ListReading
from agent.extract.lists import read_list
from agent.extract.lists import shows_page
from agent.extract.reader import PageReader
from agent.extract.reading import CasePage
from agent.extract.reading import Identity
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from agent.extract.words import plain
from agent.profile.account import AccountFacts
from agent.profile.lint_words import language
from agent.profile.model.profile import PortalProfile


def extract(snapshot: Snapshot, profile: PortalProfile, locale: str | None, account: AccountFacts) -> Reading:
    """Classify a snapshot and read what it may be believed to show. `locale` is where the page does not say its own."""
    return read_page(snapshot, reader_of(snapshot, profile, locale, account))


def open_page(
    html: str,
    *,
    url: str,
    status: int | None,
    request: PageRequest,
    profile: PortalProfile,
    locale: str | None,
    account: AccountFacts,
    more: Mapping[str, str] | None = None,
) -> PageReader:
    """A page to ask questions of: do conditions hold (`any_holds`), has it come to rest (`is_settled`)?"""
    document = Document(html)
    return PageReader(
        document=document,
        url=url,
        profile=profile,
        locales=page_locales(document, profile, locale),
        account=account,
        status=status,
        row=dict(request.row.row) if request.row is not None else None,
        case_id=request.case_id,
        requester=request.requester,
        more=more or {},
    )


def page_locales(document: Document, profile: PortalProfile, expected: str | None) -> tuple[str, ...]:
    """The locale that a page is in: what it says itself, as far as the profile knows that language; else the expected.

    Portals mix languages, so the page goes first. One that says a language that it is not written in is put right by
    a profile that does not name that language. Where neither says enough, every locale that it may be in.
    """
    said = (document.language or "").replace("_", "-").casefold()
    alike = tuple(name for name in profile.locales if language(name).casefold() == language(said))
    same = tuple(name for name in alike if name.replace("_", "-").casefold() == said)
    if expected is not None and (not alike or language(expected).casefold() == language(said)):
        return same or (expected,)
    return same or alike or profile.locales


def reader_of(snapshot: Snapshot, profile: PortalProfile, locale: str | None, account: AccountFacts) -> PageReader:
    return open_page(
        snapshot.html,
        url=snapshot.final_url,
        status=snapshot.status,
        request=snapshot.request,
        profile=profile,
        locale=locale,
        account=account,
    )


def read_page(snapshot: Snapshot, reader: PageReader) -> Reading:
    """The same with a reader at hand, which afterwards tells what was found."""
    reader.read_at = snapshot.read_at
    judgement = judge_answer(snapshot) or judge_page(reader, snapshot)
    if judgement is not None:
        return Reading(snapshot=snapshot, verdict=judgement.verdict, reason=judgement.reason)
    identity = None if is_bare(reader.profile, snapshot.request) else _identity(reader)
    strange = _wrong_account(reader, identity)
    if strange is not None:
        return Reading(snapshot=snapshot, verdict=Verdict.WRONG_ACCOUNT, reason=strange, identity=identity)
    request = snapshot.request
    if request.kind is PageKind.LIST:
        return _list_reading(snapshot, reader, identity, read_list(reader, request))
    if request.kind is PageKind.CASE:
        return _case_reading(snapshot, reader, identity, read_case(reader, request))
    judgement = _drifted(reader) or Judgement(Verdict.OK, "the home page")
    return _reading(snapshot, reader, identity, judgement)


def _identity(reader: PageReader) -> Identity | None:
    rules = reader.profile.identity
    account_name = reader.text("identity.account_name", rules.account_name)
    marketplace = reader.text("identity.marketplace", rules.marketplace)
    return Identity(account_name, marketplace) if account_name is not None or marketplace is not None else None


def _wrong_account(reader: PageReader, identity: Identity | None) -> str | None:
    if identity is None:
        return None
    pairs = (
        ("account", reader.account.account_name, identity.account_name),
        ("marketplace", reader.account.marketplace, identity.marketplace),
    )
    for what, wanted, shown in pairs:
        if wanted and shown is not None and plain(wanted) != plain(shown):
            return f"the header shows the {what} {shown!r}, not {wanted!r}"
    return None


def _list_reading(snapshot: Snapshot, reader: PageReader, identity: Identity | None, found: ListReading) -> Reading:
    judgement = _judge_list(reader, snapshot.request, found)
    page = found.page if judgement.verdict in {Verdict.OK, Verdict.EMPTY, Verdict.DRIFTED} else None
    following = found.next if judgement.verdict is Verdict.OK else None
    return _reading(snapshot, reader, identity, judgement, page=page, following=following)


def _judge_list(reader: PageReader, request: PageRequest, found: ListReading) -> Judgement:
    if found.expected is not None and found.shown < found.expected:
        return Judgement(Verdict.BLANK, f"{found.shown} rows where the page's own count says {found.expected}")
    if found.shown and not shows_page(reader, request):
        return Judgement(Verdict.BLANK, f"the page's own summary is not that of page {request.number}")
    if found.shown:
        return _drifted(reader) or Judgement(Verdict.OK, f"{found.shown} rows")
    if any_holds(reader, empty_conditions(reader.profile, request)):
        return Judgement(Verdict.EMPTY, "the page proves that there are no cases")
    return Judgement(Verdict.BLANK, "no rows, and nothing that proves that there are none")


def _case_reading(snapshot: Snapshot, reader: PageReader, identity: Identity | None, found: CaseReading) -> Reading:
    if found.shown_id is not None and found.shown_id != snapshot.request.case_id:
        other = _judge_other_case(snapshot, found.shown_id)
        return Reading(snapshot=snapshot, verdict=other.verdict, reason=other.reason, identity=identity)
    total = found.page.total_messages
    if total and not found.page.messages and not reader.failures and snapshot.request.number == 1:
        judgement = Judgement(Verdict.BLANK, f"no messages where the page's own count says {total}")
        return _reading(snapshot, reader, identity, judgement)
    judgement = _drifted(reader) or Judgement(Verdict.OK, f"{len(found.page.messages)} messages")
    return _reading(snapshot, reader, identity, judgement, page=found.page, following=found.next)


def _judge_other_case(snapshot: Snapshot, shown: str) -> Judgement:
    """A page of another case: the portal itself went there (cases are merged), or it is the wrong page.

    Only its address proves the first: asked for without the other case, it now names that one alone. A page that has
    not come to rest was judged before.
    """
    asked = snapshot.request.case_id or ""
    before, after = snapshot.request.url, snapshot.final_url
    went = _names(before, asked) and not _names(before, shown) and _names(after, shown) and not _names(after, asked)
    if went:
        return Judgement(Verdict.GONE, f"shown as case {shown}")
    return Judgement(Verdict.BLANK, f"the page shows case {shown}, not {asked}")


def _names(url: str, case_id: str) -> bool:
    """Whether an id stands in an address, not as a piece of something longer."""
    return re.search(rf"(?<![^\W_]){re.escape(case_id)}(?![^\W_])", unquote(url)) is not None


def _drifted(reader: PageReader) -> Judgement | None:
    if not reader.failures:
        return None
    names = ", ".join(dict.fromkeys(failure.field for failure in reader.failures))
    return Judgement(Verdict.DRIFTED, f"cannot read {names}")


def _reading(
    snapshot: Snapshot,
    reader: PageReader,
    identity: Identity | None,
    judgement: Judgement,
    *,
    page: ListPage | CasePage | None = None,
    following: PageRequest | None = None,
) -> Reading:
    return Reading(
        snapshot=snapshot,
        verdict=judgement.verdict,
        reason=judgement.reason,
        identity=identity,
        page=page,
        next=following,
        failures=tuple(dict.fromkeys(reader.failures)),
    )
