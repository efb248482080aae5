"""Turns the ladder's reason to stop into the error that ends the run."""

from __future__ import annotations

from pathlib import Path

from agent.errors import AccessDenied
from agent.errors import DriftedPage
from agent.errors import PersonNeeded
from agent.errors import PortalUnreachable
from agent.errors import RecoveryExhausted
from agent.errors import RunStopped
from agent.errors import Throttled
from agent.errors import WrongAccount
from agent.extract.reading import Identity
from agent.profile.account import AccountFacts
from agent.recovery.page import PageClimb
from agent.recovery.steps import Stop
from agent.recovery.steps import StopKind

PLAIN: dict[StopKind, type[RunStopped]] = {
    StopKind.PERSON: PersonNeeded,
    StopKind.DENIED: AccessDenied,
    StopKind.UNREACHABLE: PortalUnreachable,
    StopKind.THROTTLED: Throttled,
}


def stop_error(step: Stop, page: PageClimb, *, account: AccountFacts, evidence: Path | None) -> RunStopped:
    """Build the error for the page that could not be got past."""
    reading = page.last
    # What the page itself says is worth more than the ladder's own word for it.
    seen = "" if reading is None else reading.reason
    reason = f"{step.reason}: {seen}" if seen and step.kind is StopKind.EXHAUSTED else seen or step.reason
    url = page.request.url if reading is None else reading.snapshot.final_url
    name = account.name
    match step.kind:
        case StopKind.WRONG_ACCOUNT:
            expected = _name(Identity(account.account_name, account.marketplace))
            found = _name(None if reading is None else reading.identity)
            return WrongAccount(name, reason, url, expected=expected, found=found, evidence=evidence)
        case StopKind.DRIFTED:
            fields = () if reading is None else tuple(failure.field for failure in reading.failures)
            return DriftedPage(name, reason, url, fields=fields, evidence=evidence)
        case StopKind.EXHAUSTED:
            rungs = tuple(rung.value for rung in page.rungs)
            return RecoveryExhausted(name, reason, url, rungs=rungs, evidence=evidence)
        case kind:
            return PLAIN[kind](name, reason, url, evidence=evidence)


def _name(identity: Identity | None) -> str:
    if identity is None:
        return ""
    return ", ".join(part for part in (identity.account_name, identity.marketplace) if part)
