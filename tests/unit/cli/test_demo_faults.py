"""What `demo` says when something is not as promised."""

from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import asynccontextmanager
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.cli import workplace
from agent.cli.demo import command
from agent.cli.demo import stage
from agent.cli.demo.story import Story
from agent.cli.invocation import Invocation
from agent.recovery.stop import StopToken

Runner = Callable[..., Any]


class Place:
    """Where no browser is."""

    stop_token = StopToken


@pytest.mark.parametrize(("faults", "code"), [(["a reply stands there twice"], 22), ([], 0)])
def test_programs_read_what_was_not_as_promised(
    *, caselog: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: list[str], code: int
) -> None:
    """The object that comes with exit code 22 says why; a demo that went well lists nothing."""

    @asynccontextmanager
    async def opened(*_: object, **_how: object) -> AsyncIterator[Place]:
        yield Place()

    @contextmanager
    def staged(folder: Path, **_how: object) -> Iterator[SimpleNamespace]:
        call = Invocation()
        call.home = folder
        yield SimpleNamespace(call=call, account="main")

    async def played(_story: Story) -> None:
        return None

    monkeypatch.setattr(workplace, "workplace", opened)
    monkeypatch.setattr(stage, "staged", staged)
    monkeypatch.setattr(Story, "play", played)
    monkeypatch.setattr(command, "_write_files", lambda *_: {})
    monkeypatch.setattr(command, "_verify", lambda *_: ())
    monkeypatch.setattr(command, "_value", lambda *_: {"outcome": "complete"})
    monkeypatch.setattr(command, "_told", lambda *_: ())
    monkeypatch.setattr(command, "_unexpected", lambda *_: iter(faults))

    ran = caselog("demo", "--dir", str(tmp_path / "demo"), "--cases", "20", "--json")

    assert (code, {"outcome": "complete", "faults": faults}) == (ran.code, ran.value)
