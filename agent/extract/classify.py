"""What kind of page a snapshot is, before anything on it is believed."""

from __future__ import annotations

from dataclasses import dataclass

from agent.extract.conditions import any_holds
from agent.extract.conditions import why_not
from agent.extract.lists import shows_page
from agent.extract.reader import PageReader
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from agent.profile.model.conditions import Condition
from agent.profile.model.conditions import Conditions
from agent.profile.model.profile import PortalProfile

#: The browsers' own error pages; they have text, so they are told apart by their address.
ERROR_PAGES = (
    "chrome-error:",
    "edge-error:",
    "about:neterror",
    "about:certerror",
    "about:blocked",
    "about:httpsonlyerror",
    "about:tabcrashed",
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the reason for it in words."""

    verdict: Verdict
    reason: str


def judge_answer(snapshot: Snapshot) -> Judgement | None:
    """What is plain without looking at the page: no answer, or a browser's error page."""
    if snapshot.failure is not None:
        return Judgement(Verdict.ERROR, f"the request failed: {snapshot.failure}")
    if snapshot.final_url.startswith(ERROR_PAGES):
        return Judgement(Verdict.ERROR, "the browser shows its own error page")
    return None


def judge_page(reader: PageReader, snapshot: Snapshot) -> Judgement | None:
    """The verdict that the page's looks alone allow; `None` for a page that is worth reading."""
    request = snapshot.request
    return (
        _marked(reader, request)
        or _by_status(reader, request)
        or _signed_out(reader, snapshot)
        or _unready(reader, snapshot)
    )


def is_settled(reader: PageReader, request: PageRequest) -> bool:
    """Whether waiting for the page can end: it is ready, or it has become something else that is known."""
    if _marked(reader, request) is not None or _sign_in_page(reader) is not None:
        return True
    if _identity_painted(reader, request) is not None:
        return False
    if any_holds(reader, empty_conditions(reader.profile, request)):
        return True
    if why_not(reader, ready_conditions(reader.profile, request)) is not None:
        return False
    return request.kind is not PageKind.LIST or shows_page(reader, request)


def ready_conditions(profile: PortalProfile, request: PageRequest) -> Conditions:
    """The identity test of a kind of page; of a list, that of its tab too."""
    if request.kind is PageKind.LIST:
        return _of_tab(profile, request, profile.list_of(request.tab).ready)
    if request.kind is PageKind.CASE:
        return profile.case.parts[request.part].ready if request.part else profile.case.ready
    return profile.home.ready if profile.home is not None else profile.sign_in.signed_in


def is_bare(profile: PortalProfile, request: PageRequest) -> bool:
    """Whether such a page has no header, so that it tells neither who is signed in nor whose it is."""
    return request.kind is PageKind.CASE and request.part != "" and profile.case.parts[request.part].bare


def empty_conditions(profile: PortalProfile, request: PageRequest) -> Conditions:
    """What proves that a list has no cases; nothing for other pages."""
    rules = profile.list_of(request.tab)
    return _of_tab(profile, request, rules.empty) if request.kind is PageKind.LIST else ()


def _of_tab(profile: PortalProfile, request: PageRequest, conditions: Conditions) -> Conditions:
    tab = profile.tabs.get(request.tab) if request.tab is not None else None
    if tab is None or not tab.ready:
        return conditions
    return tuple(Condition(all=(condition, Condition(any=tab.ready))) for condition in conditions)


def _marked(reader: PageReader, request: PageRequest) -> Judgement | None:
    marks = reader.profile.verdicts
    for challenge in reader.profile.sign_in.challenges:
        if any_holds(reader, challenge.when):
            return Judgement(Verdict.CHALLENGE, f"a person is wanted: {challenge.kind}")
    gone = (*marks.gone, *reader.profile.case.gone) if request.kind is PageKind.CASE else ()
    table = (
        (Verdict.CHALLENGE, marks.challenge),
        (Verdict.DENIED, marks.denied),
        (Verdict.THROTTLED, marks.throttled),
        (Verdict.LOGIN, marks.login),
        (Verdict.GONE, gone),
        (Verdict.ERROR, marks.error),
    )
    for verdict, conditions in table:
        if any_holds(reader, conditions):
            return Judgement(verdict, f"the page bears the profile's mark of {verdict}")
    return None


def _by_status(reader: PageReader, request: PageRequest) -> Judgement | None:
    status = reader.status
    if status is None or status < 400:
        return None
    if status == 429:
        return Judgement(Verdict.THROTTLED, "status 429")
    if status == 401:
        return Judgement(Verdict.LOGIN, "status 401")
    if status == 403:
        return Judgement(Verdict.DENIED, "status 403")
    if status in {404, 410} and request.kind is PageKind.CASE:
        return Judgement(Verdict.GONE, f"status {status}")
    return Judgement(Verdict.ERROR, f"status {status}")


def _sign_in_page(reader: PageReader) -> str | None:
    if any_holds(reader, reader.profile.sign_in.signed_in):
        return None
    return next((h.name for h in reader.profile.sign_in.handlers if any_holds(reader, h.when)), None)


def _signed_out(reader: PageReader, snapshot: Snapshot) -> Judgement | None:
    sign_in = reader.profile.sign_in
    missing = why_not(reader, sign_in.signed_in)
    if missing is None:
        return None
    page = _sign_in_page(reader)
    if page is not None:
        return Judgement(Verdict.LOGIN, f"this is the sign-in page {page!r}")
    if is_bare(reader.profile, snapshot.request):
        return None
    ready = why_not(reader, ready_conditions(reader.profile, snapshot.request)) is None
    if ready and snapshot.ready:
        return Judgement(Verdict.LOGIN, f"nobody is signed in: {missing}")
    if not reader.page_text:
        return Judgement(Verdict.BLANK, "the page is empty")
    return Judgement(Verdict.BLANK, f"neither a page nor somebody signed in: {missing}")


def _unready(reader: PageReader, snapshot: Snapshot) -> Judgement | None:
    painted = _identity_painted(reader, snapshot.request)
    if painted is not None:
        return Judgement(Verdict.BLANK, f"the header does not say whose page this is: {painted}")
    if any_holds(reader, empty_conditions(reader.profile, snapshot.request)):
        return None
    missing = why_not(reader, ready_conditions(reader.profile, snapshot.request))
    if missing is not None:
        return Judgement(Verdict.BLANK, f"the page is not ready: {missing}")
    if not snapshot.ready:
        return Judgement(Verdict.BLANK, "the page did not become ready in time")
    return None


def _identity_painted(reader: PageReader, request: PageRequest) -> str | None:
    ready = reader.profile.identity.ready
    return why_not(reader, ready) if ready and not is_bare(reader.profile, request) else None
