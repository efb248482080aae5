from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from storage import archive
from storage import journal
from storage.archive import ChangeKind
from storage.opening import open_archive
from storage.process import Holder
from storage.records import CaseRecord
from storage.records import CaseRef
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
REF = CaseRef(account="acme", case_id="1")


def a_message(number: int, body: str) -> MessageRecord:
    return MessageRecord(
        message_id=f"m{number}",
        native_id=True,
        direction=Direction.PORTAL,
        author="Support",
        sent_at=NOON + timedelta(minutes=number),
        sent_at_raw="",
        body=body,
    )


#: Which of six messages a reading shows, each with one of three bodies.
threads = st.dictionaries(st.integers(0, 5), st.sampled_from(["a", "b", ""]), max_size=6).map(
    lambda bodies: tuple(a_message(number, bodies[number]) for number in sorted(bodies))
)
readings = st.builds(
    CaseRecord,
    account=st.just("acme"),
    case_id=st.just("1"),
    subject=st.sampled_from(["Refund", "Refund again"]),
    status=st.sampled_from([CaseStatus.CLOSED, CaseStatus.ANSWERED]),
    status_raw=st.just("x"),
    created_at=st.sampled_from([None, NOON]),
    created_at_raw=st.none(),
    updated_at=st.sampled_from([NOON, NOON + timedelta(hours=1)]),
    updated_at_raw=st.none(),
    url=st.just("https://portal.example/case/1"),
    complete=st.booleans(),
    messages=threads,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(readings, min_size=1, max_size=6))
def test_nothing_is_ever_lost(empty_archive: Path, history: list[CaseRecord]) -> None:
    """Whatever is read in whatever order: every content stays, the present view is right, a re-read changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(empty_archive, Path(folder) / "a.db")
        database = open_archive(Path(folder) / "a.db", at=NOON)
        holder = Holder(host="desk", pid=1, process_started_at=NOON)
        run_id = journal.start_run(database, "acme", scope="all", holder=holder, at=NOON)
        shown: dict[str, MessageRecord] = {}
        bodies: set[tuple[str, str]] = set()
        for reading in history:
            archive.ingest(database, reading, run_id=run_id, seen_at=NOON)
            again = archive.ingest(database, reading, run_id=run_id, seen_at=NOON)
            assert ChangeKind.UNCHANGED == again.kind
            shown = ({} if reading.complete else shown) | {m.message_id: m for m in reading.messages}
            bodies |= {(message.message_id, message.body) for message in reading.messages}
            expected = tuple(shown[message_id] for message_id in sorted(shown))
            assert replace(reading, messages=expected) == archive.get_case(database, REF).record
        archived = archive.get_case(database, REF)
        kept = {(m.message_id, m.body) for m in archived.record.messages}
        kept |= {(v.message.message_id, v.message.body) for v in archived.vanished}
        kept |= {(version.message_id, version.body) for version in archive.message_versions(database, REF)}
        assert bodies == kept
        database.close()
