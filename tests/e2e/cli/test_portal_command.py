"""`caselog portal` as another program starts it."""

from __future__ import annotations

import inspect
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from agent.cli.portal import portal as caselog_portal
from agent.config.load import load_configuration
from mock_portal.settings import PortalSettings


@contextmanager
def portal(*options: str) -> Iterator[tuple[dict[str, Any], subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "agent.cli.main", "portal", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "gbk"}) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline()), process
        finally:
            process.kill()


def test_ready_line_brings_a_configuration_that_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the ready line carries is enough to back the portal up: settings in a file, secrets in the environment."""
    with portal("--cases", "3", "--control-token", "t") as (ready, _process):
        (tmp_path / "caselog.toml").write_text(ready["caselog_toml"], encoding="utf-8")
        configuration = load_configuration(tmp_path / "caselog.toml")

        assert [each["name"] for each in ready["accounts"]] == list(configuration.accounts)
        sources = [source for account in configuration.accounts.values() for source in (account.password, account.totp)]
        assert set(ready["environment"]) == {source.env for source in sources if source}
        control = urllib.request.Request(f"{ready['url']}/_control/ledger", headers={"X-Control-Token": "t"})
        with urllib.request.urlopen(control) as answer:
            assert answer.status == 200


def test_every_setting_has_an_option() -> None:
    """What the mock portal can be set to, the command can: but its host is this machine, and sessions are for tests."""
    options = set(inspect.signature(caselog_portal).parameters) - {"context", "as_json"}
    named = {"latency_ms": "latency", "window_days": "window", "faults": "fault"}

    settings = {each.name for each in fields(PortalSettings)} - {"host", "session_seconds"}
    assert options == {named.get(name, name) for name in settings}


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process on Windows")
def test_interrupt_ends_it_quietly() -> None:
    """Ctrl-C stops the portal without a traceback."""
    with portal("--cases", "1") as (_ready, process):
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=30) == 130


def test_port_that_is_taken_is_a_usage_error() -> None:
    """A port in use is told as such, not as a bug."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "agent.cli.main", "portal", "--port", str(taken.getsockname()[1])]

        done = subprocess.run(command, capture_output=True, check=False, timeout=60)

    assert done.returncode == 2
    assert b"cannot be used" in done.stderr
