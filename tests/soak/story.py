"""What happens in one seed: a portal, a few runs, the faults that they meet and how the portal changes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from random import Random
from typing import Any

from mock_portal.settings import SkinName
from storage.records import CaseRecord

RATES = (0.05, 0.15, 0.30)
SKINS: tuple[SkinName, ...] = ("classic", "hill")
ENGINES = ("chromium", "firefox")

#: A page that fails so can be got past.
CURABLE: tuple[dict[str, Any], ...] = (
    {"kind": "blank"},
    {"kind": "script_throws", "engine": "chromium"},
    {"kind": "script_throws", "engine": "firefox"},
    {"kind": "mobile_only"},
    {"kind": "poisoned_cookie"},
    {"kind": "poisoned_storage"},
    {"kind": "stale_worker"},
    {"kind": "bad_script"},
    {"kind": "spinner"},
    {"kind": "server_error", "status": 500, "empty": True},
    {"kind": "server_error", "retry_after": 1},
    {"kind": "throttled", "retry_after": 1},
    {"kind": "slow", "seconds": 0.4},
    {"kind": "slow", "seconds": 3.0},
    {"kind": "truncated"},
    {"kind": "reset"},
    {"kind": "session_expired"},
)

#: The page opens, and does not tell the truth of a moment ago.
SHIFTING: tuple[dict[str, Any], ...] = (
    {"kind": "missing_cases", "count": 1},
    {"kind": "list_empty"},
    {"kind": "list_short", "rows": 2},
    {"kind": "page_shift", "how": "add"},
    {"kind": "page_shift", "how": "remove"},
    {"kind": "page_shift", "how": "bump"},
    {"kind": "message_edited"},
    {"kind": "message_vanished"},
)

#: A run that meets one of these has to end.
ENDING: tuple[dict[str, Any], ...] = (
    {"kind": "captcha"},
    {"kind": "challenge", "page": "cvf"},
    {"kind": "challenge", "page": "challenge"},
    {"kind": "access_denied"},
    {"kind": "wrong_account"},
)

REPLYING: tuple[dict[str, Any], ...] = (
    {"kind": "reply_blank"},
    {"kind": "reply_reset"},
    {"kind": "reply_closed"},
    {"kind": "reply_late", "seconds": 1.5},
    {"kind": "reply_late", "seconds": 4.0},
    {"kind": "reply_stalled", "seconds": 4.0},
    {"kind": "reply_dropped"},
    {"kind": "reply_error"},
    {"kind": "upload_refused"},
    {"kind": "upload_lost"},
)


class Deck:
    """Deals without repeating until all were dealt, so that the seeds meet every kind."""

    def __init__(self, cards: tuple[dict[str, Any], ...], rng: Random) -> None:
        self._cards, self._rng = cards, rng
        self._left: list[dict[str, Any]] = []

    def deal(self, count: int) -> Iterator[dict[str, Any]]:
        for _ in range(count):
            if not self._left:
                self._left = self._rng.sample(self._cards, len(self._cards))
            yield self._left.pop()


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply to be queued."""

    case: CaseRecord
    text: str
    batch: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


class Story:
    """One seed's dice. Every decision comes from here; how many a chapter asks for changes nothing in the next one."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = Random(f"soak {seed}")  # noqa: S311 - repeatable on purpose
        self.skin = SKINS[self.seed % 2]
        self.engine = ENGINES[self.seed // 2 % 2]
        self.rate = RATES[self.seed % 3]
        self.cases = self.rng.randint(4, 6)
        self.window = self.rng.choice((None, 30))
        #: pages at a time; one at a time can be judged in order
        self.pages = self.rng.choice((1, 1, 3))
        self._curable = Deck(CURABLE, self.rng)
        self._shifting = Deck(SHIFTING, self.rng)
        self._replying = Deck(REPLYING, self.rng)
        self._ending = Deck(ENDING, self.rng)

    def begin(self, chapter: str) -> None:
        self.rng.seed(f"soak {self.seed} {chapter}")

    def reading_faults(self, *, ending: bool = False) -> list[dict[str, Any]]:
        """Faults for a run that reads; with `ending`, half of the runs may meet one that ends them."""
        dealt = [*self._curable.deal(self.rng.randint(3, 5)), *self._shifting.deal(self.rng.randint(1, 2))]
        if ending and self.rng.random() < 0.5:
            dealt += self._ending.deal(1)
        return [self._loaded(fault) for fault in dealt]

    def sending_faults(self) -> list[dict[str, Any]]:
        """Faults for a run that posts."""
        dealt = [*self._curable.deal(self.rng.randint(1, 3)), *self._replying.deal(self.rng.randint(4, 6))]
        return [self._loaded(fault) for fault in dealt]

    def replies(self, cases: list[CaseRecord]) -> Iterator[Reply]:
        """Replies of every kind: plain, with files, the same words in two cases, the same words twice in one."""
        rng = self.rng
        chosen = rng.sample(cases, min(3, len(cases)))
        text = f"Thank you, and please <b>go on</b> & on with {rng.randrange(10**6)}.\n\n谢谢 🙂"
        files = {f"invoice {self.seed}.pdf": b"%PDF-1.4 invoice", "list.csv": b"a,b\r\n1,2\r\n"}
        for number, case in enumerate(chosen):
            mine = text if number < 2 else f"This is about {case.case_id}, number {rng.randrange(10**6)}."
            yield Reply(case, mine, files=files if rng.random() < 0.4 else {})
        if chosen:
            yield Reply(chosen[0], text, batch="again")

    def _loaded(self, fault: dict[str, Any]) -> dict[str, Any]:
        return {**fault, "probability": self.rate, "times": self.rng.randint(1, 3)}

    def changes(self, truth: dict[str, Any]) -> dict[str, Any]:
        """What people and the desk do next, of which no single run could lose its footing."""
        rng, cases = self.rng, list(truth["cases"])
        listed = [str(case["id"]) for case in cases if case["listed"]]
        unlisted = [str(case["id"]) for case in cases if not case["listed"]]
        if len(listed) < 3:
            return {"new_cases": 1}
        case = rng.choice(cases)
        number = rng.randint(1, max(1, len(case["messages"])))
        edit = {"case": case["id"], "n": number, "text": f"Corrected on review {rng.randrange(10**6)}."}
        possible: list[dict[str, Any]] = [
            {"messages": rng.randint(1, 2)},
            {"messages": [{"case": rng.choice(listed), "text": "A quiet note.", "touch": False}]},
            {"new_cases": 1},
            {"close": 1},
            {"unlist": [rng.choice(listed)]},
            {"remove": [rng.choice(listed)]},
            {"restore": unlisted},
            {"edit": [edit]},
            {"vanish": [{"case": case["id"], "n": number}]} if len(case["messages"]) > 1 else {},
            {"seconds": 90},
        ]
        return rng.choice(possible)
