"""The log says what happened, and no secret, cookie or body gets into it."""

from __future__ import annotations

import json
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.log import get_logger
from agent.log import start_log
from agent.log import stop_log
from agent.secrets import Redactor


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    redactor = Redactor()
    redactor.register("hunter2")
    file = tmp_path / "state" / "log.jsonl"
    start_log(file, redactor)
    yield file
    stop_log()


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_event_is_one_json_line(log_file: Path) -> None:
    """Ids, numbers and texts in any script can be read back."""
    get_logger("agent.backup").info("case_stored", case="123", messages=4, subject="退款")

    [event] = lines(log_file)
    event.pop("timestamp")
    assert event == {
        "event": "case_stored",
        "level": "info",
        "logger": "agent.backup",
        "case": "123",
        "messages": 4,
        "subject": "退款",
    }


def test_secrets_are_redacted_by_name_and_by_value(log_file: Path) -> None:
    """A secret is caught under its own name, inside other values, in URLs and in exceptions."""
    log = get_logger("agent.portal")
    log.info(
        "page_read",
        url="https://x.test/?a=1&session-token=zzz9",
        detail=["pw is hunter2"],
        headers={"Set-Cookie": "yyy9", "Accept": "*/*"},
        body="xxx9",
    )
    try:
        raise RuntimeError("typed hunter2")
    except RuntimeError:
        log.exception("page_failed")
    logging.getLogger("somebody.else").warning("sent hunter2")

    text = log_file.read_text(encoding="utf-8")
    assert [secret for secret in ("hunter2", "zzz9", "yyy9", "xxx9") if secret in text] == []
    first = lines(log_file)[0]
    assert (first["url"], first["detail"], first["headers"]) == (
        "https://x.test/?a=1&session-token=[redacted]",
        ["pw is [redacted]"],
        {"Set-Cookie": "[redacted]", "Accept": "*/*"},
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://x.test/#access_token=zz9&a=1", "https://x.test/#access_token=[redacted]&a=1"),
        ("https://x.test/?auth=zz9", "https://x.test/?auth=[redacted]"),
        ("https://x.test/?a=1&sid=zz9#top", "https://x.test/?a=1&sid=[redacted]#top"),
        ("https://x.test/c;jsessionid=zz9?key=zz9", "https://x.test/c;jsessionid=[redacted]"),
        (
            "https://x.test/?api_key=zz9&X-Amz-Signature=zz9",
            "https://x.test/?api_key=[redacted]&X-Amz-Signature=[redacted]",
        ),
        (
            "https://x.test/?monkey=1&tab=all&caseID=7",
            "https://x.test/?monkey=1&tab=all&caseID=7",
        ),
    ],
)
def test_secrets_in_addresses_are_redacted_by_their_names(log_file: Path, address: str, shown: str) -> None:
    """In the query, the path and the fragment; a name that only contains a secret one is shown."""
    get_logger("agent.portal").info("page_read", url=address)

    assert [shown] == [line["url"] for line in lines(log_file)]


def test_console_gets_warnings_without_secrets(log_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What went well stays in the file; what did not is seen at once, on the error stream."""
    get_logger("agent").info("page_read")
    get_logger("agent").warning("page_blank", detail="hunter2")

    shown = capsys.readouterr()
    assert ("", False, True, False) == (
        shown.out,
        "page_read" in shown.err,
        "page_blank" in shown.err,
        "hunter2" in shown.err,
    )


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps user folders private by access lists")
def test_log_file_is_private(log_file: Path) -> None:
    """Others on the machine cannot read which cases there are."""
    get_logger("agent").info("started")

    assert stat.S_IMODE(log_file.stat().st_mode) == 0o600
