"""A sending run killed with all its processes at every point of a delivery: posted once, or held for a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

import pytest

from agent.delivery.approval import review_entry
from agent.delivery.rules import SendingRules
from agent.profile.load import load_profile
from mock_portal.server import MockPortal
from mock_portal.settings import PortalSettings
from storage import outbox
from storage.archive import iterate_cases
from storage.blobs import blobs_of
from storage.outbox import Draft
from storage.outbox import OutboxFile
from storage.outbox import OutboxStatus
from tests.e2e.crash.crash_home import CrashHome
from tests.e2e.crash.crash_home import Stall

SENT, HELD = OutboxStatus.SENT, OutboxStatus.HELD
FILE = b"%PDF-1.4 invoice"


@dataclass(frozen=True)
class Point:
    """Where the run dies, how often the portal has the reply then and at the end, and what becomes of the entry."""

    stall: Stall
    becomes: OutboxStatus
    posted: int = 1
    posted_before: int = 0


#: In the order in which a delivery passes them.
POINTS = {
    "claimed": Point(Stall("storage.outbox:claim", "after"), SENT),
    "baseline read": Point(Stall("storage.outbox:record_baseline", "after"), SENT),
    "form filled": Point(Stall("agent.delivery.attempt:form_problem", "after"), SENT),
    "intent not committed": Point(Stall("storage.identity:count_submit", "after"), SENT),
    "intent committed": Point(Stall("storage.outbox:submit_started", "after"), HELD, posted=0),
    "submitted, not accepted": Point(Stall(fault={"kind": "slow", "path": "/reply$"}), HELD, posted=0),
    "accepted, not answered": Point(Stall(fault={"kind": "reply_stalled"}), SENT, posted_before=1),
    "answered, not read": Point(Stall("agent.delivery.dispatch:read_back", "before"), SENT, posted_before=1),
    "read back, not recorded": Point(Stall("storage.outbox:mark_sent", "before"), SENT, posted_before=1),
    "recorded": Point(Stall("storage.outbox:mark_sent", "after"), SENT, posted_before=1),
}

#: Those of `make test`; all of them are in `make crash`.
USUAL = {"form filled", "intent committed", "accepted, not answered", "read back, not recorded"}

#: Where files travel ahead of the text.
HILL_POINTS = {
    "uploading a file": Point(Stall(fault={"kind": "slow", "path": "UploadAttachment"}), SENT),
    "file uploaded": Point(Stall("agent.delivery.attempt:form_problem", "after"), SENT),
    "accepted, not answered": Point(Stall(fault={"kind": "reply_stalled"}), SENT, posted_before=1),
}


def backed_up_home(settings: PortalSettings, factory: pytest.TempPathFactory) -> Iterator[CrashHome]:
    with MockPortal(settings) as portal:
        home = CrashHome.at(portal, factory.mktemp("crash") / "home")
        ran = home.run("backup", home.account)
        assert 0 == ran.code, ran
        yield home


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashHome]:
    yield from backed_up_home(PortalSettings(cases=24, window_days=None, otp_period=2), tmp_path_factory)


@pytest.fixture(scope="module")
def hill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashHome]:
    yield from backed_up_home(PortalSettings(cases=8, skin="hill", otp_period=2), tmp_path_factory)


def queue(home: CrashHome, text: str) -> tuple[int, str]:
    """Queue a reply with a file in a case that has none yet; returns the entry and the case."""
    rules, now = SendingRules.of(load_profile("quick", home.folder / "profiles")), datetime.now(UTC)
    with home.archive() as database:
        taken = {entry.draft.case_id for entry in outbox.list_entries(database)}
        open_cases = [case.record.case_id for case in iterate_cases(database) if case.record.can_reply]
        case_id = next(each for each in open_cases if each not in taken)
        blob = blobs_of(database).put(FILE)
        file = OutboxFile(name="invoice.pdf", mime=None, size=blob.size, sha256=blob.sha256)
        draft = Draft(account=home.account, case_id=case_id, text=text, files=(file,))
        entry_id = outbox.add(database, draft, author="ann", at=now)
        review = review_entry(database, outbox.get_entry(database, entry_id), rules)
        outbox.approve(
            database,
            entry_id,
            seen_hash=review.entry.content_hash,
            seen_message_ids=review.seen_message_ids,
            approver="bob",
            at=now,
        )
    return entry_id, case_id


def posted(home: CrashHome, case_id: str) -> list[tuple[str, list[str]]]:
    """The replies that the portal accepted in the case, with their files."""
    return [
        (entry["text"], [file["name"] for file in entry["attachments"]])
        for entry in home.portal.ledger()
        if (entry["kind"], entry["case"]) == ("reply", case_id)
    ]


def assert_sent_once_or_held(home: CrashHome, name: str, point: Point) -> None:
    text = f"Our reply that meets its fate when it is {name}."
    entry_id, case_id = queue(home, text)
    reply = (text, ["invoice.pdf"])

    run_folder = home.kill_at(point.stall, "outbox", "send", home.account)
    assert [reply] * point.posted_before == posted(home, case_id)
    assert [] == home.damage()

    ran = home.run("outbox", "send", home.account)
    shown = home.run("outbox", "show", str(entry_id), "--json").value
    if "Nothing is queued" in ran.out:  # then nothing was opened, and it is the next backup that cleans up
        assert 0 == home.run("backup", home.account, "--case", case_id).code

    assert [reply] * point.posted == posted(home, case_id)
    assert point.becomes.value == shown["status"], ran
    if point.becomes is HELD:
        assert 21 == ran.code
        assert "it was submitted and is certainly not in the thread" in ran.out
        assert "caselog outbox resolve" in ran.out
    else:
        assert 0 == ran.code, ran
    assert [] == home.damage()
    assert [] == home.leftovers(run_folder)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in USUAL else pytest.mark.crash) for name in POINTS]
)
def test_delivery_killed(classic: CrashHome, name: str) -> None:
    """The portal has the reply once, or not at all and a person is told why."""
    assert_sent_once_or_held(classic, name, POINTS[name])


@pytest.mark.crash
@pytest.mark.parametrize("name", HILL_POINTS)
def test_delivery_killed_on_the_hill(hill: CrashHome, name: str) -> None:
    """The same where a script posts, and the files go first."""
    assert_sent_once_or_held(hill, name, HILL_POINTS[name])
