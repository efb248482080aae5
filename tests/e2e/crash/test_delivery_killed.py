"""A sending run killed with all its processes at every point of a delivery: posted once, or held for a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mock_portal.settings import PortalSettings
from storage.outbox import OutboxStatus
from tests.e2e.crash.crash_home import CrashHome
from tests.e2e.crash.crash_home import Stall
from tests.e2e.crash.replies import backed_up_home
from tests.e2e.crash.replies import posted
from tests.e2e.crash.replies import queue

SENT, HELD = OutboxStatus.SENT, OutboxStatus.HELD


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

#: Where files travel ahead of the text.
HILL_POINTS = {
    "uploading a file": Point(Stall(fault={"kind": "slow", "path": "UploadAttachment"}), SENT),
    "file uploaded": Point(Stall("agent.delivery.attempt:form_problem", "after"), SENT),
    "accepted, not answered": Point(Stall(fault={"kind": "reply_stalled"}), SENT, posted_before=1),
}


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashHome]:
    yield from backed_up_home(PortalSettings(cases=24, window_days=None, otp_period=2), tmp_path_factory)


@pytest.fixture(scope="module")
def hill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashHome]:
    yield from backed_up_home(PortalSettings(cases=8, skin="hill", otp_period=2), tmp_path_factory)


def assert_sent_once_or_held(home: CrashHome, name: str, point: Point, *later: Stall) -> None:
    """Kill a run at the point, and the next ones at the later ones; then let one run to its end."""
    text = f"Our reply that meets its fate when it is {name}."
    entry_id, case_id = queue(home, text)
    reply = (text, ["invoice.pdf"])

    run_folder = home.kill_at(point.stall, "outbox", "send", home.account)
    assert [reply] * point.posted_before == posted(home, case_id)
    assert [] == home.damage()
    for stall in later:
        run_folder = home.kill_at(stall, "outbox", "send", home.account)
        assert [] == home.damage()

    ran = home.run("outbox", "send", home.account)
    shown = home.ask("outbox", "show", str(entry_id), "--json").value
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


@pytest.mark.long  # `tests/unit/delivery/test_send_crash.py` dies at the same points without a browser
@pytest.mark.parametrize("name", POINTS)
def test_delivery_killed(classic: CrashHome, name: str) -> None:
    """The portal has the reply once, or not at all and a person is told why."""
    assert_sent_once_or_held(classic, name, POINTS[name])


@pytest.mark.long
@pytest.mark.parametrize("name", HILL_POINTS)
def test_delivery_killed_on_the_hill(hill: CrashHome, name: str) -> None:
    """The same where a script posts, and the files go first."""
    assert_sent_once_or_held(hill, name, HILL_POINTS[name])


@pytest.mark.long
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("answered, not read", Stall("storage.outbox:release_dead_claim", "after")),
        ("answered, not read", Stall("storage.outbox:reconcile_sent", "before")),
        ("intent committed", Stall("storage.outbox:reconcile_held", "before")),
    ],
    ids=["taken over", "found, not recorded", "not found, not recorded"],
)
def test_delivery_killed_again_while_it_is_reconciled(classic: CrashHome, first: str, second: Stall) -> None:
    """However often it dies, only the thread decides what became of a submitted reply."""
    assert_sent_once_or_held(classic, f"{first}; {second.seam}", POINTS[first], second)
