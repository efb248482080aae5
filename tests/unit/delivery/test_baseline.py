"""May the reply still be posted into the thread as it is now?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.delivery.baseline import judge
from agent.delivery.hold import Hold
from agent.delivery.hold import HoldReason
from agent.delivery.match import take_baseline
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from tests.unit.delivery.threads import ANSWER
from tests.unit.delivery.threads import BEFORE
from tests.unit.delivery.threads import EXPECTED
from tests.unit.delivery.threads import NOON
from tests.unit.delivery.threads import OPENING
from tests.unit.delivery.threads import TEXT
from tests.unit.delivery.threads import message
from tests.unit.delivery.threads import thread

FIRST = take_baseline(BEFORE, EXPECTED, NOON)
SEEN = frozenset({"m1", "m2"})


@pytest.mark.parametrize(
    ("now", "known", "expected"),
    [
        pytest.param(BEFORE, {}, None, id="as approved"),
        pytest.param(thread(OPENING), {}, None, id="fewer than seen"),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "One more thing.", direction=Direction.PORTAL)),
            {},
            Hold(HoldReason.UNSEEN_MESSAGE, "m3"),
            id="the other side wrote",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "I took over")),
            {},
            Hold(HoldReason.UNSEEN_MESSAGE, "m3"),
            id="a colleague wrote",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "Opened", direction=Direction.SYSTEM)),
            {},
            None,
            id="an event is no message",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, "Our other reply")),
            {"proven": frozenset({"m3"})},
            None,
            id="our own proven reply",
        ),
        pytest.param(
            thread(OPENING, ANSWER, message(3, TEXT)),
            {"seen": SEEN | {"m3"}},
            Hold(HoldReason.ALREADY_THERE),
            id="our text appeared since the first attempt, and even if it was seen",
        ),
        pytest.param(
            replace(BEFORE, status=CaseStatus.CLOSED, status_raw="Closed"),
            {},
            Hold(HoldReason.CASE_CLOSED, "Closed"),
            id="closed",
        ),
        pytest.param(
            replace(BEFORE, can_reply=False), {}, Hold(HoldReason.NO_REPLY_POSSIBLE, "Open"), id="no reply offered"
        ),
        pytest.param(replace(BEFORE, can_reply=None), {}, None, id="the portal does not say"),
    ],
)
def test_judge(now: CaseRecord, known: dict[str, frozenset[str]], expected: Hold | None) -> None:
    """Nothing is posted into a thread that is not the one that was approved."""
    sets = {"seen": SEEN, "proven": frozenset[str](), **known}

    assert expected == judge(now, EXPECTED, texts={}, seen=sets["seen"], proven=sets["proven"], first=FIRST)
