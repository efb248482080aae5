"""Did each approved reply get to the portal once, or is there a good reason why not? The portal's ledger decides."""

from __future__ import annotations

from collections import Counter
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set
from typing import Any

from agent.delivery.hold import HoldReason
from storage.outbox import OutboxEntry
from storage.outbox import OutboxStatus
from tests.e2e.backup.truth_check import squeezed
from tests.soak.run_seen import SPOILING
from tests.soak.witness import ALWAYS
from tests.soak.witness import Witness

#: What must have happened, to the case or on the way, for a reply to wait for a person.
JUSTIFIED: dict[HoldReason, frozenset[str]] = {
    HoldReason.UNSEEN_MESSAGE: frozenset({"message_added"}),
    HoldReason.CHANGED_MESSAGE: frozenset({"message_edited"}),
    HoldReason.CASE_CLOSED: frozenset({"case_closed"}),
    HoldReason.NO_REPLY_POSSIBLE: frozenset({"case_closed"}),
    HoldReason.ALREADY_THERE: frozenset({"message_added"}),
    HoldReason.CASE_GONE: frozenset({"case_gone"}),
    HoldReason.FORM_BLANK: SPOILING,
    HoldReason.FORM_DIFFERS: SPOILING,
    HoldReason.UNREADABLE: SPOILING,
    HoldReason.NOT_CLICKED: SPOILING,
    HoldReason.UPLOAD_REFUSED: frozenset({"upload_refused"}),
    HoldReason.MISSING_ATTACHMENT: frozenset({"upload_lost"}),
    HoldReason.READS_DIFFERENTLY: frozenset({"message_edited"}),
    HoldReason.NOT_THERE: frozenset({"reply_dropped", "reply_error", "message_vanished", "session_expired", *SPOILING}),
}
#: What makes the portal refuse in words. Where a script posts, its page words a server's error as its own.
REFUSING = frozenset({"upload_refused", "session_expired", "server_error", "throttled"})
SETTLED = frozenset({OutboxStatus.SENT, OutboxStatus.HELD, OutboxStatus.REJECTED, OutboxStatus.UNCONFIRMED})


def judge_replies(
    entries: Iterable[OutboxEntry], ledger: list[dict[str, Any]], witness: Witness, met: Set[str], *, final: bool
) -> list[str]:
    """`met` are the faults that any run met. In the `final` judgement nothing may be on its way."""
    entries, found = list(entries), []
    doubtful = {entry.draft.case_id for entry in entries if _may_be_there(entry)}
    alike: dict[tuple[str | None, str], list[OutboxEntry]] = defaultdict(list)
    for entry in entries:
        alike[entry.draft.case_id, squeezed(entry.draft.text)].append(entry)
        if final:
            found += _settled(entry, witness, met, waits=entry.draft.case_id in doubtful)
    posted: dict[tuple[str | None, str], list[dict[str, Any]]] = defaultdict(list)
    for line in ledger:
        if line["kind"] == "reply":
            posted[line["case"], squeezed(line["text"])].append(line)
    found += [f"posted, but never queued: {key}" for key in posted.keys() - alike.keys()]
    for key, same in alike.items():
        found += _once(same, posted[key])
    return found


def _once(same: list[OutboxEntry], lines: list[dict[str, Any]]) -> list[str]:
    """Entries of one text in one case against what the ledger has of it."""
    sent = [entry for entry in same if entry.status is OutboxStatus.SENT]
    doubtful = [entry for entry in same if entry.status is not OutboxStatus.SENT and _may_be_there(entry)]
    found = []
    if not len(sent) <= len(lines) <= len(sent) + len(doubtful):
        told = [(entry.entry_id, entry.status.value, entry.reason) for entry in same]
        found.append(f"the ledger has {len(lines)} of {told}")
    proofs = [entry.proof.message_id for entry in sent if entry.proof is not None and entry.proof.matches == 1]
    known = {line["message"] for line in lines}
    # Where the pages show no ids, a message's is made of what they do show.
    if len(set(proofs)) < len(sent) or not {proof for proof in proofs if not proof.startswith("d-")} <= known:
        found.append(f"{[entry.entry_id for entry in sent]} are proved by {proofs}, the ledger has {sorted(known)}")
    wanted = Counter(frozenset(file.sha256 for file in entry.draft.files) for entry in sent)
    if wanted - Counter(frozenset(file["sha256"] for file in line["attachments"]) for line in lines):
        found.append(f"{[entry.entry_id for entry in sent]} are sent, but not with their files")
    return found


def _may_be_there(entry: OutboxEntry) -> bool:
    """Whether the entry itself says that it may have arrived."""
    submitted = entry.submit_started_at is not None
    return submitted and entry.status in {OutboxStatus.HELD, OutboxStatus.UNCONFIRMED, OutboxStatus.SENDING}


def _settled(entry: OutboxEntry, witness: Witness, met: Set[str], *, waits: bool) -> list[str]:
    """`waits`: nothing more is said in its case while nobody knows whether an earlier reply arrived."""
    told = f"entry {entry.entry_id} of {entry.draft.case_id} is {entry.status.value}: {entry.reason}"
    if entry.status not in SETTLED:
        return [] if waits and entry.status is OutboxStatus.QUEUED else [told]
    if entry.status is OutboxStatus.SENT:
        return []
    if entry.status is OutboxStatus.REJECTED:
        return [] if met & REFUSING else [f"{told}, for no reason"]
    if not entry.reason:
        return [f"{told}, without a reason"]
    if entry.status is OutboxStatus.UNCONFIRMED:
        return []
    happened = met | witness.happened(str(entry.draft.case_id), ALWAYS)
    reasons = JUSTIFIED.get(HoldReason(entry.reason.partition(":")[0]), frozenset())
    return [] if happened & reasons else [f"{told}, for no reason"]
