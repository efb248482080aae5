"""`profile list` and `profile check`: mend a profile without Python and without a portal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.profile.lint_words import ACCOUNT_VARIABLES
from agent.profile.lint_words import LOCAL_VARIABLES

Runner = Callable[..., Any]

PACK = """
[[pages]]
file = "list.html"
url = "http://127.0.0.1:9/cases"
kind = "list"
time = 2026-01-15T12:00:00Z
"""


@pytest.fixture
def own_profile(home: Path) -> Path:
    """A profile of the person's own, with two mistakes."""
    folder = home / "profiles"
    folder.mkdir(parents=True)
    path = folder / "mine.toml"
    path.write_text('extends = "django-helpdesk"\ntitel = "My desk"\n\n[list]\nrowz = "tr"\n', encoding="utf-8")
    return path


def test_own_profiles_stand_beside_bundled_ones(caselog: Runner, own_profile: Path) -> None:
    """Everything that an account can name is listed, with where it comes from."""
    profiles = {each["name"]: each["bundled"] for each in caselog("profile", "list", "--json").value["profiles"]}

    assert {"django-helpdesk": True, "mine": False} == {
        name: bundled for name, bundled in profiles.items() if name in {"django-helpdesk", "mine"}
    }


@pytest.mark.usefixtures("own_profile")
def test_every_problem_of_a_profile_is_told(caselog: Runner) -> None:
    """Unknown keys are refused by the person's own names, all at once."""
    ran = caselog("profile", "check", "mine", "--json")

    assert ran.code == 4
    assert {"titel: is no known key", "list.rowz: is no known key"} <= set(ran.value["error"]["where"])


def test_good_profile_is_in_order(caselog: Runner) -> None:
    """A bundled profile passes."""
    assert [] == caselog("profile", "check", "django-helpdesk", "--json").value["problems"]


def test_whole_language_can_be_read(caselog: Runner) -> None:
    """Every table of a profile is printed with its keys: with the variables, all that a person needs to write one."""
    text = caselog("profile", "reference", "--json").value["markdown"]

    assert {"## ListRules", "## CaseRules", "## ReplyRules"} <= set(text.splitlines())
    for name in sorted(ACCOUNT_VARIABLES.union(*(names for _, names in LOCAL_VARIABLES))):
        assert f"`{name}`" in text
    assert "| `changes_with_message` | text |" in caselog("profile", "reference").out


def test_saved_page_that_is_not_understood_names_what_failed(caselog: Runner, tmp_path: Path) -> None:
    """A blank page in a pack is told with each test that did not hold, and fails the check."""
    (tmp_path / "pack.toml").write_text(PACK, encoding="utf-8")
    (tmp_path / "list.html").write_text("<html><body></body></html>", encoding="utf-8")

    ran = caselog("profile", "check", "django-helpdesk", "--pages", str(tmp_path), "--json")

    [page] = ran.value["pages"]
    assert (4, False) == (ran.code, ran.value["passed"])
    assert "list.html" == page["page"]
    assert page["failures"]


def test_pack_that_is_none_says_so(caselog: Runner, tmp_path: Path) -> None:
    """A folder without `pack.toml` is a problem of the pack, not a bug."""
    assert caselog("profile", "check", "django-helpdesk", "--pages", str(tmp_path)).code == 4
