"""Did a backup run tell the truth? Its archive against what could be observed while it ran."""

from __future__ import annotations

from collections.abc import Sequence

from agent.backup.outcome import Outcome
from storage.archive import ArchivedCase
from storage.journal import RunOutcome
from storage.records import NOT_FETCHED
from storage.records import Tab
from tests.e2e.backup.truth_check import case_differences
from tests.e2e.backup.truth_check import squeezed
from tests.soak.run_seen import RunSeen
from tests.soak.witness import Span
from tests.soak.witness import State
from tests.soak.witness import Witness

_HEADER = ("subject", "status", "created", "updated")


def judge_backup(
    run: RunSeen, witness: Witness, before: dict[str, ArchivedCase], now: dict[str, ArchivedCase]
) -> list[str]:
    """`before` and `now` are the archive's cases around the run."""
    assert isinstance(run.outcome, Outcome)
    found = [f"lost {case_id}" for case_id in before.keys() - now.keys()]
    found += _said(run.outcome)
    for case_id in sorted(now):
        case, old = now[case_id], before.get(case_id)
        if old is None or case.last_read_at >= run.span.begin:
            found += _content(case, run, witness)
        if case.absent_since is not None and (old is None or old.absent_since is None):
            found += _absence(case, run, witness)
    if run.outcome.outcome is RunOutcome.COMPLETE:
        found += _complete(run, witness, before, now)
    return found


def _said(outcome: Outcome) -> list[str]:
    """Whether the outcome agrees with itself."""
    error, missed = outcome.error, outcome.missed
    proven = bool(outcome.certificates) and all(
        proof.ok and proof.total == proof.listed for proof in outcome.certificates.values()
    )
    if outcome.outcome is RunOutcome.COMPLETE:
        sound = error is None and not missed and proven
        return [] if sound else [f"complete, but {error!r}, {missed}, {outcome.certificates}"]
    if outcome.outcome is RunOutcome.PARTIAL:
        return [] if missed and error is None else [f"partial, but {error!r}, {missed}"]
    return [] if error is not None else [f"{outcome.outcome.value} without an error"]


def _content(case: ArchivedCase, run: RunSeen, witness: Witness) -> list[str]:
    """A case that this run read shows what could be observed while it ran."""
    assert isinstance(run.outcome, Outcome)
    case_id = case.record.case_id
    states = [state for state in witness.states(case_id, run.span) if state is not None]
    if not states:
        return [f"{case_id} was archived, but could not be observed"]
    whole = case.record.complete and all(
        file.sha256 is not NOT_FETCHED for message in case.record.messages for file in message.attachments
    )
    told = run.outcome.error is not None or any(case_id in line for line in run.outcome.missed)
    silent = [] if whole or told else [f"{case_id} is incomplete, and the run does not say so"]
    if not case.record.complete:
        return _bodies(case, states) + silent
    return differences_from(case, states, unfetched=True) + silent


def differences_from(case: ArchivedCase, states: Sequence[State], *, unfetched: bool = False) -> list[str]:
    """How the case differs from the nearest of `states`; its list row may be of another moment than its thread.

    With `unfetched`, contents that were not fetched yet are no difference.
    """
    told = [case_differences(case, state, times=True, unfetched=unfetched) for state in states if state is not None]
    header = min(([line for line in lines if line.startswith(_HEADER)] for lines in told), key=len)
    thread = min(([line for line in lines if not line.startswith(_HEADER)] for lines in told), key=len)
    return [f"{case.record.case_id} {line}" for line in (*header, *thread)]


def _bodies(case: ArchivedCase, states: Sequence[State]) -> list[str]:
    """What an incomplete thread holds was there or begins so: the rest of a long message may not have come."""
    told = {squeezed(each["body_shown"]) for state in states if state is not None for each in state["messages"]}
    held = {squeezed(message.body) for message in case.record.messages if message.body}
    strange = [body for body in sorted(held) if not any(each.startswith(body) for each in told)]
    return [f"{case.record.case_id} holds {body!r}, which never stood there" for body in strange]


def _absence(case: ArchivedCase, run: RunSeen, witness: Witness) -> list[str]:
    """A case is absent only if it was so while the run looked, and the run had proof."""
    assert isinstance(run.outcome, Outcome)
    case_id = case.record.case_id
    proof = run.outcome.certificates.get(Tab.FILTERED)
    found = [] if proof is not None and proof.ok else [f"{case_id} absent without a certificate"]
    if not (_ever_unlisted(case_id, run.span, witness) or case_id in witness.hidden(run.span)):
        found.append(f"{case_id} absent, though it was listed all the time")
    return found


def _complete(
    run: RunSeen, witness: Witness, before: dict[str, ArchivedCase], now: dict[str, ArchivedCase]
) -> list[str]:
    """All that was there all the time is archived as it was, and what was away all the time is marked."""
    found = []
    hidden = witness.hidden(run.span)
    for case_id in sorted(witness.case_ids()):
        states, case = witness.states(case_id, run.span), now.get(case_id)
        if not _ever_unlisted(case_id, run.span, witness):
            if case is None and case_id not in hidden:
                found.append(f"complete without {case_id}")
            if case is not None and case.absent_since is not None and case_id not in hidden:
                found.append(f"complete, and {case_id} is absent though it is listed")
        elif not any(state is not None and state["listed"] for state in states):  # noqa: SIM102
            if case is not None and case_id in before and case.absent_since is None:
                found.append(f"complete, and {case_id} is not marked as absent")
        if case is not None and case.absent_since is None and any(states) and case_id not in hidden:
            found += differences_from(case, states)
    return found


def _ever_unlisted(case_id: str, span: Span, witness: Witness) -> bool:
    return any(state is None or not state["listed"] for state in witness.states(case_id, span))
