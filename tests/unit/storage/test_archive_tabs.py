from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from datetime import timedelta

import pytest

from storage import archive
from storage import journal
from storage.archive import AbsenceKind
from storage.archive import CaseFilter
from storage.archive import ChangeEvent
from storage.database import Database
from storage.errors import NotFound
from storage.process import Holder
from storage.records import CaseRecord
from storage.records import CaseRef
from storage.records import CaseStatus
from storage.records import Tab

REF = CaseRef(account="acme", case_id="1001")

Note = Callable[..., tuple[CaseRef, ...]]


@pytest.fixture
def note(database: Database, run_id: str, now: datetime) -> Note:
    def note(tab: Tab, *case_ids: str, hours: int = 0, complete: bool = True) -> tuple[CaseRef, ...]:
        return archive.note_tab(
            database,
            "acme",
            tab,
            case_ids,
            run_id=run_id,
            seen_at=now + timedelta(hours=hours),
            complete=complete,
        )

    return note


@pytest.fixture(autouse=True)
def archived(database: Database, run_id: str, now: datetime, case: Callable[..., CaseRecord]) -> None:
    archive.ingest(database, case(), run_id=run_id, seen_at=now)


def stays(database: Database) -> list[tuple[object, ...]]:
    with database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT tab, case_id, substr(first_seen_at, 12, 2), substr(last_seen_at, 12, 2), substr(left_at, 12, 2)"
            " FROM tab_sightings ORDER BY id"
        )
        return [tuple(row) for row in rows]


def test_tabs(database: Database, note: Note) -> None:
    """A case shows the tabs that it is in, in their fixed order; a case may be listed before it is archived."""
    note(Tab.FILTERED, "1001", "2002")
    note(Tab.ALL, "1001")
    note(Tab.ATTENTION, "2002")
    assert (Tab.ALL, Tab.FILTERED) == archive.get_case(database, REF).tabs


def test_stays(database: Database, note: Note) -> None:
    """A stay in a tab has its times; one that comes back begins another; a broken listing ends none."""
    note(Tab.ATTENTION, "1001", "2002")
    note(Tab.ATTENTION, "1001", hours=1, complete=False)
    note(Tab.ATTENTION, "1001", hours=2)
    note(Tab.ATTENTION, "1001", "2002", hours=3)
    assert [
        ("attention", "1001", "12", "15", None),
        ("attention", "2002", "12", "12", "14"),
        ("attention", "2002", "15", "15", None),
    ] == stays(database)


def test_last_seen(database: Database, note: Note, now: datetime) -> None:
    """Being listed is being seen."""
    note(Tab.ALL, "1001", hours=5)
    assert now + timedelta(hours=5) == archive.get_case(database, REF).last_seen_at


def test_absent_and_back(database: Database, note: Note, run_id: str, now: datetime) -> None:
    """An absent case keeps its date through both kinds of absence, and its return is logged."""

    def mark(kind: AbsenceKind, hours: int) -> bool:
        at = now + timedelta(hours=hours)
        return archive.mark_absent(database, REF, kind, run_id=run_id, at=at, evidence=f"link: {kind}")

    assert [True, False, True] == [
        mark(AbsenceKind.UNLISTED, 1),
        mark(AbsenceKind.UNLISTED, 2),
        mark(AbsenceKind.GONE, 3),
    ]
    assert now + timedelta(hours=1) == archive.get_case(database, REF).absent_since
    assert (REF,) == note(Tab.ALL, "1001", hours=4)
    assert archive.get_case(database, REF).absent_since is None
    assert () == note(Tab.ALL, "1001", hours=5)
    assert [
        (ChangeEvent.CASE_NEW, ""),
        (ChangeEvent.CASE_UNLISTED, "link: unlisted"),
        (ChangeEvent.CASE_GONE, "link: gone"),
        (ChangeEvent.CASE_RETURNED, ""),
    ] == [(line.event, line.detail) for line in archive.read_changes(database)]


@pytest.mark.parametrize(
    ("kind", "fingerprint", "returns"),
    [
        (AbsenceKind.UNLISTED, "listed", True),
        (AbsenceKind.UNLISTED, None, False),
        (AbsenceKind.GONE, None, True),
    ],
)
def test_ingest_ends_absence(
    *,
    database: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    kind: AbsenceKind,
    fingerprint: str | None,
    returns: bool,
) -> None:
    """A case that opens by its own link is not gone, but unlisted it may still be."""
    archive.mark_absent(database, REF, kind, run_id=run_id, at=now, evidence="")
    change = archive.ingest(database, case(fingerprint=fingerprint), run_id=run_id, seen_at=now)
    assert returns == change.returned
    assert returns == (archive.get_case(database, REF).absent_since is None)


def test_absences_taken_back(
    *, database: Database, note: Note, holder: Holder, run_id: str, now: datetime, case: Callable[..., CaseRecord]
) -> None:
    """Only what those runs marked, and only while it lasts; the log says why, under the run that had marked it."""
    for number in ("1002", "1003"):
        archive.ingest(database, case(number), run_id=run_id, seen_at=now)
    other = journal.start_run(database, "acme", scope="all", holder=holder, at=now)
    refs = [CaseRef(account="acme", case_id=number) for number in ("1001", "1002", "1003")]
    for ref, run in zip(refs, (run_id, run_id, other), strict=True):
        archive.mark_absent(database, ref, AbsenceKind.UNLISTED, run_id=run, at=now, evidence="link")
    note(Tab.ALL, "1002", hours=1)

    def take_back() -> tuple[CaseRef, ...]:
        return archive.take_back_absences(database, (run_id,), at=now + timedelta(hours=2), reason="an outage")

    assert [(REF,), ()] == [take_back(), take_back()]
    states = archive.case_states(database, "acme")
    assert [None, None, AbsenceKind.UNLISTED] == [states[ref.case_id].absence for ref in refs]
    assert [None, None, now] == [states[ref.case_id].absent_since for ref in refs]
    told = list(archive.read_changes(database, ref=REF))[-1]
    assert (ChangeEvent.ABSENCE_TAKEN_BACK, "an outage", run_id) == (told.event, told.detail, told.run_id)


def test_taking_back_leaves_what_was_proved_before(
    database: Database, holder: Holder, run_id: str, now: datetime
) -> None:
    """A case that was in no list days ago, and whose link failed in the outage, is in no list since days ago."""
    tonight = journal.start_run(database, "acme", scope="all", holder=holder, at=now)
    later = now + timedelta(days=3)
    archive.mark_absent(database, REF, AbsenceKind.UNLISTED, run_id=run_id, at=now, evidence="it opens")
    archive.mark_absent(database, REF, AbsenceKind.GONE, run_id=tonight, at=later, evidence="it does not")

    taken = archive.take_back_absences(database, (tonight,), at=later + timedelta(hours=1), reason="an outage")

    state = archive.case_states(database, "acme")["1001"]
    assert ((REF,), AbsenceKind.UNLISTED, now) == (taken, state.absence, state.absent_since)
    assert not archive.mark_absent(database, REF, AbsenceKind.UNLISTED, run_id=tonight, at=later, evidence="it opens")


def test_absent_stranger(database: Database, run_id: str, now: datetime) -> None:
    """A case that was never archived cannot be absent."""
    stranger = CaseRef(account="acme", case_id="9")
    with pytest.raises(NotFound):
        archive.mark_absent(database, stranger, AbsenceKind.GONE, run_id=run_id, at=now, evidence="")


def test_list_cases(
    database: Database, note: Note, run_id: str, now: datetime, case: Callable[..., CaseRecord]
) -> None:
    """Cases are listed the last active first, by account, status, tab, absence and activity."""
    for number, status in (("1002", CaseStatus.CLOSED), ("1003", CaseStatus.ANSWERED)):
        record = case(number, status=status, updated_at=now + timedelta(minutes=int(number)))
        archive.ingest(database, record, run_id=run_id, seen_at=now)
    note(Tab.MINE, "1002")
    archive.mark_absent(database, REF, AbsenceKind.GONE, run_id=run_id, at=now, evidence="")

    def listed(**where: object) -> list[str]:
        return [line.ref.case_id for line in archive.list_cases(database, CaseFilter(**where))]  # type: ignore[arg-type]

    assert ["1003", "1002", "1001"] == listed()
    assert [] == listed(account="other")
    assert ["1003", "1002"] == listed(statuses=(CaseStatus.CLOSED, CaseStatus.ANSWERED))
    assert ["1002"] == listed(tab=Tab.MINE)
    assert ["1001"] == listed(absent=True)
    assert ["1003", "1002"] == listed(absent=False)
    assert ["1003", "1002"] == listed(active_since=now)
    assert 2 == archive.count_cases(database, CaseFilter(absent=False))
    assert ["1002"] == [line.ref.case_id for line in archive.list_cases(database, limit=1, offset=1)]
    (line,) = archive.list_cases(database, CaseFilter(tab=Tab.MINE))
    assert ((Tab.MINE,), 2, "Case 1002") == (line.tabs, line.messages, line.subject)


def test_iterate(
    database: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All cases come page by page, each once, in the order in which they were archived."""
    monkeypatch.setattr("storage.archive.queries.PAGE", 3)
    records = [case(str(number)) for number in (1001, 7, 6, 5, 4, 3, 2)]
    archive.ingest_batch(database, records, run_id=run_id, seen_at=now)
    assert records == [archived.record for archived in archive.iterate_cases(database)]
