"""Which addresses in the journal of runs belong to an erased case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import datetime

import pytest

from storage import archive
from storage import journal
from storage.database import Database
from storage.erasure.erase import erase
from storage.erasure.preview import preview
from storage.erasure.scope import Scope
from storage.records import CaseRecord

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SCOPE = Scope(account="acme", case_id="12")


@pytest.mark.parametrize(
    ("own", "gone", "kept"),
    [
        (
            "https://portal.example/case/12",
            ("/case/12", "/case/12/", "/case/12/files", "/case/12?page=2", "/case/12#last"),
            ("/case/123", "/case/1", "/CASE/12", "/case/12-b"),
        ),
        ("https://portal.example/case/12/", ("/case/12", "/case/12/", "/case/12/2"), ("/case/123/",)),
        ("https://portal.example/view?id=12", ("/view?id=12", "/view?id=12&page=2"), ("/view?id=123", "/view")),
    ],
)
def test_other_cases_keep_their_addresses(
    *,
    database: Database,
    run_id: str,
    case: Callable[..., CaseRecord],
    own: str,
    gone: tuple[str, ...],
    kept: tuple[str, ...],
) -> None:
    """A page of the case loses its address, whatever follows it; one of a case with a longer number keeps its own."""
    archive.ingest(database, case("12", url=own), run_id=run_id, seen_at=NOON)
    urls = [f"https://portal.example{path}" for path in (*gone, *kept)]
    pages = [
        journal.PageRead(
            at=NOON, url=url, page_kind="case", lane="live", engine="chromium", verdict="ok", milliseconds=1
        )
        for url in urls
    ]
    journal.record_pages(database, run_id, pages)
    numbers = {"recoveries": [{"url": url} for url in urls]}
    journal.finish_run(database, run_id, outcome=journal.RunOutcome.PARTIAL, numbers=numbers, at=NOON)

    digest = preview(database, SCOPE).digest
    erase(database, SCOPE, digest, actor="ann", reason="", at=NOON, is_dead=lambda _holder: True)

    expected = ["" for _ in gone] + urls[len(gone) :]
    assert expected == [page.url for page in journal.pages_of(database, run_id)]
    assert expected == [each["url"] for each in journal.get_run(database, run_id).numbers["recoveries"]]
