"""One sending run against the mock portal, with a different misfortune for every reply; its ledger is the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from agent.delivery.send import SendOutcome
from mock_portal.server import MockPortal
from storage.outbox import OutboxEntry
from storage.outbox import OutboxStatus
from tests.e2e.delivery.sending_house import SendingHouse

SENT, HELD = OutboxStatus.SENT, OutboxStatus.HELD
FILE = {"invoice 1.pdf": b"%PDF-1.4 invoice", "list.csv": b"a,b\r\n1,2\r\n"}


@dataclass(frozen=True)
class Fate:
    """A reply, what the portal does to it, and what is to become of it. `fault` is on the path of its form.

    What is `more` has a run of its own, which waits for `make long`.
    """

    name: str
    status: OutboxStatus
    posted: int
    reason: str | None = None
    fault: dict[str, Any] | None = None
    files: bool = False
    more: bool = False

    @property
    def text(self) -> str:
        return f"This is our reply about {self.name}: thank you, and <b>please</b> go on & on. 谢谢 🙂"


FATES = (
    Fate("nothing special", SENT, 1),
    Fate("two files", SENT, 1, files=True, more=True),
    Fate("a blank answer", SENT, 1, fault={"kind": "reply_blank"}),
    Fate("a reset connection", SENT, 1, fault={"kind": "reply_reset"}, more=True),
    Fate("a reset connection with files", SENT, 1, fault={"kind": "reply_reset"}, files=True),
    Fate("a closed connection", SENT, 1, fault={"kind": "reply_closed"}),
    Fate("a closed connection with files", SENT, 1, fault={"kind": "reply_closed"}, files=True, more=True),
    Fate("a late message", SENT, 1, fault={"kind": "reply_late", "seconds": 2.0}),
    Fate("a dropped reply", HELD, 0, "not_there", fault={"kind": "reply_dropped"}),
    Fate("lost files", HELD, 1, "missing_attachment", fault={"kind": "upload_lost"}, files=True),
    Fate("a refused upload", OutboxStatus.REJECTED, 0, "", fault={"kind": "upload_refused"}, files=True),
)
EACH_FATE = [pytest.param(fate, id=fate.name, marks=[pytest.mark.long] * fate.more) for fate in FATES]
EACH_SENT = [
    pytest.param(fate, id=fate.name, marks=[pytest.mark.long] * fate.more) for fate in FATES if fate.status is SENT
]


@dataclass(frozen=True)
class Sent:
    """What the one run did."""

    outcome: SendOutcome
    entries: dict[str, OutboxEntry]
    ledger: list[dict[str, Any]]

    def posted(self, text: str) -> list[dict[str, Any]]:
        return [line for line in self.ledger if line["kind"] == "reply" and line["text"] == text]


@pytest.fixture(scope="module")
def run_of(mock: MockPortal, house: SendingHouse) -> Callable[[bool], Sent]:
    """The run of the fates that are `more`, and that of the others, each when it is asked for first."""
    return cache(lambda more: send_all(mock, house, more=more))


@pytest.fixture
def sent(run_of: Callable[[bool], Sent]) -> Sent:
    return run_of(False)


def send_all(mock: MockPortal, house: SendingHouse, *, more: bool) -> Sent:
    """Everything that may happen to a reply, one case each, in one run."""
    written, shut, *others = house.open_cases()
    faults = []
    entries = {}
    for fate, case in zip((fate for fate in FATES if fate.more is more), others, strict=False):
        entries[fate.name] = house.queue(case, fate.text, files=FILE if fate.files else None)
        if fate.fault is not None:
            faults.append({**fate.fault, "path": f"^/cases/{case.case_id}/reply"})
    if not more:
        entries["the portal wrote"] = house.queue(written, "An answer to what the portal had not yet written.")
        entries["the case was closed"] = house.queue(shut, "An answer to a case that was closed meanwhile.")
        # 10:00; the archive is of 02:00
        mock.advance(messages=[{"case": written.case_id, "text": "We have one more question."}], close=[shut.case_id])
    mock.set_faults(*faults)
    # 14:00
    outcome = house.send()
    mock.set_faults()
    assert outcome.ended_by is None
    stored = {name: house.entry(entry_id) for name, entry_id in entries.items()}
    return Sent(outcome, stored, mock.ledger())


@pytest.mark.parametrize("fate", EACH_FATE)
def test_whatever_happens_the_reply_is_posted_once_or_not_at_all(run_of: Callable[[bool], Sent], fate: Fate) -> None:
    """The ledger holds what the status says: one, or none."""
    sent = run_of(fate.more)
    entry = sent.entries[fate.name]

    assert fate.posted == len(sent.posted(fate.text))
    assert fate.status is entry.status
    assert (entry.reason or "").startswith(fate.reason or "")


@pytest.mark.parametrize("fate", EACH_SENT)
def test_the_proof_is_the_portal_s_own_message(run_of: Callable[[bool], Sent], fate: Fate) -> None:
    """SENT names the message that the ledger names, and the files came through whole."""
    sent = run_of(fate.more)
    entry = sent.entries[fate.name]
    (line,) = sent.posted(fate.text)

    assert entry.proof is not None
    assert (line["message"], 1) == (entry.proof.message_id, entry.proof.matches)
    assert {file.name: file.sha256 for file in entry.draft.files} == {
        file["name"]: file["sha256"] for file in line["attachments"]
    }


@pytest.mark.parametrize(
    ("name", "reason"), [("the portal wrote", "unseen_message"), ("the case was closed", "case_closed")]
)
def test_what_changed_since_approval_is_held(sent: Sent, name: str, reason: str) -> None:
    """Archived at 02:00, the portal writes or closes at 10:00, approved at 14:00 without looking: held, unsent."""
    entry = sent.entries[name]

    assert HELD is entry.status
    assert (entry.reason or "").startswith(reason)
    assert entry.submit_started_at is None
    assert [] == sent.posted(entry.draft.text)


def test_the_run_reports_every_entry(sent: Sent) -> None:
    """The outcome counts what the entries say."""
    report = sent.outcome.to_json()

    assert (5, 4, 1, 0) == tuple(report[key] for key in ("sent", "held", "rejected", "unconfirmed"))
    assert sent.outcome.needs_person
