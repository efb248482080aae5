"""Baselines and proofs as JSON, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
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
    return asdict(value)


def read_proof(value: Mapping[str, Any]) -> Proof:
    return Proof(**value)
