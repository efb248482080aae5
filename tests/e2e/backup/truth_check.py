"""Compares an archive with what a portal says that it holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storage import archive
from storage.archive import ArchivedCase
from storage.archive import CaseFilter
from storage.database import Database
from storage.records import NOT_FETCHED
from storage.records import AttachmentRef


def differences(database: Database, account: str, truth: dict[str, Any], *, times: bool = True) -> list[str]:
    """Every way in which the archive is not the truth, one line each."""
    cases = {case.record.case_id: case for case in archive.iterate_cases(database, CaseFilter(account=account))}
    wanted = {str(case["id"]): case for case in truth["cases"]}
    tabs = {str(name): {str(one) for one in tab["ids"]} for name, tab in truth["tabs"].items()}
    found = [f"missing {case_id}" for case_id in wanted.keys() - cases.keys()]
    found += [f"extra {case_id}" for case_id in cases.keys() - wanted.keys()]
    for case_id in wanted.keys() & cases.keys():
        listed = {name for name, ids in tabs.items() if case_id in ids}
        shown = {tab.value for tab in cases[case_id].tabs}
        if listed != shown:
            found.append(f"{case_id} tabs: {sorted(shown)} for {sorted(listed)}")
        found += [f"{case_id} {line}" for line in case_differences(cases[case_id], wanted[case_id], times=times)]
    return sorted(found)


def case_differences(case: ArchivedCase, wanted: dict[str, Any], *, times: bool, unfetched: bool = False) -> list[str]:
    """With `unfetched`, a content that was not fetched yet is no difference; its name has to be there."""
    record = case.record
    pairs: list[tuple[str, object, object]] = [
        ("subject", plain(record.subject), plain(wanted["subject"])),
        ("status", record.status_raw, wanted["status"]),
        ("complete", record.complete, True),
    ]
    if times:
        pairs.append(("created", _minute(record.created_at), _minute(moment(wanted["created"]))))
        if wanted.get("updated"):
            pairs.append(("updated", _minute(record.updated_at), _minute(moment(wanted["updated"]))))
    shown = [message for message in record.messages if message.body or message.attachments or message.author]
    pairs.append(("messages", len(shown), len(wanted["messages"])))
    for message, told in zip(shown, wanted["messages"], strict=False):
        name = f"message {told['n']}"
        pairs += [
            (f"{name} author", message.author, told["author"]),
            (f"{name} body", squeezed(message.body), squeezed(told["body_shown"])),
            (f"{name} files", *_files(message.attachments, told["attachments"], unfetched=unfetched)),
        ]
        if times:
            pairs.append((f"{name} time", _minute(message.sent_at), _minute(moment(told["time"]))))
    return [f"{what}: {found!r} for {right!r}" for what, found, right in pairs if found != right]


def _files(
    attachments: tuple[AttachmentRef, ...], told: list[dict[str, Any]], *, unfetched: bool
) -> tuple[list[tuple[str, object]], list[tuple[str, object]]]:
    """Name and content of what is held, and of what is told."""
    found: list[tuple[str, object]] = sorted(((ref.name, ref.sha256) for ref in attachments), key=str)
    right: list[tuple[str, object]] = sorted(((file["name"], file["sha256"]) for file in told), key=str)
    for waiting in [pair for pair in found if unfetched and pair[1] is NOT_FETCHED]:
        content = next((pair for pair in right if pair[0] == waiting[0] and pair not in found), None)
        if content is not None:
            found.remove(waiting)
            right.remove(content)
    return found, right


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _minute(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(second=0, microsecond=0)


def plain(text: str) -> str:
    return " ".join(text.split())


def squeezed(text: str) -> str:
    return "".join(text.split())
