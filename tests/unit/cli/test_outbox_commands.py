"""A reply's way through the command line: written, looked at, approved for exactly what was shown, settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from storage import outbox
from storage.blobs import blobs_of
from storage.database import Database
from storage.process import Holder

Runner = Callable[..., Any]
NOW = datetime(2026, 1, 16, 9, 0, tzinfo=UTC)


def added(caselog: Runner, *options: str, case_id: str = "100", text: str = "Please check shipment 100.") -> int:
    ran = caselog("outbox", "add", "main", case_id, "--text", text, "--json", *options)
    assert ran.code == 0, ran
    return int(ran.value["entry"])


def digest_of(caselog: Runner, *what: str) -> str:
    """What a person who looks at it is shown."""
    return str(caselog("outbox", "approve", *what, "--json").value["digest"])


def held_after_submit(database: Database, entry_id: int) -> None:
    holder = Holder(host="desk", pid=1, process_started_at=NOW)
    token = outbox.claim(database, entry_id, holder=holder, at=NOW)
    baseline = outbox.Baseline(message_ids=("m1", "m2"), occurrences=0, taken_at=NOW)
    outbox.record_baseline(database, entry_id, token, baseline)
    outbox.submit_started(database, entry_id, token, at=NOW)
    outbox.mark_unconfirmed(database, entry_id, token, reason="the page went blank", at=NOW)
    outbox.reconcile_held(database, entry_id, reason="not in the thread", at=NOW)


def test_reply_is_a_draft_with_its_files(caselog: Runner, database: Database, tmp_path: Path) -> None:
    """The file's content lies in the archive: changing the original afterwards changes nothing."""
    original = tmp_path / "退款.pdf"
    original.write_bytes(b"%PDF-1")

    entry_id = added(caselog, "--file", str(original), "--batch", "b1")
    original.write_bytes(b"changed")

    value = caselog("outbox", "show", str(entry_id), "--json").value
    [file] = value["files"]
    assert ("draft", "main", "100", "b1") == (value["status"], value["account"], value["case_id"], value["batch"])
    assert ("退款.pdf", "application/pdf", 6) == (file["name"], file["mime"], file["size"])
    assert b"%PDF-1" == blobs_of(database).path(file["sha256"]).read_bytes()
    assert ["added"] == [event["event"] for event in value["history"]]


def test_text_comes_from_a_file_as_well(caselog: Runner, database: Database, tmp_path: Path) -> None:
    """A file that Windows saved with a byte order mark is the same text."""
    (tmp_path / "reply.txt").write_text("Grüße\nzwei", encoding="utf-8-sig")

    ran = caselog("outbox", "add", "main", "100", "--text-file", str(tmp_path / "reply.txt"), "--json")

    assert "Grüße\nzwei" == ran.value["text"]


@pytest.mark.usefixtures("configured")
def test_every_problem_of_a_reply_is_told_and_nothing_added(caselog: Runner, home: Path) -> None:
    """What the portal would not take is found before anything is opened."""
    ran = caselog("outbox", "add", "main", "100", "--text", "...", "--file", "missing.pdf", "--json")

    assert ran.code == 2
    assert [
        "text: has no letter and no digit, so that it could not be found again in the thread",
        "file: missing.pdf is not there",
    ] == ran.value["error"]["where"]
    assert not (home / "data").exists()


@pytest.mark.usefixtures("configured")
def test_file_that_cannot_be_opened_is_a_problem_of_the_reply(caselog: Runner) -> None:
    """A name that no file can have is told like a file that is not there."""
    ran = caselog("outbox", "add", "main", "100", "--text", "Hello 1", "--file", "x" * 300, "--json")

    assert (2, [f"file: {'x' * 300} cannot be read (File name too long)"]) == (ran.code, ran.value["error"]["where"])


@pytest.mark.usefixtures("database")
def test_same_reply_again_names_the_first(caselog: Runner) -> None:
    """Running a script twice queues nothing twice and says so; saying it twice on purpose is possible."""
    first = added(caselog)

    ran = caselog("outbox", "add", "main", "100", "--text", "Please check shipment 100.")

    assert ran.code == 2
    assert f"entry {first} (draft)" in ran.err
    assert added(caselog, "--again") == first + 1


def test_reply_without_somebody_to_ask_is_not_approved(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """Without a terminal the command shows what would be sent, and the digest that approves exactly that."""
    archived(make_case())
    entry_id = added(caselog, text="Please check [ORDER ID] 100.")

    shown = caselog("outbox", "approve", str(entry_id))

    assert "Please check [ORDER ID] 100." in shown.err
    assert "looks as if a gap was not filled: [ORDER ID]" in shown.err
    assert "Last message: Amazon" in shown.err
    assert "draft" == caselog("outbox", "show", str(entry_id), "--json").value["status"]
    digest = digest_of(caselog, str(entry_id))
    assert [entry_id] == caselog("outbox", "approve", str(entry_id), "--digest", digest, "--json").value["approved"]
    assert "queued" == caselog("outbox", "show", str(entry_id), "--json").value["status"]


def test_message_that_came_since_makes_the_digest_stale(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any], make_message: Callable[..., Any]
) -> None:
    """What was shown is what is approved: a new message in the thread wants another look."""
    archived(make_case())
    entry_id = added(caselog)
    digest = digest_of(caselog, str(entry_id))
    archived(make_case(messages=(make_message(1), make_message(2), make_message(3))))

    ran = caselog("outbox", "approve", str(entry_id), "--digest", digest)

    assert ran.code == 2
    assert "is not what was shown" in ran.err


@pytest.mark.usefixtures("database")
def test_reply_is_edited(caselog: Runner, tmp_path: Path) -> None:
    """Text and files are changed together or apart, and what is not named stays; the answer is the entry."""
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1")
    entry = str(added(caselog, "--file", str(tmp_path / "a.pdf"), "--batch", "b1"))

    def edited(*options: str) -> tuple[str, list[str], str]:
        value = caselog("outbox", "edit", entry, *options, "--json").value
        return value["text"], [file["name"] for file in value["files"]], value["status"]

    (tmp_path / "reply.txt").write_text("Grüße 1", encoding="utf-8-sig")
    assert ("Other words 1.", ["a.pdf"], "draft") == edited("--text", "Other words 1.")
    assert ("Other words 1.", ["b.pdf"], "draft") == edited("--file", str(tmp_path / "b.pdf"))
    assert ("Grüße 1", [], "draft") == edited("--text-file", str(tmp_path / "reply.txt"), "--no-files")
    assert "caselog outbox approve --batch b1" in caselog("outbox", "edit", entry, "--text", "Last words 1.").out


def test_edited_reply_has_to_be_approved_again(
    caselog: Runner, database: Database, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """A queued reply is a draft again; a held one wants a reason, which its history keeps."""
    archived(make_case())
    entry_id = added(caselog)
    caselog("outbox", "approve", str(entry_id), "--digest", digest_of(caselog, str(entry_id)))
    change = ("outbox", "edit", str(entry_id), "--text", "Other words 1.", "--json")

    assert ("draft", None) == tuple(caselog(*change).value[key] for key in ("status", "approved_at"))

    caselog("outbox", "approve", str(entry_id), "--digest", digest_of(caselog, str(entry_id)))
    token = outbox.claim(database, entry_id, holder=Holder(host="desk", pid=1, process_started_at=NOW), at=NOW)
    outbox.hold(database, entry_id, token, reason="case_closed", at=NOW)
    refused = caselog(*change[:-1])
    assert (2, True) == (refused.code, "Say with --reason why" in refused.err)
    assert "draft" == caselog(*change, "--reason", "it is not there").value["status"]
    history = caselog("outbox", "show", str(entry_id), "--json").value["history"]
    assert ("resolved", "it is not there") == (history[-2]["event"], history[-2]["reason"])


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "say what to change"),
        (("--no-files", "--file", "x.pdf"), "say what to change"),
        (("--text", "..."), "has no letter and no digit"),
        (("--file", "missing.pdf"), "missing.pdf is not there"),
        (("--text", "Same as the other 1."), "is there already"),
    ],
)
def test_edit_that_cannot_be_is_refused(caselog: Runner, options: tuple[str, ...], said: str) -> None:
    """A reply that the portal would not take, or that says what another one says, stays as it was."""
    added(caselog, text="Same as the other 1.")
    entry = str(added(caselog))
    before = caselog("outbox", "show", entry, "--json").value

    ran = caselog("outbox", "edit", entry, *options)

    assert (2, True) == (ran.code, said in " ".join(ran.err.replace("│", " ").split()))
    assert before == caselog("outbox", "show", entry, "--json").value


def test_a_submitted_reply_is_settled_before_it_is_edited(
    caselog: Runner, database: Database, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """Held after its submit, it may stand in the thread: only `resolve`, which asks, makes a draft of it."""
    archived(make_case())
    entry = added(caselog)
    caselog("outbox", "approve", str(entry), "--digest", digest_of(caselog, str(entry)))
    held_after_submit(database, entry)
    before = caselog("outbox", "show", str(entry), "--json").value

    ran = caselog("outbox", "edit", str(entry), "--text", "Another one.", "--reason", "better so")

    assert (2, True) == (ran.code, f"outbox resolve {entry} --as draft" in " ".join(ran.err.replace("│", " ").split()))
    assert before == caselog("outbox", "show", str(entry), "--json").value


@pytest.mark.usefixtures("database")
def test_thread_that_nobody_read_is_not_approved(caselog: Runner) -> None:
    """A reply to a case that was never archived cannot be approved."""
    ran = caselog("outbox", "approve", str(added(caselog)))

    assert ran.code == 2
    assert "caselog backup ACCOUNT --case CASE" in ran.err


def test_batch_is_one_decision(caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any]) -> None:
    """A batch shows its distinct texts with their counts, and one digest queues all of it."""
    archived(make_case("100"), make_case("200"), make_case("300"))
    entries = [
        added(caselog, "--batch", "b1", case_id=case_id, text=text)
        for case_id, text in (("100", "Any news?"), ("200", "Any news?"), ("300", "Thank you."))
    ]

    shown = caselog("outbox", "approve", "--batch", "b1")
    digest = digest_of(caselog, "--batch", "b1")
    ran = caselog("outbox", "approve", "--batch", "b1", "--digest", digest, "--json")

    assert "To 2 cases:\n  Any news?" in shown.err
    assert entries == ran.value["approved"]


def test_account_may_want_each_reply_approved(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any], configured: Path
) -> None:
    """With `approval = "each"` no batch is approved."""
    archived(make_case())
    added(caselog, "--batch", "b1")
    file = configured / "caselog.toml"
    file.write_text(file.read_text().replace("[accounts.other]", 'approval = "each"\n\n[accounts.other]'))

    ran = caselog("outbox", "approve", "--batch", "b1")

    assert (2, True) == (ran.code, "approved by itself" in ran.err)


def test_queue_is_listed_and_filtered(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """The list says what waits; a filter of no known state is a usage error."""
    archived(make_case())
    first = added(caselog)
    second = added(caselog, text="Another 1")
    caselog("outbox", "cancel", str(second), "--reason", "not needed")

    listed = caselog("outbox", "list", "--status", "draft", "--json").value["entries"]

    assert [first] == [entry["entry"] for entry in listed]
    assert caselog("outbox", "list", "--status", "lost").code == 2


def test_held_reply_is_settled_with_a_reason(
    caselog: Runner, database: Database, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """A person who found the reply in the portal says so, and the history keeps it."""
    archived(make_case())
    entry_id = added(caselog)
    caselog("outbox", "approve", str(entry_id), "--digest", digest_of(caselog, str(entry_id)))
    held_after_submit(database, entry_id)

    ran = caselog(
        "outbox", "resolve", str(entry_id), "--as", "sent", "--reason", "it is there", "--message-id", "m3", "--json"
    )

    assert ("sent", "m3") == (ran.value["status"], ran.value["message_id"])
    history = caselog("outbox", "show", str(entry_id), "--json").value["history"]
    assert ("resolved", "it is there") == (history[-1]["event"], history[-1]["reason"])


def test_queueing_a_submitted_reply_again_is_warned_of(
    caselog: Runner, database: Database, archived: Callable[..., None], make_case: Callable[..., Any]
) -> None:
    """The one way to post twice says that it is one, and is not taken by accident."""
    archived(make_case())
    entry_id = added(caselog)
    caselog("outbox", "approve", str(entry_id), "--digest", digest_of(caselog, str(entry_id)))
    held_after_submit(database, entry_id)
    again = ("outbox", "resolve", str(entry_id), "--as", "queued", "--reason", "not there")

    refused = caselog(*again)

    assert refused.code == 2
    assert "the one way in which caselog can post twice" in " ".join(refused.err.split())
    assert "held" == caselog("outbox", "show", str(entry_id), "--json").value["status"]
    assert "queued" == caselog(*again, "--yes", "--json").value["status"]


def test_question_that_is_broken_off_changes_nothing(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C at the question ends with 130 and leaves the draft."""
    archived(make_case())
    entry_id = added(caselog)

    class Terminal:
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda *_: Terminal().readline())

    assert caselog("outbox", "approve", str(entry_id)).code == 130
    monkeypatch.undo()
    assert "draft" == caselog("outbox", "show", str(entry_id), "--json").value["status"]
