"""What an approval binds to, and what makes two entries the same. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from storage.outbox.model import Draft
from storage.outbox.model import Kind


def content_hash(draft: Draft) -> str:
    """Of everything that would reach the portal: kind, subject, text, and the names and contents of the files."""
    return _digest((draft.kind, draft.subject, draft.text, [(file.name, file.sha256) for file in draft.files]))


def idempotency_key(draft: Draft, *, repetition: int = 0) -> str:
    """The same key means the same message to the same conversation; `repetition` counts explicit repeats."""
    hashes = [file.sha256 for file in draft.files]
    return _digest(
        (draft.account, draft.case_id, draft.kind, draft.subject, draft.text, hashes, draft.batch, repetition)
    )


def conversation(draft: Draft) -> str:
    """One entry of a conversation is in flight at a time; an account's new cases are one conversation."""
    return "new" if draft.kind is Kind.NEW_CASE else f"case:{draft.case_id}"


def seen_text(body: str) -> str:
    """By what a message is known to read as it did when somebody saw it; white space and what does not show apart."""
    kept = "".join(character for character in body if character.isprintable() and character not in " \ufffd")
    return hashlib.sha256(kept.encode("utf-8")).hexdigest()[:16]


def _digest(values: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(values).encode("ascii")).hexdigest()
