"""What the portal accepted: the oracle for every claim that something was posted once, twice or never.

An entry is made at the moment of acceptance, whatever the visitor was told afterwards. Nothing is ever taken out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mock_portal.clock import iso
from mock_portal.data.model import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One accepted act. `kind` is reply, new_case, close_case or upload; an upload names its file in `name`.

    A file that is uploaded ahead of its message has an entry of its own then, without a message, and not again.
    """

    sequence: int
    time: datetime
    account: str
    user: str
    kind: str
    case: str
    subject: str
    text: str
    sha256: str
    name: str
    attachments: tuple[Attachment, ...]
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "sequence": self.sequence,
            "time": iso(self.time),
            "account": self.account,
            "user": self.user,
            "kind": self.kind,
            "case": self.case,
            "subject": self.subject,
            "text": self.text,
            "sha256": self.sha256,
            "name": self.name,
            "attachments": [described(file) for file in self.attachments],
            "message": self.message,
        }


def described(file: Attachment) -> dict[str, Any]:
    return {"name": file.name, "mime": file.mime, "size": len(file.content), "sha256": file.sha256}


class Ledger:
    """Append-only, in the order of acceptance."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._uploaded: set[str] = set()

    @property
    def entries(self) -> Sequence[Entry]:
        return self._entries

    def record(
        self,
        kind: str,
        *,
        time: datetime,
        account: str,
        user: str,
        case: str,
        subject: str = "",
        text: str = "",
        files: tuple[Attachment, ...] = (),
        message: str = "",
    ) -> None:
        common: dict[str, Any] = {"time": time, "account": account, "user": user, "case": case, "message": message}
        self._append(
            **common, kind=kind, subject=subject, text=text, name="", attachments=files, sha256=_digest(text.encode())
        )
        for file in files:
            if file.id not in self._uploaded:
                self.record_upload(file, **common)

    def record_upload(
        self, file: Attachment, *, time: datetime, account: str, user: str, case: str, message: str = ""
    ) -> None:
        self._uploaded.add(file.id)
        self._append(
            time=time,
            account=account,
            user=user,
            case=case,
            message=message,
            kind="upload",
            subject="",
            text="",
            name=file.name,
            attachments=(file,),
            sha256=file.sha256,
        )

    def _append(self, **fields: Any) -> None:
        self._entries.append(Entry(sequence=len(self._entries) + 1, **fields))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
