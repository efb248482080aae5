"""`where`, `init` and `config check`: the first things that a new user runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.cli.init import TEMPLATE
from agent.config.model import AccountSettings
from agent.config.model import EngineSettings

Runner = Callable[..., Any]


def test_where_names_every_place_and_makes_none(caselog: Runner, home: Path) -> None:
    """Asking where things lie leaves no trace."""
    ran = caselog("where", "--json")

    assert {
        "config_file": str(home / "caselog.toml"),
        "profiles": str(home / "profiles"),
        "archive_folder": str(home / "archive-folder.txt"),
        "archive": str(home / "data" / "archive.sqlite3"),
        "blobs": str(home / "data" / "blobs"),
        "evidence": str(home / "data" / "evidence"),
        "sessions": str(home / "state" / "sessions"),
        "packs": str(home / "state" / "packs"),
        "log_file": str(home / "state" / "caselog.log.jsonl"),
        "stop_switch": str(home / "state" / "STOP"),
    } == {place["name"]: place["path"] for place in ran.value["places"]}
    assert not home.exists()


def test_init_writes_a_file_that_only_wants_filling_in(caselog: Runner, home: Path) -> None:
    """A first file is valid up to the values that only the person knows."""
    assert caselog("init").code == 0

    ran = caselog("config", "check", "--json")

    assert ["accounts.main.account_name: is empty", "accounts.main.user: is empty"] == ran.value["error"]["where"]


def test_init_with_values_is_in_order(caselog: Runner, home: Path) -> None:
    """Values with quotes and other scripts survive into the file."""
    name = '店铺 "A" \\ GmbH'
    caselog("init", "--account", "my-shop", "--account-name", name, "--user", "ops@example.test")

    ran = caselog("config", "check", "--json")

    assert ran.code == 0
    assert [
        {"account": "my-shop", "profile": "seller-central", "base_url": "https://sellercentral.amazon.com"}
    ] == ran.value["accounts"]
    assert "CASELOG_PASSWORD_MY_SHOP" in (home / "caselog.toml").read_text(encoding="utf-8")


def test_init_leaves_an_existing_file_alone(caselog: Runner, home: Path) -> None:
    """A configuration is never overwritten."""
    home.mkdir()
    (home / "caselog.toml").write_text("# mine\n")

    ran = caselog("init")

    assert (3, "# mine\n") == (ran.code, (home / "caselog.toml").read_text())


def test_every_key_stands_in_the_first_file() -> None:
    """A key that a person may set is shown where they will look for it."""
    keys = [*AccountSettings.model_fields, *EngineSettings.model_fields, "timezone"]

    assert [] == [key for key in keys if f"{key} = " not in TEMPLATE]


def test_check_without_a_file_says_how_to_get_one(caselog: Runner) -> None:
    """A missing file is a problem with a next step."""
    ran = caselog("config", "check")

    assert ran.code == 3
    assert "caselog init" in ran.err


@pytest.mark.parametrize("arguments", [("where",), ("config", "check"), ("config", "check", "--json")])
def test_foreign_code_page_ends_no_command(caselog: Runner, home: Path, arguments: tuple[str, ...]) -> None:
    """Under GBK a character that it lacks is replaced, and JSON is escaped instead of damaged."""
    caselog("init", "--account", "ñ-店", "--account-name", "😀", "--user", "u")
    command = [sys.executable, "-m", "agent.cli.main", "--home", str(home), *arguments]

    done = subprocess.run(
        command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"}
    )

    assert (0, b"") == (done.returncode, done.stderr)
    done.stdout.decode("gbk")
    if "--json" in arguments:
        assert b'"account": "\\u00f1-\\u5e97"' in done.stdout


def test_unknown_command_is_a_usage_error(caselog: Runner) -> None:
    """A mistyped command is told apart from a failing one."""
    assert caselog("bakcup").code == 2


def test_version_is_printed(caselog: Runner) -> None:
    """`--version` answers without any configuration."""
    assert caselog("--version").out.startswith("caselog ")


def test_check_knows_which_profiles_there_are(caselog: Runner, configured: Path) -> None:
    """A profile that does not exist is found before the first run, under the key that names it."""
    text = (configured / "caselog.toml").read_text(encoding="utf-8")
    (configured / "caselog.toml").write_text(text.replace("django-helpdesk", "django-helpdisk", 1), encoding="utf-8")

    ran = caselog("config", "check", "--json")

    [place] = ran.value["error"]["where"]
    begin = "accounts.main.profile: django-helpdisk: profile: there is no such profile; known: django-helpdesk, "
    assert (3, begin) == (ran.code, place[: len(begin)])


def test_readme_leads_to_the_first_sign_in(caselog: Runner, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever types what the README says comes as far as the portal; no secret stands in the file."""
    steps = re.search(r"## Your own portal\n\n```\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert steps is not None
    for line in steps[1].splitlines():
        command, *words = shlex.split(line)
        if command == "export":
            for word in words:
                monkeypatch.setenv(*word.split("=", 1))
        elif words[0] in {"init", "config"}:
            assert 0 == caselog(*words).code
    caselog("stop")  # so that nothing is asked of a portal

    assert 15 == caselog("login", "main", "--headed").code
    assert not any(os.environ[name] in (home / "caselog.toml").read_text() for name in SECRETS)


SECRETS = ("CASELOG_PASSWORD_MAIN", "CASELOG_SESSION_KEY_MAIN")
README = Path(__file__).parents[3] / "README.md"
