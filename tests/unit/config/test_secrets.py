"""Secrets come from their sources, once, and are blotted out wherever they turn up."""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.compat import properties

from agent.config.model import SecretSource
from agent.errors import SecretUnavailable
from agent.secrets import Redactor
from agent.secrets import Secrets

WHERE = "accounts.main.password"


def secrets(environ: dict[str, str] | None = None, ask: Callable[[str], str] | None = None) -> Secrets:
    return Secrets(environ=environ or {}, redactor=Redactor(), ask=ask)


class MemoryKeyring(KeyringBackend):
    """A keyring as a desktop has one."""

    @properties.classproperty
    def priority(self) -> float:
        return 1

    def get_password(self, service: str, username: str) -> str | None:
        return {("caselog", "ops"): "from-keyring"}.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError(service, username)

    def delete_password(self, service: str, username: str) -> None:
        raise AssertionError(service, username)


@pytest.fixture
def use_keyring() -> Iterator[Callable[[KeyringBackend], None]]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def _memory_keyring(use_keyring: Callable[[KeyringBackend], None]) -> None:
    use_keyring(MemoryKeyring())  # type: ignore[no-untyped-call]  # keyring's classes are not annotated


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_environment_variable() -> None:
    """`{ env = ... }` is the variable's value."""
    assert secrets({"PW": "hunter2"}).fetch(SecretSource(env="PW"), where=WHERE, user="ops") == "hunter2"


def test_file_gives_its_first_line(tmp_path: Path) -> None:
    """An editor's newline at the end of the file is not part of the password; spaces are."""
    path = tmp_path / "pw"
    path.write_bytes("päss wort \r\nrest".encode())

    assert secrets().fetch(SecretSource(file=str(path)), where=WHERE, user="ops") == "päss wort "


def test_command_gives_its_first_line() -> None:
    """A password manager's answer is its first line, as `pass show` prints it."""
    source = SecretSource(command=python("print('from-command'); print('user: x')"))

    assert secrets().fetch(source, where=WHERE, user="ops") == "from-command"


@pytest.mark.usefixtures("_memory_keyring")
def test_keyring_is_asked_for_the_user() -> None:
    """The keyring holds one secret for each service and user."""
    assert secrets().fetch(SecretSource(keyring="caselog"), where=WHERE, user="ops") == "from-keyring"


def test_prompt_asks_a_person() -> None:
    """The question names the key and the user, since there may be many accounts."""
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "typed"

    value = secrets(ask=answer).fetch(SecretSource(prompt=True), where=WHERE, user="ops")

    assert (value, asked) == ("typed", ["accounts.main.password (ops)"])


def test_source_is_asked_once(tmp_path: Path) -> None:
    """A program that unlocks a safe runs once, however many pages want the secret."""
    counter = tmp_path / "runs"
    store = secrets()
    source = SecretSource(command=python(f"open({str(counter)!r}, 'a').write('x'); print('value')"))

    values = [store.fetch(source, where=WHERE, user="ops") for _ in range(3)]

    assert (values, counter.read_text()) == (["value"] * 3, "x")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (SecretSource(env="MISSING"), "the environment variable MISSING is not set"),
        (SecretSource(env="EMPTY"), "the answer of its source (env) is empty"),
        (SecretSource(file="/does/not/exist"), "the file /does/not/exist cannot be read"),
        (SecretSource(command=("/does/not/exist",)), "the program /does/not/exist could not be used"),
        (SecretSource(command=python("print('leak'); raise SystemExit(3)")), "ended with exit code 3"),
        (SecretSource(command=python("pass")), "the answer of its source (command) is empty"),
        (SecretSource(keyring="other"), "store it with: keyring set other ops"),
        (SecretSource(prompt=True), "is asked for on the terminal, and there is none"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.usefixtures("_memory_keyring")
def test_source_that_gives_nothing_is_named(source: SecretSource, says: str) -> None:
    """A missing secret names the key and the source, and never what was printed."""
    with pytest.raises(SecretUnavailable) as caught:
        secrets({"EMPTY": ""}).fetch(source, where=WHERE, user="ops")

    [problem] = caught.value.problems
    assert problem.where == WHERE
    assert says in problem.what
    assert "leak" not in problem.what


def test_machine_without_keyring_gets_advice(use_keyring: Callable[[KeyringBackend], None]) -> None:
    """A server without a keyring is told what to use instead."""
    use_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # keyring's classes are not annotated

    with pytest.raises(SecretUnavailable) as caught:
        secrets().fetch(SecretSource(keyring="caselog"), where=WHERE, user="ops")

    assert "no usable keyring (NoKeyringError); use env, file or command instead" in caught.value.problems[0].what


def test_fetched_secret_is_known_to_the_redactor() -> None:
    """Nobody gets a secret that could still be logged in clear."""
    store = secrets({"PW": "hunter2"})
    store.fetch(SecretSource(env="PW"), where=WHERE, user="ops")

    assert store.redactor.redact("login ops:hunter2") == "login ops:[redacted]"


@pytest.mark.parametrize(
    "spelling",
    [
        "a b&\"c/é'(x)",
        "a%20b%26%22c%2F%C3%A9%27%28x%29",  # strict
        "a%20b%26%22c%2f%c3%a9%27%28x%29",  # small digits
        "a+b%26%22c%2F%C3%A9%27%28x%29",  # a form
        "a%20b%26%22c%2F%C3%A9'(x)",  # encodeURIComponent
        "a%20b&%22c/%C3%A9'(x)",  # encodeURI
        "a b&amp;\"c/é'(x)",  # the text of an element
        "a b&amp;&quot;c/é'(x)",  # an attribute
        "a b&amp;&quot;c/é&#x27;(x)",
        "a b&amp;&quot;c/é&#39;(x)",
        r"""a b&\"c/\u00e9'(x)""",  # JSON in ASCII
        r"""a b&\"c/é'(x)""",
        r"""a b&\"c\/é'(x)""",  # PHP's
    ],
)
def test_every_spelling_is_blotted_out(spelling: str) -> None:
    """A secret is found in a URL, a form body, HTML and JSON as well, as each kind of program writes them."""
    redactor = Redactor()
    redactor.register("a b&\"c/é'(x)")

    assert redactor.redact(f"<{spelling}>") == "<[redacted]>"


def test_longer_secret_goes_first() -> None:
    """A secret that contains another one leaves no rest."""
    redactor = Redactor()
    for value in ("sess", "session-1234"):
        redactor.register(value)

    assert redactor.redact("session-1234") == "[redacted]"
