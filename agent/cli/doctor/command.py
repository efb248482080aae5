"""`caselog doctor`: print the checks as they are made, and meet a portal without storing or posting."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.archive_errors import explain
from agent.cli.errors import error_value
from agent.cli.exit_codes import ExitCode
from agent.cli.exit_codes import combined
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.errors import CaselogError
from storage.errors import ArchiveError

if TYPE_CHECKING:
    from agent.cli.doctor.checks import Check


def doctor(
    context: typer.Context,
    live: Annotated[
        str | None, typer.Option(help="Also read this account's first list and one thread, and try every selector.")
    ] = None,
    headed: Annotated[bool, typer.Option("--headed", help="With --live: sign in yourself, in a window.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check that everything can work here. With --live meet a portal: no case is stored, nothing is posted."""
    from agent.cli.doctor.checks import checks

    call = invocation(context)
    call.start_log()
    if headed and live is None:
        message = "--headed goes with --live"
        raise typer.BadParameter(message)
    made = []
    for check in checks(call):
        made.append(check)
        if not call.as_json:  # a check may take long; a person sees at once what was found
            call.answer({}, _line(check))
    value: dict[str, Any] = {"checks": [_value(check) for check in made], "live": None}
    code = combined(check.code for check in made)
    lines: list[str] = []
    if live is not None:
        value["live"], lines, live_code = _live(call, live, headed=headed)
        code = combined((code, live_code))
    if call.as_json or lines:
        call.answer(value, *lines)
    raise typer.Exit(code)


def _live(call: Invocation, account: str, *, headed: bool) -> tuple[dict[str, Any], list[str], ExitCode]:
    """What was seen at the portal, or why nothing was: the checks before it are told in any case."""
    from agent.cli.doctor.live import look_live

    if headed:
        call.tell("A window opens. Sign in there; it closes by itself when the list and a case were read.")
    try:
        report = look_live(call, call.account(account), headed=headed)
    except (CaselogError, ArchiveError, OSError) as error:
        told = explain(error)
        if told.code is ExitCode.UNFORESEEN:
            raise
        places = [f"  - {place}" for place in told.where]
        return error_value(told), [f"\n{told.what}", *places, f"  Next: {told.next}"], told.code
    return report.value(), report.lines(), ExitCode.DONE if report.check.passed else ExitCode.PROFILE


def _value(check: Check) -> dict[str, Any]:
    return {"name": check.name, "ok": check.code is ExitCode.DONE, "detail": check.detail, "next": check.next}


def _line(check: Check) -> str:
    mark = "FAILED" if check.code is not ExitCode.DONE else "note" if check.next else "ok"
    return f"{mark:8}{check.name}: {check.detail}{f'  Next: {check.next}' if check.next else ''}"
