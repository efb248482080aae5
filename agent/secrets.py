"""Fetch secrets from where the configuration says, once each, and know them again wherever they turn up."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote
from urllib.parse import quote_plus

from agent.config.model import SecretSource
from agent.errors import Problem
from agent.errors import SecretUnavailable

REDACTED = "[redacted]"
#: A shorter value would blot out ordinary words; such secrets are only redacted by the name that they stand under.
SHORTEST_REDACTED = 4
COMMAND_SECONDS = 60.0


#: What `encodeURIComponent`, `encodeURI`, `URLSearchParams` and the readers of paths leave as it is.
_PLAIN_IN_URLS = ("", "!'()*", "/", ";/?:@&=+$,#!'()*", "*", "!$&'()*+,;=:@")


def _spellings(value: str) -> Iterator[str]:
    """The ways in which a value is written inside of other texts."""
    yield value
    for quotes in (html.escape(value, quote=False), html.escape(value), value.replace('"', "&quot;")):
        yield from (quotes, quotes.replace("&#x27;", "&#39;"), quotes.replace("&#x27;", "&apos;"))
    # HTML's serialisation, of attributes and of texts.
    escaped = value.replace("&", "&amp;").replace("\u00a0", "&nbsp;")
    yield from (escaped, escaped.replace('"', "&quot;"))
    for safe in _PLAIN_IN_URLS:
        encoded = quote(value, safe=safe)
        form = quote_plus(value, safe=safe)
        yield from (encoded, form, _lower_hex(encoded), _lower_hex(form))
    for ascii_only in (True, False):
        written = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield from (written, written.replace("/", "\\/"))


def _lower_hex(encoded: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)


class Redactor:
    """Blots out known secret values, in plain text and in the spellings of URLs, HTML and JSON."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._spellings: set[str] = set()
        self._longest_first: tuple[str, ...] | None = None

    def register(self, value: str) -> None:
        """From now on `value` is never shown: a password, a cookie's value, a session's key."""
        if value in self._known:
            return
        self._known.add(value)
        if len(value) >= SHORTEST_REDACTED:
            self._spellings |= set(_spellings(value))
        self._longest_first = None

    def redact(self, text: str) -> str:
        if self._longest_first is None:
            # A secret may contain another one; the longer has to go first.
            self._longest_first = tuple(sorted(self._spellings, key=len, reverse=True))
        for spelling in self._longest_first:
            text = text.replace(spelling, REDACTED)
        return text


class Secrets:
    """Each source is asked once for each user; what it gave is known to the redactor before anybody gets it.

    `ask` puts a question to a person; `None` where nobody is there.
    """

    def __init__(
        self, *, environ: Mapping[str, str], redactor: Redactor, ask: Callable[[str], str] | None = None
    ) -> None:
        self._environ = environ
        self.redactor = redactor
        self._ask = ask
        self._fetched: dict[tuple[SecretSource, str], str] = {}

    def fetch(self, source: SecretSource, *, where: str, user: str) -> str:
        """The secret for the key `where` (like `accounts.main.password`). Raises `SecretUnavailable`."""
        known = self._fetched.get((source, user))
        if known is not None:
            return known
        value = self._read(source, where, user)
        if not value:
            raise SecretUnavailable((Problem(where, f"{_describe(source)} is empty"),))
        self.redactor.register(value)
        self._fetched[source, user] = value
        return value

    def _read(self, source: SecretSource, where: str, user: str) -> str:
        if source.env is not None:
            return self._from_environment(source.env, where)
        if source.file is not None:
            return _from_file(Path(source.file).expanduser(), where)
        if source.command is not None:
            return _from_command(source.command, where)
        if source.keyring is not None:
            return _from_keyring(source.keyring, where, user)
        if self._ask is None:
            raise SecretUnavailable((Problem(where, "is asked for on the terminal, and there is none"),))
        return self._ask(f"{where} ({user})")

    def _from_environment(self, variable: str, where: str) -> str:
        value = self._environ.get(variable)
        if value is None:
            raise SecretUnavailable((Problem(where, f"the environment variable {variable} is not set"),))
        return value


def _describe(source: SecretSource) -> str:
    kind = next(iter(source.model_fields_set))
    return f"the answer of its source ({kind})"


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else ""


def _from_file(path: Path, where: str) -> str:
    try:
        return _first_line(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SecretUnavailable((Problem(where, f"the file {path} cannot be read: {error.strerror}"),)) from error
    except UnicodeDecodeError:
        # The cause would carry the file's content.
        raise SecretUnavailable((Problem(where, f"the file {path} is not UTF-8 text"),)) from None


def _from_command(arguments: tuple[str, ...], where: str) -> str:
    program = arguments[0]
    try:
        done = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = f"did not answer in {COMMAND_SECONDS:.0f} s" if isinstance(error, subprocess.TimeoutExpired) else error
        # Neither the arguments nor a half-printed answer may get into a traceback.
        raise SecretUnavailable((Problem(where, f"the program {program} could not be used: {why}"),)) from None
    if done.returncode != 0:
        raise SecretUnavailable((Problem(where, f"the program {program} ended with exit code {done.returncode}"),))
    return _first_line(done.stdout.decode("utf-8", errors="replace"))


def _from_keyring(service: str, where: str, user: str) -> str:
    # Slow to import, and on a server it may have no backend at all.
    import keyring  # noqa: PLC0415 -- see above
    from keyring.errors import KeyringError  # noqa: PLC0415 -- see above

    try:
        value = keyring.get_password(service, user)
    except KeyringError as error:
        what = f"this system has no usable keyring ({type(error).__name__}); use env, file or command instead"
        raise SecretUnavailable((Problem(where, what),)) from error
    if value is None:
        what = f"the keyring has nothing for {user!r} under {service!r}; store it with: keyring set {service} {user}"
        raise SecretUnavailable((Problem(where, what),))
    return value
