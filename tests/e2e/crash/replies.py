"""Replies in a home that was backed up: queued, and what the portal has of them."""

from __future__ import annotations

from collections.abc import Iterator
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
from tests.e2e.crash.crash_home import CrashHome

FILE = b"%PDF-1.4 invoice"


def backed_up_home(settings: PortalSettings, factory: pytest.TempPathFactory) -> Iterator[CrashHome]:
    with MockPortal(settings) as portal:
        home = CrashHome.at(portal, factory.mktemp("crash") / "home")
        ran = home.run("backup", home.account)
        assert 0 == ran.code, ran
        yield home


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
