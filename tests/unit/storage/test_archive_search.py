from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from storage import archive
from storage.database import Database
from storage.records import CaseRecord
from storage.records import CaseStatus
from storage.records import MessageRecord
from storage.search import Snippet
from storage.search import search
from storage.search.index import rebuild
from storage.search.query import Term
from storage.search.query import parse
from storage.search.snippet import snippet
from storage.search.tokens import index_text

TEXTS = {
    "1": ("Refund for order 123-4567890-1234567", "We want the money back for the broken lamp."),
    "2": ("退款申请", "您好，我想申请退款，订单号是 B00TEST。谢谢"),
    "3": ("返金処理について", "iPhone17の返金処理をお願いします。ﾃｽﾄ"),
    "4": ("Listing suppressed", 'The café says "do not refund the fee" — naïve, isn\'t it?'),
    "5": ("배송 지연", "배송이 늦어지고 있습니다 refund"),
}


@pytest.fixture
def filled(
    database: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
) -> Database:
    records = [
        case(
            case_id,
            messages=(message(1, body=body),),
            subject=subject,
            status=CaseStatus.CLOSED if case_id == "4" else CaseStatus.ANSWERED,
        )
        for case_id, (subject, body) in TEXTS.items()
    ]
    archive.ingest_batch(database, records, run_id=run_id, seen_at=now)
    return database


def found(database: Database, typed: str, **options: object) -> set[str]:
    return {hit.ref.case_id for hit in search(database, typed, **options).hits}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("refund", {"1", "4", "5"}),
        ("REFUND Money", {"1"}),
        ("退款", {"2"}),
        ("款申", {"2"}),
        ("申请退款", {"2"}),
        ("退申", set()),
        ("款", {"2"}),
        ("理", {"3"}),
        ("返金", {"3"}),
        ("返金処理", {"3"}),
        ("iphone17の返金", {"3"}),
        ("iphone17", {"3"}),
        ("テスト", {"3"}),
        ("배송", {"5"}),
        ("refund 배송", {"5"}),
        ("退款 B00TEST", {"2"}),
        ("cafe naive", {"4"}),
        ("CAFÉ", {"4"}),
        ('"do not refund"', {"4"}),
        ("“do not refund”", {"4"}),
        ('"refund not"', set()),
        ("refund -fee", {"1", "5"}),
        ("-refund", set()),
        ("refund -배송", {"1", "4"}),
        ("supp*", {"4"}),
        ("supp", set()),
        ("123-4567890-1234567", {"1"}),
        ("4567890", {"1"}),
        ("isn't", {"4"}),
        ("nothing", set()),
        ("", set()),
        ("!!! *** ()", set()),
        ("refund !!!", {"1", "4", "5"}),
        ("body:refund", set()),
    ],
)
def test_search(filled: Database, typed: str, expected: set[str]) -> None:
    """Words, phrases, beginnings, exclusions, two characters of Chinese, Japanese or Korean, and mixtures of them."""
    assert expected == found(filled, typed)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.one_of(st.text(), st.text(alphabet='"*-()^:{}+退款理 aNOTANDORNEAR\\\0')))
def test_no_syntax_errors(filled: Database, typed: str) -> None:
    """Whatever is typed, in one account or all, is a search and no error."""
    search(filled, typed)
    search(filled, typed, account="acme")


@given(text=st.text(alphabet='退款処理 ab"İß\u0301', max_size=40), typed=st.text(alphabet="退款理ab ", max_size=6))
def test_marks_lie_in_the_text(text: str, typed: str) -> None:
    """Marks are in order, apart, and inside the snippet, for any text."""
    piece = snippet(text, parse(typed).wanted, length=12)
    edges = [edge for mark in piece.marks for edge in mark]
    assert sorted(set(edges)) == edges
    assert all(0 <= edge <= len(piece.text) for edge in edges)


def test_filters(filled: Database) -> None:
    """One account, or some states, only."""
    assert {"4"} == found(filled, "refund", statuses=(CaseStatus.CLOSED,))
    assert {"1", "4", "5"} == found(filled, "refund", account="acme")
    assert set() == found(filled, "refund", account="acm")


def test_ranking(filled: Database) -> None:
    """A word in the subject is worth more than one in a body; pages do not overlap."""
    hits = search(filled, "refund").hits
    assert "1" == hits[0].ref.case_id
    assert list(hits) == [search(filled, "refund", limit=1, offset=n).hits[0] for n in range(3)]


def test_hit(filled: Database, now: datetime) -> None:
    """A hit names the case, the message and its place, with what matches marked."""
    (hit,) = search(filled, "退款").hits
    assert ("m1", "Acme Ltd", True) == (hit.message_id, hit.author, hit.current)
    assert Snippet("退款申请", ((0, 2),)) == hit.subject
    assert Snippet("您好，我想申请退款，订单号是 B00TEST。谢谢", ((7, 9),)) == hit.snippet


def test_subject_alone(filled: Database) -> None:
    """A word of the subject and a word of the body meet; a subject alone is found too."""
    assert {"1"} == found(filled, "order lamp")
    assert {"3"} == found(filled, "について")


def test_index_is_current(
    filled: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
) -> None:
    """A new message and a new content are found at once; the earlier content is still found, and said to be earlier."""
    archive.ingest(
        filled,
        case("1", messages=(message(1, body="Forget it."), message(2, body="Chair"))),
        run_id=run_id,
        seen_at=now,
    )
    assert {"1"} == found(filled, "chair")
    assert [True] == [hit.current for hit in search(filled, "forget").hits]
    assert [False] == [hit.current for hit in search(filled, "lamp").hits]
    archive.ingest(filled, case("1", messages=(message(2, body="Chair"),)), run_id=run_id, seen_at=now)
    assert [False] == [hit.current for hit in search(filled, "forget").hits]


def test_case_without_messages(database: Database, run_id: str, now: datetime, case: Callable[..., CaseRecord]) -> None:
    """A case whose thread is empty is found by its subject."""
    archive.ingest(database, case(messages=0, subject="Silent"), run_id=run_id, seen_at=now)
    (hit,) = search(database, "silent").hits
    assert (None, Snippet("", ()), Snippet("Silent", ((0, 6),))) == (hit.message_id, hit.snippet, hit.subject)


def test_bounded(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many matches are ranked, and the answer says so."""
    assert not search(filled, "refund").bounded
    monkeypatch.setattr("storage.search.find.CANDIDATES", 2)
    assert search(filled, "refund").bounded


def test_rebuild(filled: Database) -> None:
    """The index can be built again from what is archived, and answers the same."""
    before = [search(filled, typed).hits for typed in ("refund", "退款", "supp*")]
    with filled.write() as connection:
        rebuild(connection)
    assert before == [search(filled, typed).hits for typed in ("refund", "退款", "supp*")]


def test_index_text() -> None:
    """CJK runs become bigrams and a last character; other text stays."""
    assert "buy  退款 款処 処理 理 now" == index_text("buy 退款処理now").strip()


def test_parse() -> None:
    """A mixed word is both its parts."""
    assert (
        (Term("iphone", is_cjk=False), Term("退款", is_cjk=True)),
        (Term("fee due", is_cjk=False),),
    ) == (parse('iphone退款 -"fee due"').wanted, parse('iphone退款 -"fee due"').excluded)


def test_snippet_is_cut_round_the_match() -> None:
    """A long text is cut round its first match, with marks that still fit."""
    text = "word " * 100 + "needle\n\n in  the hay " + "word " * 100
    piece = snippet(text, parse("needle hay").wanted)
    assert ["needle", "hay"] == [piece.text[a:b] for a, b in piece.marks]
    assert piece.text.startswith("…word")
    assert piece.text.endswith("…")
    assert len(piece.text) < 190
