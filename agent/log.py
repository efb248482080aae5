"""The log: one JSON line per event in a file, and short lines on the console's error stream.

Ids are logged; bodies, cookies and secrets never are: redacted by the name of the field and by every known value.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from agent.config.private import private_folder
from agent.printable import printable
from agent.secrets import REDACTED
from agent.secrets import Redactor

SECRET_NAMES = re.compile(
    r"passw|secret|token|cookie|authorization|session_key|totp|^otp|_otp|^code$|^body|_body$|^html$|_html$|^text$", re.I
)
#: In a query and in a fragment; some names are secret only as a whole: "key" is one, "monkey" is none.
_SECRET_PARAMETER = re.compile(
    r"([?&#;](?:[^=&#;\s]*(?:token|passw|pwd|secret|sess|code|sig|credential|api_?key|jwt|otp)[^=&#;\s]*"
    r"|(?:[^=&#;\s]*[-_.])?(?:auth|sid|key|pass|pin|nonce))=)[^&#;\s]+",
    re.IGNORECASE,
)
LARGEST_FILE = 10_000_000

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=False,
)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A module's logger: `get_logger(__name__).info("case_stored", case="123")`, event names in the past tense."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def start_log(file: Path, redactor: Redactor, *, shown: int = logging.WARNING) -> OSError | None:
    """Write everything to `file`, and what has at least the level `shown` to the error stream as well.

    A log that cannot be written ends no work: it is told on the error stream, and returned.
    """
    stop_log()
    # A line that cannot be written would else be shown as it was before redaction.
    logging.raiseExceptions = False
    root = logging.getLogger()
    console = _ConsoleHandler()
    console.setLevel(shown)
    console.setFormatter(
        _formatter(redactor, _without_traceback, _harmless(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())))
    )
    root.setLevel(logging.INFO)
    # It tells of its plugins; that a revision was run is told by whoever ran it.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    root.addHandler(console)
    try:
        private_folder(file.parent)
        _turn_over(file)
        lines = _PrivateFileHandler(file, encoding="utf-8")
    except OSError as trouble:
        _tell_unwritten(trouble)
        return trouble
    lines.setFormatter(
        _formatter(
            redactor, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)
        )
    )
    root.addHandler(lines)
    return None


def stop_log() -> None:
    """Close what `start_log` opened."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            root.removeHandler(handler)
            handler.close()


def redact_fields(fields: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    """The same fields without secrets, however deep they stand."""
    return {
        name: REDACTED if SECRET_NAMES.search(str(name)) else _redact_value(value, redactor)
        for name, value in fields.items()
    }


def _redact_value(value: object, redactor: Redactor) -> object:
    if isinstance(value, Mapping):
        return redact_fields(value, redactor)
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value(each, redactor) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _SECRET_PARAMETER.sub(rf"\1{REDACTED}", redactor.redact(str(value)))


def _without_traceback(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Details are for the file; a person is told what to do instead."""
    event.pop("exc_info", None)
    return event


def _harmless(render: structlog.types.Processor) -> structlog.types.Processor:
    """Render texts so that the terminal obeys nothing in them; what a portal wrote stands in reasons and names."""

    def rendered(logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
        shown = {name: printable(value) if isinstance(value, str) else value for name, value in event.items()}
        return render(logger, method, shown)

    return rendered


def _formatter(
    redactor: Redactor, traceback: structlog.types.Processor, renderer: structlog.types.Processor
) -> logging.Formatter:
    def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
        return redact_fields(event, redactor)

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            traceback,
            redact,
            renderer,
        ],
    )


class _PrivateFileHandler(logging.FileHandler):
    """Creates the file closed to others. When it cannot be written any more, this is told once."""

    _told = False

    def _open(self) -> Any:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_WRONLY, 0o600))
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        trouble = sys.exc_info()[1]
        if isinstance(trouble, OSError) and not self._told:
            self._told = True
            _tell_unwritten(trouble)


def _tell_unwritten(trouble: OSError) -> None:
    place = f" ({trouble.filename})" if trouble.filename else ""
    with suppress(OSError, ValueError):
        sys.stderr.write(
            f"caselog: the log cannot be written: {trouble.strerror}{place}. The work goes on without it.\n"
        )


class _ConsoleHandler(logging.Handler):
    """Writes to the error stream of the moment, which a progress display may have wrapped."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):
            return  # the console is gone; the file has the line


def _turn_over(file: Path) -> None:
    """Keep one older file. Only at the start: a second process may be writing."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            file.replace(file.with_suffix(".1" + file.suffix))
    except OSError:
        return  # not there yet, or open elsewhere (Windows): the next start tries again
