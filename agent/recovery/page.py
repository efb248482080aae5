"""One page on its way up the ladder: what was seen, what was tried, and what the report says of it."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from agent.extract.reading import Reading
from agent.extract.snapshot import Environment
from agent.extract.snapshot import Lane
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Snapshot
from agent.extract.snapshot import Verdict
from agent.recovery.ladder import Attempt
from agent.recovery.ladder import Climb
from agent.recovery.ladder import Sight
from agent.recovery.steps import Rung

#: What the journal calls a read that the engine did not survive.
ENGINE_DIED = "engine_died"


#: How Chromium and Firefox, by its event and by its error page, say that a name led to no address.
UNKNOWN_HOST = frozenset({"net::ERR_NAME_NOT_RESOLVED", "NS_ERROR_UNKNOWN_HOST", "dnsNotFound"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """One climb as the run reports it. `cured_by` is `None` when the page was given up."""

    url: str
    verdict: str
    rungs: tuple[str, ...]
    cured_by: str | None
    engine: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at the page; without a reading, the engine died under it.

    `generation` and `slowed` are the context's and the throttling's count when the look began.
    """

    reading: Reading | None
    generation: int
    slowed: int

    @property
    def verdict(self) -> str:
        return ENGINE_DIED if self.reading is None else self.reading.verdict.value


def lost_reading(request: PageRequest, environment: Environment, at: datetime) -> Reading:
    """What a page is taken for when no engine survived it."""
    snapshot = Snapshot(
        request=request,
        final_url=request.url,
        status=None,
        html="",
        read_at=at,
        lane=Lane.LIVE,
        environment=environment,
        engine_version="",
        ready=False,
        failure=ENGINE_DIED,
    )
    return Reading(snapshot=snapshot, verdict=Verdict.ERROR, reason=ENGINE_DIED)


@dataclass(slots=True)
class PageClimb:
    """Collects the attempts on one request, in the context of `generation`.

    `seconds` is what its rungs and looks took since the first bad look; waiting for others is nobody's fault.
    """

    request: PageRequest
    start: Environment
    generation: int
    attempts: list[Attempt] = field(default_factory=list)
    rungs: list[Rung] = field(default_factory=list)  #: as reported: waits too, the run's first sign-in not
    cure: Rung | None = None  #: the last rung that was really taken
    verdict: str | None = None  #: of the first bad look
    seconds: float = 0.0
    ever_connected: bool = False
    last: Reading | None = None
    #: The journal's row of the attempt that the next look will judge.
    open_attempt: int | None = None

    @property
    def essential(self) -> bool:
        """Whether the run is pointless without this page."""
        return self.request.kind is not PageKind.CASE

    def enter(self, generation: int, start: Environment) -> None:
        """Begin anew in a context that another page's climb led to; what was tried before says nothing about it."""
        self.generation, self.start = generation, start
        self.attempts.clear()
        self.rungs.clear()
        self.cure = None

    def notice(self, seen: Seen) -> None:
        """Book a look that cannot be believed."""
        self.verdict = self.verdict or seen.verdict
        if seen.reading is not None:
            self.last = seen.reading
            self.ever_connected = self.ever_connected or seen.reading.snapshot.status is not None

    def sight(self, seen: Seen) -> Sight:
        if seen.reading is None:
            return Sight(verdict=None, essential=self.essential)
        snapshot = seen.reading.snapshot
        return Sight(
            verdict=seen.reading.verdict,
            essential=self.essential,
            connected=snapshot.status is not None,
            named=snapshot.failure not in UNKNOWN_HOST,
            retry_after=snapshot.retry_after,
        )

    @property
    def left_start(self) -> bool:
        """Whether the climb may have left another context behind than the run was reading in."""
        return any(not attempt.skipped and attempt.rung is not Rung.RELOAD for attempt in self.attempts)

    def lasted(self, seconds: float) -> None:
        """Book the time of a rung or a look; a page that was never bad costs nothing."""
        if self.verdict is not None:
            self.seconds += seconds

    def climb(self, *, signed_in: bool, reached: bool) -> Climb:
        return Climb(
            start=self.start,
            signed_in=signed_in,
            attempts=tuple(self.attempts),
            seconds=self.seconds,
            ever_connected=self.ever_connected,
            reached=reached,
        )

    def book(self, rung: Rung, environment: Environment, *, skipped: bool = False, reported: bool = True) -> None:
        """Note a rung that was just taken or skipped. Waiting for a 429 is no attempt to get past anything."""
        if rung is not Rung.WAIT:
            self.attempts.append(Attempt(rung, environment, skipped))
        if reported:
            self.rungs.append(rung)
            self.cure = self.cure if skipped else rung

    def recovery(self, environment: Environment, *, cured: bool) -> Recovery | None:
        """What to report; `None` when nothing had to be done."""
        if self.verdict is None or (cured and not self.rungs):
            return None
        return Recovery(
            url=self.request.url,
            verdict=self.verdict,
            rungs=tuple(rung.value for rung in self.rungs),
            cured_by=self.cure.value if cured and self.cure is not None else None,
            engine=environment.engine.value,
        )
