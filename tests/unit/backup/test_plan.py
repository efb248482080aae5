"""Which listed cases are read: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.backup.plan import ROTATION_LEAST
from agent.backup.plan import PlanRules
from agent.backup.plan import plan
from agent.backup.plan import revisit
from storage.archive import CaseState
from storage.records import CaseStatus
from storage.records import CaseSummary
from tests.unit.recovery.scripted_portal import NOON

LONG_AGO = NOON - timedelta(days=90)
TELLING = PlanRules(row_changes_with_message=True)
SILENT = PlanRules(row_changes_with_message=False)

#: Resting cases whose turn to be read comes first, so that another one is read for a reason of its own only.
OTHERS = [f"other {number}" for number in range(ROTATION_LEAST)]


def row_of(case_id: str = "1", **changes: Any) -> CaseSummary:
    values: dict[str, Any] = {
        "subject": "Subject",
        "status": CaseStatus.CLOSED,
        "status_raw": "Closed",
        "updated_at": LONG_AGO,
        "fingerprint": "F",
    }
    return CaseSummary(case_id=case_id, **{**values, **changes})


def state_of(case_id: str = "1", **changes: Any) -> CaseState:
    values: dict[str, Any] = {
        "fingerprint": "F",
        "status": CaseStatus.CLOSED,
        "complete": True,
        "last_read_at": NOON - timedelta(days=1),
        "last_activity_at": LONG_AGO,
        "absent_since": None,
        "url": "",
        "files_missing": 0,
    }
    return CaseState(case_id=case_id, **{**values, **changes})


def is_read(row: CaseSummary, state: CaseState | None, rules: PlanRules, **more: Any) -> bool:
    """Whether the case is read for its own sake."""
    archived = {case_id: state_of(case_id, last_read_at=NOON - timedelta(days=30)) for case_id in OTHERS}
    if state is not None:
        archived[row.case_id] = state
    rows = [row, *(row_of(case_id) for case_id in OTHERS)]
    return row in plan(rows, archived, rules, now=NOON, **more).fetch


@pytest.mark.parametrize("rules", [TELLING, SILENT])
def test_an_old_closed_case_that_is_whole_rests(rules: PlanRules) -> None:
    """Nothing about it asks for a read."""
    assert not is_read(row_of(), state_of(), rules)


@pytest.mark.parametrize("rules", [TELLING, SILENT])
@pytest.mark.parametrize(
    ("row", "state"),
    [
        (row_of(), None),
        (row_of(), state_of(complete=False)),
        (row_of(), state_of(files_missing=1)),
        (row_of(), state_of(absent_since=LONG_AGO)),
        (row_of(fingerprint="G"), state_of()),
    ],
    ids=["unknown", "incomplete", "a file is missing", "back after an absence", "another row"],
)
def test_what_is_not_whole_is_read(row: CaseSummary, state: CaseState | None, rules: PlanRules) -> None:
    """Whatever the portal's rows prove, these are read."""
    assert is_read(row, state, rules)


@pytest.mark.parametrize("status", [status for status in CaseStatus if status is not CaseStatus.CLOSED])
def test_an_open_case_is_read_where_rows_prove_nothing(status: CaseStatus) -> None:
    """A message may have arrived without a trace in the list; where the row tells, it has not."""
    assert is_read(row_of(status=status), state_of(status=status), SILENT)
    assert not is_read(row_of(status=status), state_of(status=status), TELLING)


def test_a_case_that_wants_attention_is_read_where_rows_prove_nothing() -> None:
    """Whatever its status says."""
    assert is_read(row_of(), state_of(), SILENT, attention={"1"})


@pytest.mark.parametrize("days", [0, 13])
def test_a_recently_closed_case_is_read_where_rows_prove_nothing(days: int) -> None:
    """It may be opened again; the row's time or the last message tells how recently."""
    recently = NOON - timedelta(days=days)

    assert is_read(row_of(updated_at=recently), state_of(), SILENT)
    assert is_read(row_of(updated_at=None), state_of(last_activity_at=recently), SILENT)


def test_a_case_without_any_time_is_read() -> None:
    """Nobody can say that it is old."""
    assert is_read(row_of(updated_at=None), state_of(last_activity_at=None), SILENT)


@pytest.mark.parametrize(("step", "read"), [(1, False), (60, False), (86400, True)])
def test_a_row_as_fresh_as_its_granularity_proves_nothing(step: int, read: bool) -> None:
    """Read an hour after a time that is only a day: a second message on that day leaves the row as it is."""
    updated = NOON - timedelta(days=2)
    row = row_of(updated_at=updated, updated_granularity=step)

    assert read is is_read(row, state_of(last_read_at=updated + timedelta(hours=1)), TELLING)


def test_a_row_that_does_not_say_how_fine_its_time_is_proves_nothing_that_day() -> None:
    """What nobody tells is taken for the coarsest."""
    updated = NOON - timedelta(days=2)

    assert is_read(row_of(updated_at=updated), state_of(last_read_at=updated + timedelta(hours=1)), TELLING)


def test_full_reads_everything() -> None:
    """No row is believed."""
    rules = PlanRules(row_changes_with_message=True, full=True)

    assert is_read(row_of(), state_of(), rules)


def test_the_rest_takes_turns() -> None:
    """Of 5,000 resting cases the hundred that were read longest ago are read."""
    rows = [row_of(str(number)) for number in range(5000)]
    archived = {
        row.case_id: state_of(row.case_id, last_read_at=NOON - timedelta(minutes=index))
        for index, row in enumerate(rows)
    }

    planned = plan(rows, archived, SILENT, now=NOON)

    assert [str(number) for number in range(4900, 5000)] == [row.case_id for row in planned.fetch]


def test_a_case_that_cannot_be_read_gives_its_turn_to_others() -> None:
    """Who was tried last comes last, whether the page could be read or not."""
    rows = [row_of(str(number)) for number in range(30)]
    archived = {
        row.case_id: state_of(row.case_id, url=f"/{row.case_id}", last_read_at=NOON - timedelta(days=40 - index))
        for index, row in enumerate(rows)
    }
    tried = {f"/{number}": NOON - timedelta(days=1) for number in range(5)}

    planned = plan(rows, archived, SILENT, tried=tried, now=NOON)

    assert [str(number) for number in range(5, 25)] == [row.case_id for row in planned.fetch]


def test_a_time_later_than_now_is_the_oldest() -> None:
    """A clock that was ahead once keeps no case from its turn, and no row is believed by it."""
    rows = [row_of(str(number)) for number in range(30)]
    archived = {row.case_id: state_of(row.case_id, last_read_at=NOON + timedelta(days=1)) for row in rows[10:]}
    archived |= {row.case_id: state_of(row.case_id) for row in rows[:10]}

    silent = plan(rows, archived, SILENT, now=NOON)
    telling = plan(rows, archived, TELLING, now=NOON)

    later = [str(number) for number in range(10, 30)]
    assert [later, later] == [[row.case_id for row in each.fetch] for each in (silent, telling)]


def test_an_unlisted_case_that_may_still_move_is_asked_for_each_time() -> None:
    """Open, recently active, read in part, or without a file; the others take turns, the longest untried first."""
    moving = [
        state_of("open", status=CaseStatus.WITH_PORTAL),
        state_of("recent", last_activity_at=NOON - timedelta(days=2)),
        state_of("partial", complete=False),
        state_of("file", files_missing=1),
    ]
    resting = [
        state_of(str(number), url=f"/{number}", last_read_at=NOON - timedelta(days=40 - number)) for number in range(30)
    ]

    asked = revisit([*moving, *resting], SILENT, tried={"/0": NOON}, now=NOON)

    assert ["open", "recent", "partial", "file", *map(str, range(1, 21))] == list(asked)
    assert 34 == len(revisit([*moving, *resting], PlanRules(row_changes_with_message=True, full=True), now=NOON))


ROWS = st.builds(
    row_of,
    case_id=st.integers(0, 30).map(str),
    status=st.sampled_from(CaseStatus),
    updated_at=st.sampled_from([LONG_AGO, NOON, None]),
    fingerprint=st.sampled_from("FG"),
)
ARCHIVES = st.dictionaries(
    st.integers(0, 30).map(str),
    st.builds(state_of, complete=st.booleans(), files_missing=st.integers(0, 1)),
).map(lambda states: {case_id: replace(state, case_id=case_id) for case_id, state in states.items()})


@given(
    rows=st.lists(ROWS, unique_by=lambda row: row.case_id),
    archived=ARCHIVES,
    telling=st.booleans(),
    full=st.booleans(),
)
def test_every_row_is_either_read_or_left_and_nothing_unknown_is_left(
    rows: list[CaseSummary], archived: Mapping[str, CaseState], telling: bool, full: bool
) -> None:
    """The two parts make the list again, in its order, and what is left is archived whole with the same row."""
    planned = plan(rows, archived, PlanRules(row_changes_with_message=telling, full=full), now=NOON)

    assert rows == sorted([*planned.fetch, *planned.unchanged], key=rows.index)
    assert not (full and planned.unchanged)
    for row in planned.unchanged:
        known = archived[row.case_id]
        assert (row.fingerprint, True, 0) == (known.fingerprint, known.complete, known.files_missing)
