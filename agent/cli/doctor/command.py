"""`caselog doctor`: print the checks as they are made, and meet a portal without storing or posting."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.exit_codes import ExitCode
from agent.cli.exit_codes import combined
from agent.cli.interrupts import Interrupts
from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.output import table

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
    made = tuple(checks(call))
    code = combined(check.code for check in made)
    value: dict[str, Any] = {
        "checks": [
            {"name": check.name, "ok": check.code is ExitCode.DONE, "detail": check.detail, "next": check.next}
            for check in made
        ],
        "live": None,
    }
    rows = [("ok" if check.code is ExitCode.DONE else "FAILED", check.name, check.detail, check.next) for check in made]
    lines: list[Any] = [table(("", "check", "what was found", "next"), rows)]
    if live is not None:
        from agent.cli.doctor.live import look_live

        settings = call.account(live)
        with call.archive(create=True) as database:
            interrupts = Interrupts(call.tell)
            if headed:
                call.tell("A window opens. Sign in there; it closes by itself when the list and a case were read.")
            report = interrupts.run(look_live(call, database, settings, interrupts, headed=headed))
        value["live"] = report.value()
        lines += report.lines()
        if not report.check.passed:
            code = combined((code, ExitCode.PROFILE))
    call.answer(value, *lines)
    raise typer.Exit(code)


def _mark(check: Check) -> str:
    if check.code is not ExitCode.DONE:
        return "FAILED"
    return "note" if check.next else "ok"
