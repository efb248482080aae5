"""`caselog verify --live`: a sample of archived cases against the portal as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import Any

from agent.backup.comparison import Result
from agent.backup.live_check import check_live
from agent.cli.archive_errors import explain
from agent.cli.errors import error_value
from agent.cli.exit_codes import ExitCode
from agent.cli.progress import progress_of

if TYPE_CHECKING:
    from agent.backup.comparison import Compared
    from agent.backup.comparison import Difference
    from agent.backup.live_check import LiveCheck
    from agent.cli.workplace import Workplace
    from agent.config.model import AccountSettings
    from agent.recovery.stop import StopToken

#: What a person does about a case, by what became of it.
NEXT = {
    Result.NEWER: "caselog backup {account}",
    Result.DIFFERENT: "caselog verify, and look at the case: caselog cases show {case}",
    Result.NOT_READ: "run it again later, or look at the portal",
}


async def look_live(
    place: Workplace, settings: AccountSettings, stop: StopToken, *, sample: int, seed: int
) -> LiveCheck:
    with progress_of(settings.name) as progress:
        return await check_live(place.backup(settings, stop=stop, progress=progress), sample=sample, seed=seed)


def judged(check: LiveCheck) -> ExitCode:
    if check.error is not None:
        return explain(check.error).code
    if check.count(Result.DIFFERENT):
        return ExitCode.DAMAGE
    missed = not check.sample or len(check.compared) < len(check.sample) or check.count(Result.NOT_READ)
    return ExitCode.PARTIAL if missed else ExitCode.DONE


def live_value(account: str, seed: int, check: LiveCheck) -> dict[str, Any]:
    told = error_value(explain(check.error)) if check.error else {}
    return {
        "account": account,
        "run_id": check.run_id,
        "seed": seed,
        "sample": len(check.sample),
        **{result.value: check.count(result) for result in Result},
        "cases": [_case_value(account, each) for each in check.compared],
        **told,
    }


def _case_value(account: str, compared: Compared) -> dict[str, Any]:
    return {
        "case_id": compared.case_id,
        "result": compared.result.value,
        "differences": [
            {
                "what": each.what,
                "fields": list(each.fields),
                "revision": each.revision,
                "cause": "damage" if each.damaged else "edit",
            }
            for each in compared.differences
        ],
        "news": list(compared.news),
        "reason": compared.reason,
        "next": NEXT.get(compared.result, "").format(account=account, case=compared.case_id),
    }


def live_lines(account: str, check: LiveCheck) -> Iterator[str]:
    """A person's view; cases that are equal are only counted."""
    for compared in check.compared:
        if compared.result is Result.EQUAL:
            continue
        said = [
            *map(_difference_line, compared.differences),
            *(f"{each}: newer at the portal" for each in compared.news),
        ]
        yield f"{compared.result.value.replace('_', ' ')}: case {account}/{compared.case_id}"
        yield from (f"  - {line}" for line in said or [f"the portal said {compared.reason}"])
        yield f"  Next: {NEXT[compared.result].format(account=account, case=compared.case_id)}"
    if check.error is not None:
        told = explain(check.error)
        yield f"{account}: nothing was compared. {told.what}"
        yield from (f"  - {place}" for place in told.where)
        yield f"  Next: {told.next}"
        return
    if not check.sample:
        yield f"{account}: the archive holds no case of it, so that nothing was compared."
        yield f"  Next: caselog backup {account}"
        return
    counts = ", ".join(f"{check.count(result)} {result.value.replace('_', ' ')}" for result in Result)
    yield f"{account}: {len(check.compared)} of {len(check.sample)} chosen cases were read again: {counts}."


def _difference_line(difference: Difference) -> str:
    if difference.revision is None:
        return f"{difference.what}: the portal shows it, the archive lacks it though it has later ones"
    cause = (
        "the archive does not hold what it once stored: damage"
        if difference.damaged
        else "the archive holds what it read: it was changed at the portal since, and the next backup keeps both"
    )
    return f"{difference.what}: {', '.join(difference.fields)} unlike revision {difference.revision}; {cause}"
