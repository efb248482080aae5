"""A mistyped account is no empty answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Runner = Callable[..., Any]
COMMANDS = ["cases list", "cases search refund", "export jsonl {}", "export xlsx {}", "outbox sheet {}", "outbox list"]


@pytest.mark.parametrize("command", COMMANDS)
def test_account_that_nobody_knows_is_refused(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any], tmp_path: Path, command: str
) -> None:
    """It would match nothing and look like success: exit 3 as for every unknown account, and no file is made."""
    archived(make_case())
    target = tmp_path / "out"

    ran = caselog(*command.format(target).split(), "--account", "mian", "--json")

    told = ["accounts.mian: there is no such account; configured: main, other"]
    assert (3, told, False) == (ran.code, ran.value["error"]["where"], target.exists())


@pytest.mark.parametrize("account", ["other", "former"])
def test_account_that_is_configured_or_archived_is_known(
    caselog: Runner, archived: Callable[..., None], make_case: Callable[..., Any], account: str
) -> None:
    """One without a case gives an empty list; what is archived outlives its section."""
    archived(make_case(account="former"), account="former")

    ran = caselog("cases", "list", "--account", account, "--json")

    assert (0, {"other": 0, "former": 1}[account]) == (ran.code, ran.value["total"])
