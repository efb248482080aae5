"""The same misfortunes on the twin of Seller Central, where a script posts and files travel ahead of the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mock_portal.server import MockPortal
from mock_portal.settings import PortalSettings
from storage.outbox import OutboxStatus
from tests.e2e.browser_room import BrowserRoom
from tests.e2e.delivery.sending_house import SendingHouse

FILE = {"invoice 1.pdf": b"%PDF-1.4 invoice"}

#: What happens to the first reply, the second, and so on: a name, a fault, whether it has a file, what becomes of it.
FATES: tuple[tuple[str, dict[str, Any] | None, bool, OutboxStatus], ...] = (
    ("nothing special", None, True, OutboxStatus.SENT),
    ("a blank answer", {"kind": "reply_blank"}, False, OutboxStatus.SENT),
    ("a reset connection", {"kind": "reply_reset"}, True, OutboxStatus.SENT),
    ("a closed connection", {"kind": "reply_closed"}, False, OutboxStatus.SENT),
    ("a late message", {"kind": "reply_late", "seconds": 2.0}, False, OutboxStatus.SENT),
    ("a dropped reply", {"kind": "reply_dropped"}, False, OutboxStatus.HELD),
)


@pytest.fixture(scope="module")
def mock() -> Iterator[MockPortal]:
    with MockPortal(PortalSettings(skin="hill", cases=12)) as portal:
        yield portal


@pytest.fixture(scope="module")
def house(room: BrowserRoom, mock: MockPortal, tmp_path_factory: pytest.TempPathFactory) -> SendingHouse:
    name = mock.ready.accounts[0].name
    house = SendingHouse.at(mock.ready, name, room=room, home=tmp_path_factory.mktemp("home"))
    house.backup()
    return house


@pytest.mark.long
def test_every_reply_is_posted_once_or_held(mock: MockPortal, house: SendingHouse) -> None:
    """Sent ones stand in the ledger once, with their file and their proof; the dropped one not at all."""
    entries = [
        house.queue(case, f"Our reply about {name} on the hill.", files=FILE if with_file else None)
        for (name, _, with_file, _), case in zip(FATES, house.open_cases(), strict=False)
    ]
    # All replies go to one address, so that each fault waits for its turn; a repeated request would be seen at once.
    mock.set_faults(
        *(
            {**fault, "path": "ReplyToCase", "after": turn, "times": 1}
            for turn, (_, fault, _, _) in enumerate(FATES)
            if fault is not None
        )
    )

    outcome = house.send()

    assert outcome.ended_by is None
    stored = [house.entry(entry) for entry in entries]
    assert [status for *_, status in FATES] == [entry.status for entry in stored]
    sent = [entry for entry in stored if entry.status is OutboxStatus.SENT]
    assert [(entry.draft.text, [file.sha256 for file in entry.draft.files]) for entry in sent] == [
        (line["text"], [file["sha256"] for file in line["attachments"]])
        for line in mock.ledger()
        if line["kind"] == "reply"
    ]
    assert [1] * len(sent) == [entry.proof.matches for entry in sent if entry.proof is not None]
