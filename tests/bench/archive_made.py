"""Archives of any size, written through the archive's own API as a run writes them; the same ones every time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import accumulate
from itertools import islice
from pathlib import Path
from random import Random

from storage import archive
from storage import journal
from storage.database import Database
from storage.journal import Certificate
from storage.journal import RunOutcome
from storage.opening import open_archive
from storage.process import Holder
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import Direction
from storage.records import MessageRecord
from storage.records import Tab

ACCOUNT = "bench"
MESSAGES = 8  #: of every case
CHARACTERS = 600  #: of every message, about
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

#: In nearly every message of their language; and what stands in one case of a thousand.
COMMON_WORDS = ("the", "order", "refund", "please", "seller", "account", "shipment", "listing")
COMMON_CJK = ("退款", "返金")
RARE_CJK = "鱗粉"
RARE_EACH = 1000

_HOLDER = Holder(host="bench", pid=1, process_started_at=NOON)
_BATCH = 20
_SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va")
_LANGUAGES = ("en", "en", "en", "zh", "en", "en", "ja", "en")


def _weights(count: int) -> list[float]:
    """As often as words are in any language: the n-th one n times less often than the first."""
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


_WORD_WEIGHTS = _weights(20_000 + len(COMMON_WORDS))
_SIGN_WEIGHTS = _weights(2_500)


@dataclass(slots=True)
class Texts:
    """Words and characters in the proportions of a language, without its sense."""

    chance: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - repeatable on purpose
    words: list[str] = field(default_factory=list)
    ideographs: list[str] = field(default_factory=list)
    kana: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = ("".join(self.chance.choices(_SYLLABLES, k=self.chance.randint(2, 4))) for _ in range(20_000))
        self.words = [*COMMON_WORDS, *made]
        self.ideographs = [chr(code) for code in self.chance.sample(range(0x4E00, 0x9000), 2_500)]
        self.kana = [chr(code) for code in range(0x3042, 0x3094)]

    def body(self, case: int, number: int) -> str:
        match _LANGUAGES[number % len(_LANGUAGES)]:
            case "zh":
                rare = RARE_CJK if case % RARE_EACH == 7 else ""
                return f"{COMMON_CJK[0]}，{self._signs(self.ideographs, CHARACTERS // 3)}。{rare}"
            case "ja":
                return f"{COMMON_CJK[1]}{self._signs(self.kana + self.ideographs[:300], CHARACTERS // 3)}。"
            case _:
                return f"{self._words(CHARACTERS // 8)} {order_number(case) if number == 0 else ''}".rstrip()

    def subject(self) -> str:
        return self._words(6)

    def _words(self, count: int) -> str:
        return " ".join(self.chance.choices(self.words, cum_weights=_WORD_WEIGHTS, k=count))

    def _signs(self, signs: list[str], count: int) -> str:
        return "".join(self.chance.choices(signs, cum_weights=_SIGN_WEIGHTS[: len(signs)], k=count))


def order_number(case: int) -> str:
    """A word that one message of the case has, and no other case."""
    return f"FBA{case:08d}X"


def case_id(case: int) -> str:
    return str(10_000_000 + case)


def records(cases: int) -> Iterator[CaseRecord]:
    """One after the other: the maker holds no more than one."""
    texts = Texts()
    for case in range(cases):
        begun = NOON - timedelta(minutes=10 * (cases - case))
        yield CaseRecord(
            account=ACCOUNT,
            case_id=case_id(case),
            subject=texts.subject(),
            status=CaseStatus.CLOSED if case % 2 else CaseStatus.WITH_PORTAL,
            status_raw="Closed" if case % 2 else "Open",
            created_at=begun,
            created_at_raw=begun.isoformat(),
            updated_at=begun,
            updated_at_raw=begun.isoformat(),
            url=f"https://portal.example/cases/{case_id(case)}",
            complete=True,
            fingerprint=f"listed {case}",
            messages=tuple(_message(texts, case, number, begun) for number in range(MESSAGES)),
        )


def _message(texts: Texts, case: int, number: int, begun: datetime) -> MessageRecord:
    body, sent_at = texts.body(case, number), begun + timedelta(minutes=number)
    return MessageRecord(
        message_id=f"{case}-{number}",
        native_id=True,
        direction=Direction.PORTAL if number % 2 else Direction.USER,
        author="Support" if number % 2 else "Acme Ltd",
        sent_at=sent_at,
        sent_at_raw=sent_at.isoformat(),
        body=body,
        body_html=f"<p>{body}</p>",
    )


def fill(database: Database, cases: int) -> None:
    """One complete run that found so many new cases."""
    run_id = journal.start_run(database, ACCOUNT, scope="all", holder=_HOLDER, at=NOON)
    for tab in Tab:
        listed = Certificate(tab=tab, listed=cases, total=cases, ok=True)
        journal.record_certificate(database, run_id, listed, at=NOON)
        ids = map(case_id, range(cases))
        archive.note_tab(database, ACCOUNT, tab, ids, run_id=run_id, seen_at=NOON, complete=True)
    made = records(cases)
    while batch := list(islice(made, _BATCH)):
        archive.ingest_batch(database, batch, run_id=run_id, seen_at=NOON)
    journal.finish_run(database, run_id, outcome=RunOutcome.COMPLETE, numbers={}, at=NOON)


def archive_of(folder: Path, cases: int) -> Path:
    """An archive of so many cases below `folder`; made once."""
    path = folder / f"archive-{cases}" / "archive.db"
    if not path.exists():
        database = open_archive(path)
        fill(database, cases)
        database.close()
    return path
