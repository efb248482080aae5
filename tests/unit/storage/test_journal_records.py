from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

import pytest

from storage import journal
from storage.database import Database
from storage.errors import AccountBusy
from storage.errors import NaiveTime
from storage.errors import NotFound
from storage.journal import AccountCondition
from storage.journal import AccountState
from storage.journal import Audit
from storage.journal import Certificate
from storage.journal import Environment
from storage.journal import Evidence
from storage.journal import PageRead
from storage.journal import Run
from storage.journal import RunOutcome
from storage.process import Holder
from storage.records import Tab


@pytest.fixture
def start(database: Database, holder: Holder, now: datetime) -> Callable[..., str]:
    def start(account: str = "acme", *, hours: int = 0) -> str:
        return journal.start_run(database, account, scope="all", holder=holder, at=now + timedelta(hours=hours))

    return start


def test_run(database: Database, start: Callable[..., str], holder: Holder, now: datetime) -> None:
    """A run is there from its first moment, and ends once with its outcome and numbers."""
    run_id = start()
    begun = Run(
        run_id=run_id,
        account="acme",
        scope="all",
        started_at=now,
        finished_at=None,
        outcome=None,
        numbers={},
        holder=holder,
    )
    assert begun == journal.get_run(database, run_id)
    numbers = {"cases": {"seen": 3}, "engine": "firefox"}
    journal.finish_run(database, run_id, outcome=RunOutcome.PARTIAL, numbers=numbers, at=now)
    ended = replace(begun, finished_at=now, outcome=RunOutcome.PARTIAL, numbers=numbers)
    assert (ended,) == journal.list_runs(database)
    with pytest.raises(NotFound):
        journal.finish_run(database, run_id, outcome=RunOutcome.COMPLETE, numbers={}, at=now)


def test_interrupted(database: Database, start: Callable[..., str]) -> None:
    """A run whose process died is marked by the account's next run; another account's is left alone."""
    dead, other, alive = start(), start("other"), start(hours=1)
    assert [RunOutcome.INTERRUPTED, None, None] == [
        journal.get_run(database, run_id).outcome for run_id in (dead, other, alive)
    ]


def test_last_complete_run(database: Database, start: Callable[..., str], now: datetime) -> None:
    """What counts as the last complete run is complete, and the account's own."""
    assert journal.last_complete_run(database, "acme") is None
    run_ids = []
    for hours, outcome in enumerate((RunOutcome.COMPLETE, RunOutcome.COMPLETE, RunOutcome.PARTIAL)):
        run_ids.append(start(hours=hours))
        journal.finish_run(database, run_ids[-1], outcome=outcome, numbers={}, at=now + timedelta(hours=hours))
    assert journal.get_run(database, run_ids[1]) == journal.last_complete_run(database, "acme")
    assert journal.last_complete_run(database, "other") is None


def test_certificates(database: Database, start: Callable[..., str], now: datetime) -> None:
    """A tab listed again replaces its certificate; the newest good one of each tab is what a shrink is seen by."""
    first = start()
    good = Certificate(tab=Tab.ALL, listed=50, total=50, ok=True)
    filtered = Certificate(tab=Tab.FILTERED, listed=7, total=None, ok=True)
    for certificate in (filtered, replace(good, listed=49, ok=False), good):
        journal.record_certificate(database, first, certificate, at=now)
    assert (good, filtered) == journal.certificates_of(database, first)
    second = start(hours=1)
    broken = replace(good, listed=3, ok=False)
    journal.record_certificate(database, second, broken, at=now + timedelta(hours=1))
    assert (broken,) == journal.certificates_of(database, second)
    assert {Tab.ALL: good, Tab.FILTERED: filtered} == journal.last_certificates(database, "acme")


def test_pages(database: Database, run_id: str, now: datetime) -> None:
    """Pages come back in the order in which they were read."""
    page = PageRead(
        at=now,
        url="https://portal.example/list",
        page_kind="list",
        lane="live",
        engine="chromium",
        verdict="ok",
        milliseconds=120,
    )
    pages = (page, replace(page, verdict="blank"), replace(page, page_kind="case"))
    journal.record_pages(database, run_id, pages)
    journal.record_pages(database, run_id, ())
    assert pages == journal.pages_of(database, run_id)


def test_failed_reads(database: Database, start: Callable[..., str], now: datetime) -> None:
    """Of each case's page that could not be read, the last try in the account's last runs, dead engines included."""

    def read(run_id: str, url: str, verdict: str, hours: int, kind: str = "case") -> None:
        page = journal.PageRead(
            at=now + timedelta(hours=hours),
            url=url,
            page_kind=kind,
            lane="live",
            engine="chromium/desktop",
            verdict=verdict,
            milliseconds=1,
        )
        journal.record_pages(database, run_id, (page,))

    forgotten, mine, others = start(), start(hours=1), start("other", hours=2)
    read(forgotten, "/5", "blank", 0)
    for url, verdict, hours in (
        ("/1", "blank", 1),
        ("/1", "error", 3),
        ("/1", "ok", 5),
        ("/2", "gone", 2),
        ("/3", "ok", 2),
    ):
        read(mine, url, verdict, hours)
    read(mine, "/list", "blank", 1, kind="list")
    read(others, "/1", "blank", 9)
    journal.begin_recovery(
        database, mine, url="/4", verdict="engine_died", rung="relaunch", engine="firefox", engine_version="1", at=now
    )

    expected = {"/1": now + timedelta(hours=3), "/2": now + timedelta(hours=2), "/4": now}
    assert expected == journal.failed_reads(database, "acme", last_runs=1)


def test_recovery(database: Database, run_id: str, now: datetime) -> None:
    """An attempt is there before it is made, without a result, and gets one once."""
    attempt_id = journal.begin_recovery(
        database,
        run_id,
        url="https://portal.example/list",
        verdict="blank",
        rung="switch_engine",
        engine="firefox",
        engine_version="153.0",
        at=now,
    )
    (begun,) = journal.recoveries_of(database, run_id)
    assert (attempt_id, "153.0", None, None) == (
        begun.attempt_id,
        begun.engine_version,
        begun.result,
        begun.finished_at,
    )
    journal.end_recovery(database, attempt_id, result="ok", at=now)
    assert (replace(begun, result="ok", finished_at=now),) == journal.recoveries_of(database, run_id)
    with pytest.raises(NotFound):
        journal.end_recovery(database, attempt_id, result="blank", at=now)


def test_evidence(database: Database, run_id: str, now: datetime) -> None:
    """Evidence is found by its run."""
    item = Evidence(
        at=now,
        kind="screenshot",
        url="https://portal.example/case/1",
        path="evidence/run/1.png",
        sha256="a" * 64,
        case_id="1001",
    )
    journal.record_evidence(database, run_id, item)
    assert (item,) == journal.evidence_of(database, run_id)


def test_environment(database: Database, run_id: str, now: datetime) -> None:
    """A cure is remembered for its account until it expires, a later one instead of it."""
    item = Environment(
        account="acme",
        environment="firefox",
        verdict="blank",
        run_id=run_id,
        since=now,
        until=now + timedelta(days=7),
    )
    journal.remember_environment(database, item)
    renewed = replace(item, environment="mobile", until=now + timedelta(days=8))
    journal.remember_environment(database, renewed)
    assert renewed == journal.start_environment(database, "acme", at=now + timedelta(days=7))
    assert journal.start_environment(database, "acme", at=now + timedelta(days=8)) is None
    assert journal.start_environment(database, "other", at=now) is None
    journal.forget_environment(database, "acme")
    assert journal.start_environment(database, "acme", at=now) is None


def test_sign_ins(database: Database, run_id: str, now: datetime) -> None:
    """A sign-in counts from before its password is submitted; one that ended without a password does not count."""
    sign_in_id = journal.begin_sign_in(database, "acme", run_id=run_id, at=now)
    journal.begin_sign_in(database, "acme", run_id=None, at=now)
    assert 1 == journal.count_sign_ins(database, run_id)
    journal.end_sign_in(database, sign_in_id, outcome="ok", at=now)
    assert [None, "ok"] == [entry.outcome for entry in journal.list_sign_ins(database, "acme")]
    with pytest.raises(NotFound):
        journal.end_sign_in(database, sign_in_id, outcome="refused", at=now)
    blank = journal.begin_sign_in(database, "acme", run_id=run_id, at=now)
    assert 2 == journal.count_sign_ins(database, run_id)
    journal.end_sign_in(database, blank, outcome=f"{journal.NOT_SUBMITTED}blank", at=now)
    assert 1 == journal.count_sign_ins(database, run_id)


def test_locked_until_unlocked(database: Database, now: datetime) -> None:
    """A lock outlives whatever else is noted; only a person opens it, and that is audited."""
    fresh = AccountState(account="acme", condition=AccountCondition.OK, reason="", since=None)
    assert fresh == journal.account_state(database, "acme")
    journal.set_account_state(database, "acme", AccountCondition.NEEDS_CODE, reason="SMS", at=now)
    journal.set_account_state(database, "acme", AccountCondition.LOCKED, reason="wrong password", at=now)
    journal.set_account_state(database, "acme", AccountCondition.OK, reason="", at=now)
    locked = AccountState(account="acme", condition=AccountCondition.LOCKED, reason="wrong password", since=now)
    assert locked == journal.account_state(database, "acme")
    before = journal.unlock_account(database, "acme", person="ann", reason="new password", at=now)
    assert AccountCondition.LOCKED == before
    assert AccountCondition.OK == journal.account_state(database, "acme").condition
    expected = Audit(at=now, actor="ann", action="unlock", subject="acme", reason="new password")
    assert (expected,) == journal.list_audits(database)


def test_one_process_per_account(database: Database, holder: Holder, now: datetime) -> None:
    """An account is held by one process; who waits learns by whom."""
    token = journal.lock_account(database, "acme", holder=holder, purpose="backup", at=now)
    with pytest.raises(AccountBusy) as refusal:
        journal.lock_account(database, "acme", holder=holder, purpose="send", at=now)
    busy = refusal.value
    assert (holder, "backup") == (
        Holder(host=busy.host, pid=busy.pid, process_started_at=busy.process_started_at),
        busy.purpose,
    )
    journal.lock_account(database, "other", holder=holder, purpose="send", at=now)
    assert journal.release_account(database, "acme", token)
    journal.lock_account(database, "acme", holder=holder, purpose="send", at=now)


def test_dead_lock_is_taken_over(database: Database, holder: Holder, now: datetime) -> None:
    """The lock of a dead holder is taken over once, with its token; the old holder learns that it lost it."""
    old = journal.lock_account(database, "acme", holder=holder, purpose="backup", at=now)
    new = journal.lock_account(database, "acme", holder=holder, purpose="backup", at=now, dead_token=old)
    with pytest.raises(AccountBusy):
        journal.lock_account(database, "acme", holder=holder, purpose="backup", at=now, dead_token=old)
    assert [False, True] == [journal.holds_account(database, "acme", token) for token in (old, new)]
    assert [False, True] == [journal.release_account(database, "acme", token) for token in (old, new)]
    assert ["lock taken over"] == [line.action for line in journal.list_audits(database)]


def test_naive_time(database: Database, holder: Holder) -> None:
    """A time without a zone is refused."""
    naive = datetime(2026, 11, 24)  # noqa: DTZ001 - that is the point
    with pytest.raises(NaiveTime):
        journal.audit(database, actor="a", action="b", subject="c", reason="d", at=naive)
