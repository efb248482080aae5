from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime
from datetime import timedelta

from storage import archive
from storage.archive import CaseFilter
from storage.database import Database
from storage.export import export_jsonl
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import MessageRecord
from storage.records import Tab


def test_jsonl(
    *,
    database: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
) -> None:
    """One line per case, its keys in the promised order, times in UTC, what is not there as null, and nothing gone."""
    listed = AttachmentRef(name="scan.png", url="https://portal.example/f")
    fetched = AttachmentRef(name="a.pdf", mime="application/pdf", size=12, sha256="a" * 64)
    gone = AttachmentRef(name="gone.txt")
    record = case(
        messages=(message(1, body='Größe 大\n"x"', attachments=(fetched, listed, gone)), message(2)),
        created_at=None,
        created_at_raw=None,
        attachments=(listed,),
    )
    archive.ingest_batch(database, [record, case("1002", messages=0)], run_id=run_id, seen_at=now)
    archive.ingest(
        database,
        case(
            messages=(message(1, body='Größe 大\n"x"', attachments=(fetched, listed)),),
            created_at=None,
            created_at_raw=None,
            attachments=(listed,),
        ),
        run_id=run_id,
        seen_at=now,
    )
    seen_at = now + timedelta(microseconds=5)
    for tab in (Tab.FILTERED, Tab.ALL):
        archive.note_tab(database, "acme", tab, ["1001"], run_id=run_id, seen_at=seen_at, complete=True)
    output = io.StringIO()
    assert 2 == export_jsonl(database, output)
    first, second = output.getvalue().splitlines()
    pending = {"name": "scan.png", "mime": None, "size": None, "sha256": None}
    expected = {
        "account": "acme",
        "case_id": "1001",
        "subject": "Case 1001",
        "status": "with_portal",
        "status_raw": "Pending Amazon action",
        "tabs": ["all", "filtered"],
        "created_at": None,
        "updated_at": "2026-11-24T11:00:00Z",
        "first_seen_at": "2026-11-24T12:00:00Z",
        "last_seen_at": "2026-11-24T12:00:00.000005Z",
        "absent_since": None,
        "complete": True,
        "messages": [
            {
                "id": "m1",
                "direction": "user",
                "author": "Acme Ltd",
                "sent_at": "2026-11-23T12:01:00Z",
                "sent_at_raw": "yesterday, 1 past noon",
                "body": 'Größe 大\n"x"',
                "attachments": [
                    {"name": "a.pdf", "mime": "application/pdf", "size": 12, "sha256": "a" * 64},
                    pending,
                ],
            }
        ],
        "attachments": [pending],
    }
    assert json.dumps(expected) == json.dumps(json.loads(first))
    assert "大" in first
    assert [] == json.loads(second)["messages"]


def test_filter(database: Database, run_id: str, now: datetime, case: Callable[..., CaseRecord]) -> None:
    """Only the cases that are asked for are exported."""
    archive.ingest(database, case(), run_id=run_id, seen_at=now)
    assert 0 == export_jsonl(database, io.StringIO(), CaseFilter(account="other"))


def test_one_line_for_every_reader(
    *,
    database: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
) -> None:
    """A text with Unicode's own line ends is still one line, and comes back as it was."""
    body = "a\u2028b\x85c\u2029d\r\n\x00\x1b"
    archive.ingest(database, case(messages=(message(1, body=body),)), run_id=run_id, seen_at=now)
    output = io.StringIO()
    export_jsonl(database, output)
    (line,) = output.getvalue().splitlines()
    assert body == json.loads(line)["messages"][0]["body"]
