"""One case as a folder: what a stranger wrote is shown, never obeyed."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from typing import BinaryIO
from typing import NamedTuple

import pytest

from storage.archive.ingest import ingest
from storage.blobs import Blobs
from storage.blobs import blobs_of
from storage.bundle import Bundle
from storage.bundle import write_bundle
from storage.database import Database
from storage.errors import NotFound
from storage.errors import SourceUnreadable
from storage.records import AttachmentRef
from storage.records import CaseRecord
from storage.records import CaseRef

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    f'{SCRIPT}<img src="https://evil.example/pixel.gif" onerror="alert(2)" alt="a picture">'
    '<p onclick="alert(3)" style="position:fixed">Hello <b>you</b></p><iframe src="https://evil.example"></iframe>'
    '<a href="javascript:alert(4)">one</a><a href="//evil.example/share">two</a><a href="/case/9">three</a>'
    '<a href="data:text/html,x">four</a><form action="https://evil.example"><input name="password"></form>'
    '<style>@import "https://evil.example/x.css"</style><meta http-equiv="refresh" content="0;url=https://evil.example">'
    '<base href="https://evil.example"><svg><script>alert(5)</script></svg></body></html>'
)


class Tag(NamedTuple):
    name: str
    attributes: dict[str, str | None]


class Page(HTMLParser):
    """The elements of a page and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(Tag(tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[str | None]:
        return [tag.attributes.get("href") for tag in self.tags if tag.name == "a"]


@pytest.fixture
def bundle(database: Database, run_id: str, now: Any, tmp_path: Path) -> Callable[..., tuple[Bundle, Path]]:
    """Archive a case and write it to a folder."""

    def write(record: CaseRecord) -> tuple[Bundle, Path]:
        ingest(database, record, run_id=run_id, seen_at=now)
        folder = tmp_path / "out"
        return write_bundle(database, CaseRef(account=record.account, case_id=record.case_id), folder), folder

    return write


def stored(blobs: Blobs, name: str, content: bytes) -> AttachmentRef:
    blob = blobs.put(content)
    return AttachmentRef(name=name, size=blob.size, sha256=blob.sha256)


def page_of(folder: Path) -> Page:
    return Page((folder / "case.html").read_text(encoding="utf-8"))


def test_markup_of_a_message_runs_and_loads_nothing(
    bundle: Callable[..., tuple[Bundle, Path]], case: Callable[..., CaseRecord], message: Callable[..., Any]
) -> None:
    """Scripts, handlers, styles, frames, forms and pictures are gone; text and honest links stay."""
    _, folder = bundle(case(messages=(message(1, body_html=HOSTILE),)))
    page = page_of(folder)

    allowed = {
        "html", "head", "meta", "title", "style", "body", "h1", "dl", "dt", "dd", "article", "header", "bdi", "span",
        "div", "p", "b", "a", "img",
    }  # fmt: skip
    assert {tag.name for tag in page.tags} <= allowed
    assert [{"alt": "a picture"}] == [tag.attributes for tag in page.tags if tag.name == "img"]
    assert [None, "https://evil.example/share", "https://portal.example/case/9", None] == page.links()
    assert not [name for tag in page.tags for name in tag.attributes if name.startswith("on") or name == "style"]
    assert "Hello you" in page.text
    assert "alert" not in page.text


def test_page_forbids_what_it_does_not_need(
    bundle: Callable[..., tuple[Bundle, Path]], case: Callable[..., CaseRecord]
) -> None:
    """Even what slipped through could not run, load, or send: the page's own policy comes first."""
    _, folder = bundle(case())
    metas = [tag.attributes for tag in page_of(folder).tags if tag.name == "meta"]

    policy = next(str(meta["content"]) for meta in metas if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("'; base-uri 'none'; form-action 'none'")
    assert {"charset": "utf-8"} == metas[0]


def test_plain_texts_are_no_markup(
    bundle: Callable[..., tuple[Bundle, Path]], case: Callable[..., CaseRecord], message: Callable[..., Any]
) -> None:
    """Subject, status, author, body and file names stand on the page letter by letter."""
    names = AttachmentRef(name=f"a{SCRIPT}.txt")
    record = case(
        subject=SCRIPT, status_raw=SCRIPT, messages=(message(1, author=SCRIPT, body=SCRIPT, attachments=(names,)),)
    )
    _, folder = bundle(record)
    page = page_of(folder)

    assert not [tag for tag in page.tags if tag.name == "script"]
    assert 5 == page.text.count(SCRIPT)  # title and heading, status, author, body


def test_files_lie_under_safe_names_of_their_own(
    database: Database, bundle: Callable[..., tuple[Bundle, Path]], case: Callable[..., CaseRecord], message: Any
) -> None:
    """Names that lead elsewhere, name a device or differ in case only become files inside of the folder."""
    blobs = blobs_of(database)
    names = ("../../evil.txt", "NUL", "Photo.JPG", "photo.jpg", "page.html", "not fetched.pdf")
    refs = [stored(blobs, name, name.encode()) for name in names[:-1]]
    refs.append(AttachmentRef(name=names[-1]))
    written, folder = bundle(case(messages=(message(1, attachments=tuple(refs[1:])),), attachments=tuple(refs[:1])))

    assert Bundle(folder=folder, messages=1, files=5, missing=()) == written
    contents = {path.name: path.read_text() for path in (folder / "files").iterdir()}
    expected = {
        "_._.._evil.txt": "../../evil.txt",
        "_NUL": "NUL",
        "Photo.JPG": "Photo.JPG",
        "photo (2).jpg": "photo.jpg",
        "page.html": "page.html",
    }
    assert expected == contents
    # A page that a stranger sent would run from the reader's own disk: it is named, not linked.
    assert ["files/_._.._evil.txt", "files/Photo.JPG", "files/photo%20%282%29.jpg"] == page_of(folder).links()
    data = json.loads((folder / "case.json").read_text())
    assert ["../../evil.txt", *names[1:]] == [
        each["name"] for each in (*data["attachments"], *data["messages"][0]["attachments"])
    ]
    assert "files/_NUL" == data["messages"][0]["attachments"][0]["file"]
    assert data["messages"][0]["attachments"][4]["file"] is None


@pytest.mark.skipif(sys.platform == "win32", reason="modes exist elsewhere")
def test_folder_is_private(bundle: Callable[..., tuple[Bundle, Path]], case: Callable[..., CaseRecord]) -> None:
    """Nobody else may look into it."""
    _, folder = bundle(case())

    assert [0o700, 0o600, 0o600] == [stat.S_IMODE(path.stat().st_mode) for path in (folder, *sorted(folder.iterdir()))]


def unreadable(_path: Path) -> BinaryIO:
    raise SourceUnreadable("a.txt", "Input/output error")


@pytest.mark.parametrize("why", ["damaged", "unreadable"])
def test_damaged_file_is_told_and_left_out(
    *,
    database: Database,
    bundle: Callable[..., tuple[Bundle, Path]],
    case: Callable[..., CaseRecord],
    message: Any,
    monkeypatch: pytest.MonkeyPatch,
    why: str,
) -> None:
    """A content that is not what its hash says is not handed on as if it were; one that cannot be read costs itself."""
    ref = stored(blobs_of(database), "a.txt", b"true")
    assert isinstance(ref.sha256, str)
    if why == "damaged":
        blobs_of(database).path(ref.sha256).write_bytes(b"false")
    else:
        monkeypatch.setattr("storage.file_copy._open", unreadable)
    written, folder = bundle(case(messages=(message(1, attachments=(ref,)),)))

    assert ("a.txt",) == written.missing
    assert [] == [path for path in folder.rglob("*") if path.parent.name == "files"]
    assert "content not here" in page_of(folder).text


def test_what_the_portal_took_away_is_shown(
    database: Database, run_id: str, now: Any, bundle: Callable[..., tuple[Bundle, Path]], case: Any
) -> None:
    """A vanished message stands where it stood, and says so."""
    whole = case(messages=3)
    ingest(database, whole, run_id=run_id, seen_at=now)
    _, folder = bundle(replace(whole, messages=(whole.messages[0], whole.messages[2])))

    text = page_of(folder).text
    places = [text.index(part) for part in ("number 1.", "no longer shown since", "number 2.", "number 3.")]
    assert sorted(places) == places
    assert ["m2"] == [each["id"] for each in json.loads((folder / "case.json").read_text())["vanished"]]


def test_files_that_the_portal_took_away_are_there(
    *,
    database: Database,
    run_id: str,
    now: Any,
    bundle: Callable[..., tuple[Bundle, Path]],
    case: Callable[..., CaseRecord],
    message: Callable[..., Any],
) -> None:
    """A file that went, alone or with its message, lies in the folder and is marked with the time, in page and data."""
    blobs = blobs_of(database)
    one, two, own = (stored(blobs, f"{name}.pdf", name.encode()) for name in ("one", "two", "own"))
    whole = case(messages=(message(1, attachments=(one,)), message(2, attachments=(two,))), attachments=(own,))
    ingest(database, whole, run_id=run_id, seen_at=now)

    result, folder = bundle(case(messages=(message(1),)))

    text, data = page_of(folder).text, json.loads((folder / "case.json").read_text())
    since = "2026-11-24T12:00:00Z"
    kept = [
        {"name": ref.name, "mime": None, "size": 3, "sha256": ref.sha256, "file": f"files/{ref.name}"}
        for ref in (one, own, two)
    ]
    expected = [{**kept[0], "message_id": "m1", "gone_at": since}, {**kept[1], "message_id": None, "gone_at": since}]
    assert expected == sorted(data["gone"], key=lambda each: str(each["name"]))
    assert [([kept[2]], since)] == [(each["attachments"], each["vanished_at"]) for each in data["vanished"]]
    assert (3, ()) == (result.files, result.missing)
    assert [b"one", b"own", b"two"] == [path.read_bytes() for path in sorted((folder / "files").iterdir())]
    places = [text.index(part) for part in ("own.pdf", "no longer shown since", "number 1.", "one.pdf", "number 2.")]
    assert sorted(places) == places
    assert 3 == text.count("no longer shown since")


def test_markup_too_large_to_clean_is_shown_as_text(
    bundle: Callable[..., tuple[Bundle, Path]], case: Callable[..., CaseRecord], message: Callable[..., Any]
) -> None:
    """The sanitiser's time grows with the square of nested elements; such a message is still readable."""
    deep = message(1, body_html="<div>" * 100_000 + "x", body="what it says")
    long = message(2, body_html=f"<p>{'&amp; ' * 2_000_000}", body="& " * 2_000_000)
    _, folder = bundle(case(messages=(deep, long)))

    page = page_of(folder)
    assert 2 == sum("text" in str(tag.attributes.get("class")) for tag in page.tags if tag.name == "div")
    assert "what it says" in page.text


def test_case_that_is_not_there_leaves_nothing(database: Database, tmp_path: Path) -> None:
    """A mistyped case makes no folder."""
    with pytest.raises(NotFound):
        write_bundle(database, CaseRef(account="acme", case_id="no"), tmp_path / "out")

    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_markup_is_stored_compressed_and_comes_back_as_it_was(
    database: Database, run_id: str, now: Any, case: Callable[..., CaseRecord], message: Callable[..., Any]
) -> None:
    """Raw markup is evidence: it is kept to the letter, in a fraction of its size."""
    markup = HOSTILE * 200
    record = case(messages=(message(1, body_html=markup),))
    ingest(database, record, run_id=run_id, seen_at=now)

    with database.read() as connection:
        (held,) = connection.exec_driver_sql("SELECT body_html FROM message_revisions").scalars()
    from storage.archive.queries import get_case

    assert len(held) < len(markup) // 20
    assert record.messages == get_case(database, CaseRef(account="acme", case_id="1001")).record.messages


def test_markup_of_an_older_archive_is_still_read(
    database: Database, run_id: str, now: Any, case: Callable[..., CaseRecord], message: Callable[..., Any]
) -> None:
    """Archives from before the compression hold plain text in the same column."""
    record = case(messages=(message(1, body_html="<p>old</p>"),))
    ingest(database, record, run_id=run_id, seen_at=now)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE message_revisions SET body_html = '<p>old</p>'")
    from storage.archive.queries import get_case

    assert record.messages == get_case(database, CaseRef(account="acme", case_id="1001")).record.messages
