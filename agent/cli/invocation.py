"""One call of the command: where its files lie, how it answers, and what every command needs once."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import datetime
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer
from rich.console import RenderableType

from agent.cli.interrupts import handling
from agent.cli.output import console
from agent.cli.output import print_json
from agent.cli.output import show
from agent.cli.times import display_zone
from agent.cli.times import shown
from agent.config.load import account_settings
from agent.config.load import load_configuration
from agent.config.model import AccountSettings
from agent.config.model import Configuration
from agent.config.places import Places
from agent.secrets import Redactor
from agent.secrets import Secrets

if TYPE_CHECKING:
    from storage.database import Database


class Invocation:
    """Lives as long as the command; everything in it is made when it is first asked for."""

    def __init__(self) -> None:
        self.home: Path | None = None
        self.verbose = False
        self.as_json = False
        self.environ: Mapping[str, str] = os.environ
        self.redactor = Redactor()

    @cached_property
    def places(self) -> Places:
        return Places.find(self.home, self.environ)

    @cached_property
    def configuration(self) -> Configuration:
        """Raises `ConfigurationError` with every problem of the file."""
        return load_configuration(self.places.config_file)

    @cached_property
    def secrets(self) -> Secrets:
        return Secrets(environ=self.environ, redactor=self.redactor, ask=_ask if sys.stdin.isatty() else None)

    @property
    def zone(self) -> tzinfo | None:
        """What times are shown in; `None` is the system's own zone."""
        return display_zone(self.configuration.timezone)

    def time(self, moment: datetime | None) -> str:
        return shown(moment, self.zone)

    @contextmanager
    def archive(self, *, create: bool = False) -> Iterator[Database]:
        """The archive, closed at the end. Raises `ArchiveMissing` where there is none and none is to be made."""
        from storage.errors import ArchiveUnusable
        from storage.opening import open_archive

        places = self.places
        if places.archive_folder.exists() and not places.archive.exists():
            # A disk that is not attached must not become a second, empty archive.
            reason = f"it is not where {places.archive_folder.name} says; is its disk attached?"
            raise ArchiveUnusable(str(places.archive), reason)
        database = open_archive(places.archive, create=create)
        try:
            yield database
        finally:
            database.close()

    def account(self, name: str) -> AccountSettings:
        return account_settings(self.configuration, name, path=self.places.config_file)

    def start_log(self) -> None:
        """From here on events go to the log file. Not called by commands that only tell something."""
        from agent.log import start_log

        start_log(self.places.log_file, self.redactor, shown=logging.INFO if self.verbose else logging.ERROR)

    def tell(self, line: str) -> None:
        """Say on the error stream what is being done; results go through `answer`."""
        console(sys.stderr).print(self.redactor.redact(line))

    def answer(self, value: Mapping[str, Any], *items: RenderableType) -> None:
        """The command's result: `value` with `--json`, else what is to be shown."""
        if self.as_json:
            self.print_value(value)
            return
        show(self.redactor.redact(item) if isinstance(item, str) else item for item in items)

    def print_value(self, value: Mapping[str, Any]) -> None:
        """The one object that a program reads. No secret stands in it, whichever command put it together."""
        print_json(_redacted(value, self.redactor))


def _redacted(value: Any, redactor: Redactor) -> Any:
    match value:
        case str():
            return redactor.redact(value)
        case Mapping():
            return {key: _redacted(inner, redactor) for key, inner in value.items()}
        case list() | tuple():
            return [_redacted(inner, redactor) for inner in value]
        case _:
            return value


def _ask(question: str) -> str:
    """An empty answer is an answer. Raises `KeyboardInterrupt` at the first Ctrl-C: nothing is in hand meanwhile."""
    with handling(signal.SIGINT, signal.default_int_handler):
        try:
            answer: str = typer.prompt(question, default="", show_default=False, hide_input=True, err=True)
        except typer.Abort:
            raise KeyboardInterrupt from None
    return answer


def invocation(context: typer.Context) -> Invocation:
    found: Invocation = context.find_root().obj
    return found


def _remember_json(context: typer.Context, value: bool) -> bool:
    if value:
        invocation(context).as_json = True
    return value


#: Every command that reports takes it; errors are then reported as an object, too.
AsJson = Annotated[bool, typer.Option("--json", callback=_remember_json, help="Print one JSON object instead of text.")]
