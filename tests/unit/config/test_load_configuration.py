"""`caselog.toml` is read strictly, and every problem is named by the person's own key."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.config.load import account_settings
from agent.config.load import load_configuration
from agent.config.model import AccountSettings
from agent.config.model import Configuration
from agent.config.model import Pace
from agent.config.model import SecretSource
from agent.errors import ConfigurationError
from agent.errors import Problem

SMALLEST = """
[accounts.main]
profile = "mock-classic"
base_url = "http://127.0.0.1:8080/"
account_name = "Example GmbH"
user = "ops@example.test"
password = { env = "CASELOG_PASSWORD_MAIN" }
"""


def written(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "caselog.toml"
    path.write_text(text, encoding=encoding)
    return path


def problems(path: Path) -> Sequence[Problem]:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)
    return caught.value.problems


def test_smallest_account_is_slow_serial_and_live(tmp_path: Path) -> None:
    """Whatever is not written down gets the careful default."""
    account = load_configuration(written(tmp_path, SMALLEST)).accounts["main"]

    assert (
        AccountSettings(
            profile="mock-classic",
            base_url="http://127.0.0.1:8080",
            account_name="Example GmbH",
            user="ops@example.test",
            password=SecretSource(env="CASELOG_PASSWORD_MAIN"),
            lanes=("live",),
            pace=Pace(requests_per_second=None, pages=None),
            approval="batch",
            sign_ins_per_run=2,
            session_key=None,
        ).model_dump()
        == account.model_dump()
    )
    assert account.name == "main"


def test_file_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """A first start needs no file."""
    assert Configuration() == load_configuration(tmp_path / "caselog.toml")


def test_byte_order_mark_is_no_trouble(tmp_path: Path) -> None:
    """A file saved by a Windows editor reads the same."""
    assert list(load_configuration(written(tmp_path, SMALLEST, encoding="utf-8-sig")).accounts) == ["main"]


def test_environment_goes_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`CASELOG_*` changes single keys of an account and leaves the others."""
    monkeypatch.setenv("CASELOG_ACCOUNTS__MAIN__USER", "other@example.test")
    monkeypatch.setenv("CASELOG_ACCOUNTS__MAIN__PACE__PAGES", "3")
    monkeypatch.setenv("CASELOG_TIMEZONE", "Asia/Shanghai")

    configuration = load_configuration(written(tmp_path, SMALLEST))

    account = configuration.accounts["main"]
    assert (
        account.user,
        account.pace.pages,
        account.account_name,
        configuration.timezone,
    ) == ("other@example.test", 3, "Example GmbH", "Asia/Shanghai")


def test_environment_finds_an_account_in_any_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables have no upper and lower case: the account is that of the file, not another one without a profile."""
    monkeypatch.setenv("CASELOG_ACCOUNTS__Main-Shop__USER", "other@example.test")

    accounts = load_configuration(written(tmp_path, SMALLEST.replace("main]", "Main-Shop]"))).accounts

    assert {"Main-Shop": "other@example.test"} == {name: account.user for name, account in accounts.items()}


def test_a_slip_of_the_pen_in_the_environment_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is almost a known one would be passed over in silence; what may hold a secret is left alone."""
    for name in ("CASELOG_TIMEZON", "caselog_account__main__user", "CASELOG_HOMES", "CASELOG_PASSWORD_OTHER"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("CASELOG_ENGINE", "a password")
    text = SMALLEST.replace("CASELOG_PASSWORD_MAIN", "CASELOG_ENGINE") + "\ncolour = 1\n"

    assert {problem.where: problem.what for problem in problems(written(tmp_path, text))} == {
        "accounts.main.colour": "is no known key",
        "CASELOG_TIMEZON": "is no known variable; did you mean CASELOG_TIMEZONE?",
        "caselog_account__main__user": "is no known variable; did you mean CASELOG_ACCOUNTS?",
        "CASELOG_HOMES": "is no known variable; did you mean CASELOG_HOME?",
    }
    assert 3 == len(problems(written(tmp_path, text.replace("colour = 1", ""))))


@pytest.mark.parametrize("locale", ["xx-YY", "english", "e", "../en"])
def test_a_locale_that_nobody_speaks_is_refused(tmp_path: Path, locale: str) -> None:
    """Its names of months would be looked for in the middle of a run."""
    path = written(tmp_path, f'{SMALLEST}\nlocale = "{locale}"\n')

    assert [Problem("accounts.main.locale", "is no locale; write it like en-US")] == list(problems(path))


def test_all_problems_are_told_at_once_by_key(tmp_path: Path) -> None:
    """Nobody has to start six times to find six mistakes."""
    text = (
        SMALLEST
        + """
bas_url = "http://x.test"
timezone = "Mars/Base"
pace = { pages = 0 }
lanes = ["fetch"]

[accounts.second]
profile = "mock-classic"
account_name = "B"
user = "u"
base_url = "ftp://x.test"
password = { env = "A", file = "B" }

[colour]
"""
    )

    assert {problem.where: problem.what for problem in problems(written(tmp_path, text))} == {
        "accounts.main.bas_url": "is no known key; did you mean base_url?",
        "accounts.main.timezone": "is no time zone; write it like Europe/Berlin or Asia/Shanghai",
        "accounts.main.pace.pages": "should be greater than or equal to 1",
        "accounts.main.lanes.0": "should be 'live'",
        "accounts.second.base_url": "must be an address like https://sellercentral.amazon.com",
        "accounts.second.password": "needs exactly one of env, file, command, keyring, prompt",
        "colour": "is no known key",
    }


@pytest.mark.parametrize("key", ["password", "totp", "session_key"])
def test_plain_text_secret_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    """A secret in the file is refused with the advice where it belongs, and shown nowhere."""
    text = SMALLEST.replace("password = {", "# password = {") if key == "password" else SMALLEST
    path = written(tmp_path, f'{text}\n{key} = "hunter2"\n')

    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)

    [problem] = caught.value.problems
    assert f"accounts.main.{key}" == problem.where
    assert "env = " in problem.what
    # Not even a traceback shows it.
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("variable", ["CASELOG_ACCOUNTS__MAIN__PASSWORD", "CASELOG_ACCOUNTS"])
def test_secret_in_the_wrong_variable_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A password put where its source belongs is refused without showing it."""
    monkeypatch.setenv(variable, "hunter2")
    path = written(tmp_path, SMALLEST)

    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)

    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "url",
    [
        "sellercentral.amazon.com",
        "https://",
        "http://user:pw@host",
        "file:///x",
        "http://[::1",
        "http://x:port",
        "http://x/?a=1",
        "http://x/desk#cases",
        "http://x/?",
    ],
)
def test_address_that_cannot_be_a_portal_is_refused(tmp_path: Path, url: str) -> None:
    """A base URL is http or https, with a host, without credentials, and nothing behind the path."""
    path = written(tmp_path, SMALLEST.replace("http://127.0.0.1:8080/", url))

    assert [problem.where for problem in problems(path)] == ["accounts.main.base_url"]


@pytest.mark.parametrize("name", ["a b", "../up", ".hidden", "a/b"])
def test_account_name_is_safe_as_a_file_name(tmp_path: Path, name: str) -> None:
    """An account's name becomes part of file names, so it may not lead elsewhere."""
    path = written(tmp_path, SMALLEST.replace("accounts.main", f'accounts."{name}"'))

    assert [problem.where for problem in problems(path)] == ["accounts"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"[accounts", "is not valid TOML"), ("user = '中'".encode("gbk"), "is not UTF-8"), (b"accounts = 3", "table")],
)
def test_file_that_cannot_be_read_is_one_problem(tmp_path: Path, content: bytes, says: str) -> None:
    """Broken files are told apart and never end in a traceback."""
    path = tmp_path / "caselog.toml"
    path.write_bytes(content)

    [problem] = problems(path)

    assert says in problem.what


def test_unknown_account_lists_the_known_ones(tmp_path: Path) -> None:
    """A mistyped account name is answered with the names that there are."""
    path = written(tmp_path, SMALLEST)

    with pytest.raises(ConfigurationError) as caught:
        account_settings(load_configuration(path), "mian", path=path)

    assert [Problem("accounts.mian", "there is no such account; configured: main")] == list(caught.value.problems)
