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
from storage.search.query import Query
from storage.search.query import Term
from storage.search.query import expression
from storage.search.query import parse
from storage.search.snippet import snippet
from storage.search.tokens import MOST_WORDS
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


def test_new_subject_meets_every_body(
    filled: Database, run_id: str, now: datetime, case: Callable[..., CaseRecord], message: Callable[..., MessageRecord]
) -> None:
    """After a subject changed its words meet all bodies, as in an index built anew; the old ones stay by themselves."""
    thread = (message(1, body=TEXTS["1"][1]), message(2, body="Chair"))
    archive.ingest(filled, case("1", messages=thread, subject="Credit 返金"), run_id=run_id, seen_at=now)
    typed = ("credit lamp", "返金 chair", "order lamp", "order", "refund")

    answers = [search(filled, each).hits for each in typed]

    assert [1, 1, 0, 1, 3] == [len(hits) for hits in answers]
    with filled.write() as connection:
        rebuild(connection)
    assert answers == [search(filled, each).hits for each in typed]


def test_earlier_subject(
    filled: Database, run_id: str, now: datetime, case: Callable[..., CaseRecord], message: Callable[..., MessageRecord]
) -> None:
    """A hit on a subject of the past shows that one and is not current; where the subject of now matches, it is."""
    thread = (message(1, body=TEXTS["1"][1]),)
    archive.ingest(filled, case("1", messages=thread, subject="Credit for lamp"), run_id=run_id, seen_at=now)

    hits = [search(filled, typed).hits[0] for typed in ("order", "credit", "lamp")]

    old, new = Snippet("Refund for order 123-4567890-1234567", ((11, 16),)), Snippet("Credit for lamp", ((0, 6),))
    both = Snippet("Credit for lamp", ((11, 15),))
    assert [(None, False, old), (None, True, new), ("m1", True, both)] == [
        (hit.message_id, hit.current, hit.subject) for hit in hits
    ]


def test_case_without_messages(database: Database, run_id: str, now: datetime, case: Callable[..., CaseRecord]) -> None:
    """A case whose thread is empty is found by its subject."""
    archive.ingest(database, case(messages=0, subject="Silent"), run_id=run_id, seen_at=now)
    (hit,) = search(database, "silent").hits
    assert (None, Snippet("", ()), Snippet("Silent", ((0, 6),))) == (hit.message_id, hit.snippet, hit.subject)


def test_bounded(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many matches are ranked, the newest; the answer says so only when there are more."""
    whole = search(filled, "refund")
    rows = 4  # the subject of case 1, and three bodies
    monkeypatch.setattr("storage.search.find.CANDIDATES", rows)
    assert whole == search(filled, "refund")
    monkeypatch.setattr("storage.search.find.CANDIDATES", rows - 1)
    bounded = search(filled, "refund")
    assert (True, False) == (bounded.bounded, whole.bounded)
    monkeypatch.setattr("storage.search.find.CANDIDATES", 1)
    assert ["5"] == [hit.ref.case_id for hit in search(filled, "refund").hits]


def test_rebuild(filled: Database) -> None:
    """The index can be built again from what is archived, and answers the same."""
    before = [search(filled, typed).hits for typed in ("refund", "退款", "supp*")]
    with filled.write() as connection:
        rebuild(connection)
    assert before == [search(filled, typed).hits for typed in ("refund", "退款", "supp*")]


def test_index_text() -> None:
    """CJK runs become bigrams and a last character; other text stays."""
    assert "buy  退款 款処 処理 理 now" == index_text("buy 退款処理now").strip()


def test_page_that_was_pasted() -> None:
    """Of a long text without a space only the beginning is looked for: each of its words costs time."""
    phrase = expression(parse("款，" * 10_000))
    assert phrase is not None
    assert MOST_WORDS == phrase.count("款")


def test_parse() -> None:
    """A word or a quote is one term, whatever it is a mixture of; what has no letter and no digit is none."""
    expected = Query((Term("iphone退款"), Term("supp*", prefix=True)), (Term("fee due"),))
    assert expected == parse('iphone退款 supp* ... -"fee due"')


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("FBA退款", {"1", "2"}),
        ("FBA退", {"1", "2"}),
        ("款FBA", {"3"}),
        ("退款fba", {"3"}),
        ("fba退款 amazon", {"2"}),
        ("FBA退款流程", {"2"}),
        ("FBA 退款", {"1", "2", "3", "4"}),
        ('"fba 退款"', {"1", "2"}),
        ("fba -FBA退款", {"3", "4"}),
        ("a退b", {"5"}),
        ("a退款b", set()),
        ("款b", {"6"}),
        ("a退*", {"5", "6"}),
    ],
)
def test_mixed_words(
    *,
    database: Database,
    run_id: str,
    now: datetime,
    case: Callable[..., CaseRecord],
    message: Callable[..., MessageRecord],
    typed: str,
    expected: set[str],
) -> None:
    """Latin and Chinese parts of a word stand together as typed, wanted or excluded; words alone stand anywhere."""
    bodies = ("申请FBA退款", "Amazon的FBA退款流程", "全额退款FBA", "退款 of FBA", "a退b", "a退全款b")
    records = [
        case(str(number), messages=(message(1, body=body),), subject="x") for number, body in enumerate(bodies, start=1)
    ]
    archive.ingest_batch(database, records, run_id=run_id, seen_at=now)

    found = search(database, typed).hits

    assert expected == {hit.ref.case_id for hit in found}
    assert all(hit.snippet.marks for hit in found)


def test_snippet_is_cut_round_the_match() -> None:
    """A long text is cut round its first match, with marks that still fit."""
    text = "word " * 100 + "needle\n\n in  the hay " + "word " * 100
    piece = snippet(text, parse("needle hay").wanted)
    assert ["needle", "hay"] == [piece.text[a:b] for a, b in piece.marks]
    assert piece.text.startswith("…word")
    assert piece.text.endswith("…")
    assert len(piece.text) < 190
