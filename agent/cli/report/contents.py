"""The files of a report by name, each as text that may leave the machine."""

from __future__ import annotations

import json
import platform
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from agent.cli.doctor.checks import Check
from agent.cli.doctor.checks import checks
from agent.cli.report.anonymise import Anonymiser
from agent.config.model import SecretSource
from agent.errors import CaselogError
from agent.extract.masking import Mask
from agent.extract.masking import vocabulary
from agent.profile.load import load_profile
from storage.errors import ArchiveError

if TYPE_CHECKING:
    from agent.cli.invocation import Invocation
    from agent.config.model import AccountSettings
    from storage.database import Database
    from storage.journal import Run

RUNS = 30
LOG_LINES = 3000
EVIDENCE_FOLDERS = 10


def contents(call: Invocation) -> Iterator[tuple[str, str]]:
    """Name and text of each file. What cannot be read is told in the report, and keeps nothing else out of it."""
    # First: it fetches the secrets, so that the redactor knows them from here on.
    made = list(checks(call))
    accounts = _accounts(call)
    mask = Mask(_known_words(call, accounts), secrets.token_bytes(32))
    anonymiser = Anonymiser(accounts, mask)
    for name, text in _files(call, made, accounts, mask):
        yield name, call.redactor.redact(anonymiser.text(text))


def _files(
    call: Invocation, made: list[Check], accounts: list[AccountSettings], mask: Mask
) -> Iterator[tuple[str, str]]:
    yield "versions.json", _json(_versions())
    yield "checks.json", _json([{**asdict(check), "code": int(check.code)} for check in made])
    yield "configuration.json", _json([_settings(each) for each in accounts])
    try:
        with call.archive() as database:
            yield "runs.json", _json([_run(database, run) for run in _runs(database)])
    except ArchiveError as error:
        yield "runs.json", _json({"error": type(error).__name__})
    yield "log.jsonl", "".join(_log(call.places.log_file))
    yield from _evidence(call.places.evidence, mask)


def _accounts(call: Invocation) -> list[AccountSettings]:
    try:
        return list(call.configuration.accounts.values())
    except CaselogError:
        return []  # what is wrong with it is among the checks


def _settings(settings: AccountSettings) -> Any:
    """Of a secret's source only its kind: a path or a program's arguments may tell too much."""

    def told(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if value.keys() == SecretSource.model_fields.keys():
            return next(kind for kind, source in value.items() if source is not None)
        return {key: told(inner) for key, inner in value.items()}

    return told(settings.model_dump(mode="json"))


def _known_words(call: Invocation, accounts: list[AccountSettings]) -> frozenset[str]:
    words: frozenset[str] = frozenset()
    for name in {settings.profile for settings in accounts}:
        try:
            words |= vocabulary(load_profile(name, call.places.profiles))
        except CaselogError:
            continue
    return words


def _versions() -> dict[str, str]:
    return {
        "caselog": version("caselog"),
        "playwright": version("playwright"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
    }


def _runs(database: Database) -> tuple[Run, ...]:
    from storage.journal import list_runs

    return list_runs(database, limit=RUNS)


def _run(database: Database, run: Run) -> dict[str, Any]:
    from storage.journal import certificates_of
    from storage.journal import recoveries_of

    return {
        **{key: getattr(run, key) for key in ("run_id", "account", "scope", "outcome", "started_at", "finished_at")},
        "numbers": run.numbers,
        "certificates": [asdict(each) for each in certificates_of(database, run.run_id)],
        "recoveries": [asdict(each) for each in recoveries_of(database, run.run_id)],
    }


def _log(file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return list(lines)[-LOG_LINES:]
    except OSError:
        return []


def _evidence(folder: Path, mask: Mask) -> Iterator[tuple[str, str]]:
    """The newest pages that could not be read, masked. Pictures and recordings show texts, and stay here."""
    newest = sorted(folder.glob("*/*/about.json"), key=lambda about: about.parent.name)[-EVIDENCE_FOLDERS:]
    for about in newest:
        name = f"evidence/{about.parent.parent.name}/{mask.text(about.parent.name)}"
        try:
            yield f"{name}/about.json", about.read_text(encoding="utf-8")
            yield f"{name}/page.html", mask.page((about.parent / "page.html").read_text(encoding="utf-8"))
        except OSError:
            continue


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
