"""One run as the soak saw it from outside: when, what the portal was asked for, and how the run says it went."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from itertools import pairwise
from typing import Any

from agent.backup.outcome import Outcome
from agent.delivery.send import SendOutcome
from agent.errors import AccessDenied
from agent.errors import PersonNeeded
from agent.errors import PortalUnreachable
from agent.errors import RecoveryExhausted
from agent.errors import Throttled
from agent.errors import WrongAccount
from tests.soak.witness import Span

#: Which faults explain that a run ended early. An error that is not here is no portal's doing.
SPOILING = frozenset(
    {
        "blank",
        "script_throws",
        "mobile_only",
        "poisoned_cookie",
        "poisoned_storage",
        "stale_worker",
        "bad_script",
        "spinner",
        "server_error",
        "slow",
        "truncated",
        "reset",
        "session_expired",
        "throttled",
        "list_empty",
        "list_short",
    }
)
EXPLAINED: dict[type[Exception], frozenset[str]] = {
    PersonNeeded: frozenset({"captcha", "challenge"}),
    AccessDenied: frozenset({"access_denied"}),
    WrongAccount: frozenset({"wrong_account"}),
    RecoveryExhausted: SPOILING,
    PortalUnreachable: frozenset({"reset", "truncated"}),
    Throttled: frozenset({"throttled"}),
}

#: Where a visitor is sent who has to show that a person sits there.
CHECKS = ("/errors/validateCaptcha", "/ap/cvf", "/ap/challenge")
SIGN_INS = 2


@dataclass(frozen=True, slots=True)
class RunSeen:
    """`requests` are those that the portal logged meanwhile."""

    span: Span
    run_id: str
    requests: list[dict[str, Any]]
    outcome: Outcome | SendOutcome
    pages: int  #: at a time

    @property
    def error(self) -> Exception | None:
        return self.outcome.error if isinstance(self.outcome, Outcome) else self.outcome.ended_by

    @property
    def met(self) -> Counter[tuple[str, str]]:
        """How often each fault fired, by engine."""
        return Counter((fault, asked["engine"]) for asked in self.requests for fault in asked["faults"])

    @property
    def kinds(self) -> set[str]:
        return {fault for fault, _ in self.met}


def judge_manners(run: RunSeen, *, sign_ins: int) -> list[str]:
    """What is wrong about how the run ended and how it behaved towards the portal."""
    return [*_ending(run), *_sign_ins(run, sign_ins), *_after_stop(run), *_told_to_wait(run)]


def _ending(run: RunSeen) -> list[str]:
    error = run.error
    if error is None or run.kinds & EXPLAINED.get(type(error), frozenset()):
        return []
    return [f"ended with {error!r}, but met only {sorted(run.kinds)}"]


def _sign_ins(run: RunSeen, noted: int) -> list[str]:
    """The hill skin asks for the address on a page of its own, and a sign-in may end between the two."""
    posts = [asked["path"].partition("?")[0] for asked in run.requests if asked["method"] == "POST"]
    submitted = posts.count("/signin") + posts.count("/ap/signin") // 2
    return [] if submitted <= noted <= SIGN_INS else [f"{submitted} passwords submitted, {noted} noted"]


def _after_stop(run: RunSeen) -> list[str]:
    """Nothing is asked for after a page that ends the run, except what the browser was asking for already."""
    if run.pages > 1 or not isinstance(run.error, PersonNeeded | AccessDenied):
        return []
    kinds = EXPLAINED[PersonNeeded if isinstance(run.error, PersonNeeded) else AccessDenied]
    documents = [asked for asked in run.requests if "document" in asked["tags"]]
    stops = [asked["sequence"] for asked in documents if kinds & set(asked["faults"])]
    later = [asked["path"] for asked in documents if stops and asked["sequence"] > stops[0]]
    later = [path for path in later if not path.startswith(CHECKS)]
    return [f"asked for {later} after {sorted(kinds)}"] if later else []


def _told_to_wait(run: RunSeen) -> list[str]:
    """After a Retry-After no page is asked for until it is over."""
    documents = [asked for asked in run.requests if "document" in asked["tags"] and asked["method"] == "GET"]
    found = []
    for asked, following in pairwise(documents):
        again = asked["path"] == following["path"]
        told = asked["status"] == 429 or (asked["status"] == 503 and again)
        waited = _time(following) - _time(asked)
        if told and run.pages == 1 and waited < timedelta(seconds=1):
            found.append(
                f"{asked['path']} said {asked['status']} and to wait a second; {waited} later {following['path']}"
            )
    return found


def _time(asked: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(asked["time"])
