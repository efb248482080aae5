"""Looks for a submitted reply in its thread until there is an answer or the time is up. Only ever reads."""

from __future__ import annotations

from agent.delivery.decide import LOOKS_AFTER_GRACE
from agent.delivery.decide import Conclusion
from agent.delivery.decide import LookAgain
from agent.delivery.decide import conclude
from agent.delivery.desk import Desk
from agent.delivery.match import Answer
from agent.delivery.match import CertainlyNotThere
from agent.delivery.match import CouldNotTell
from agent.delivery.match import look
from agent.extract.reading import Reading
from storage.outbox import Baseline
from storage.outbox import Draft

FIRST_WAIT = 1.0


async def read_back(desk: Desk, draft: Draft, baseline: Baseline, *, grace: float, refused: str | None) -> Conclusion:
    """Look at once, then at growing distances, and after `grace` seconds until certain."""
    end = desk.clock.monotonic() + grace
    wait, absences, looks_left = FIRST_WAIT, 0, LOOKS_AFTER_GRACE
    while True:
        after_grace = desk.clock.monotonic() >= end
        answer = await _look(desk, draft, baseline)
        if after_grace:
            looks_left -= 1
            absences = absences + 1 if isinstance(answer, CertainlyNotThere) else 0
        conclusion = conclude(answer, refused=refused, absences=absences, looks_left=looks_left)
        if not isinstance(conclusion, LookAgain):
            return conclusion
        until_end = end - desk.clock.monotonic()
        await desk.rest(min(wait, until_end) if until_end > 0 else max(FIRST_WAIT, grace / 10))
        wait *= 2


async def _look(desk: Desk, draft: Draft, baseline: Baseline) -> Answer:
    assert draft.case_id is not None
    thread = await desk.threads.read(draft.case_id, again=True)
    if isinstance(thread, Reading):
        return CouldNotTell(f"the case's page: {thread.verdict.value} {thread.reason}".rstrip())
    return look(thread, desk.expected(draft), baseline)
