"""`report` tells what happened, and neither who somebody is nor what a case is about."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.cli import browsers
from agent.cli.browsers import Launched

Runner = Callable[..., Any]

FILES = ["versions.json", "checks.json", "configuration.json", "runs.json", "log.jsonl"]
PAGE = "<html><body><h2>Wo bleibt mein Paket, Frau Sommer?</h2><a href='/tickets/12345678901/'>open</a></body></html>"


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    async def launched(_call: object) -> Launched:
        return Launched((), {})

    monkeypatch.setattr(browsers, "launch_each", launched)
    monkeypatch.setenv("CASELOG_PASSWORD_MAIN", "correct horse")


def evidence(home: Path) -> None:
    folder = home / "data" / "evidence" / "main" / "20260115T120000-blank-12345678901"
    folder.mkdir(parents=True)
    (folder / "about.json").write_text(json.dumps({"url": "http://127.0.0.1:9/tickets/12345678901/"}))
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    (folder / "page.png").write_bytes(b"a picture")


def texts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_preview_writes_nothing(caselog: Runner, configured: Path) -> None:
    """Without a target only the names and sizes are shown; any file can be looked at before."""
    before = sorted(configured.rglob("*"))

    ran, shown = caselog("report", "--json"), caselog("report", "--show", "versions.json", "--json")

    assert (None, FILES) == (ran.value["path"], [file["name"] for file in ran.value["files"]])
    assert {"caselog", "playwright", "python", "system", "sqlite"} == set(json.loads(shown.value["text"]))
    assert before == sorted(configured.rglob("*"))


def test_nobody_can_be_told_from_it(
    *,
    caselog: Runner,
    configured: Path,
    archived: Callable[..., None],
    make_case: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Secrets, users, accounts, e-mail addresses, ids and texts are not in it; the run and the page's shape are."""
    archived(make_case())
    evidence(configured)
    monkeypatch.setenv("CASELOG_ACCOUNTS__MAIN__PROXY", '{"server": "http://127.0.0.1:9", "user": "proxy-sommer"}')
    log = configured / "state" / "caselog.log.jsonl"
    log.parent.mkdir()
    log.write_text('{"event": "signed_in", "user": "ops@example.test", "to": "a.b@c.example", "case": "12345678901"}\n')
    target = tmp_path / "report.zip"

    assert 0 == caselog("report", "--to", str(target)).code

    found = texts(target)
    private = ("correct horse", "ops@", "Example GmbH", "Other Ltd", "c.example", "12345678901", "ommer", "Paket")
    assert [] == [(word, name) for name, text in found.items() for word in private if word in text or word in name]
    assert '"complete"' in found["runs.json"]
    assert {"env", "prompt"} == {account["password"] for account in json.loads(found["configuration.json"])}
    (page,) = [text for name, text in found.items() if name.endswith("page.html")]
    assert ("<h2>" in page, "a picture" in "".join(found.values())) == (True, False)
    if os.name == "posix":
        assert 0o600 == stat.S_IMODE(target.stat().st_mode)


def test_what_is_broken_is_in_the_report(caselog: Runner, home: Path) -> None:
    """A configuration and an archive that cannot be read keep nothing else out of it."""
    (home / "data").mkdir(parents=True)
    (home / "caselog.toml").write_text("nonsense = 1\n")
    (home / "data" / "archive.sqlite3").write_bytes(b"no archive at all, but long enough to be looked at" * 100)

    ran, checks = caselog("report", "--json"), caselog("report", "--show", "checks.json", "--json")

    assert (0, FILES) == (ran.code, [file["name"] for file in ran.value["files"]])
    assert {"configuration", "archive"} <= {one["name"] for one in json.loads(checks.value["text"]) if one["code"]}


def test_unknown_file_is_named(caselog: Runner, configured: Path) -> None:
    """Whoever asks for a file that the report has not is told which it has."""
    ran = caselog("report", "--show", "page.png")

    assert (2, True) == (ran.code, "versions.json" in ran.err)
