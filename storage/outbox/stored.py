"""Baselines and proofs as JSON, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from storage.outbox.model import Baseline
from storage.outbox.model import Proof


def baseline_json(value: Baseline) -> dict[str, Any]:
    return {
        "message_ids": list(value.message_ids),
        "occurrences": value.occurrences,
        "taken_at": value.taken_at.isoformat(),
        "files": list(value.files),
    }


def read_baseline(value: Mapping[str, Any]) -> Baseline:
    return Baseline(
        message_ids=tuple(value["message_ids"]),
        occurrences=value["occurrences"],
        taken_at=datetime.fromisoformat(value["taken_at"]),
        files=tuple(value["files"]),
    )


def proof_json(value: Proof) -> dict[str, Any]:
    return {**asdict(value), "others": list(value.others)}


def read_proof(value: Mapping[str, Any]) -> Proof:
    return Proof(**{**value, "others": tuple(value.get("others", ()))})


def seen_json(message_ids: Sequence[str], texts: Mapping[str, str]) -> list[str] | dict[str, str | None]:
    """Each id with how it read, `None` where that was not noted; a plain list where no text was."""
    return {key: texts.get(key) for key in message_ids} if texts else list(message_ids)


def read_seen(value: Sequence[str] | Mapping[str, str | None]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The ids, and the texts that were noted."""
    texts = value if isinstance(value, Mapping) else {}
    return tuple(value), {key: text for key, text in texts.items() if text is not None}
