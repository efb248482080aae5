"""`caselog demo`: play the story, write the files, and judge whether everything came as promised."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.exit_codes import ExitCode
from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.output import show
from agent.cli.portal import Skin
from agent.cli.times import system_zone

if TYPE_CHECKING:
    from agent.cli.demo.stage import Stage
    from agent.cli.demo.story import Story
    from storage.verify import Finding


def demo(
    context: typer.Context,
    skin: Annotated[Skin, typer.Option(help="classic: server-rendered; hill: like today's Seller Central.")] = (
        Skin.CLASSIC
    ),
    seed: Annotated[int, typer.Option(help="The same seed gives the same cases.")] = 1,
    cases: Annotated[int, typer.Option(min=20, help="How many cases the portal holds.")] = 30,
    folder: Annotated[Path, typer.Option("--dir", help="Where the demo's archive and files go.")] = Path("demo-out"),
    as_json: AsJson = False,
) -> None:
    """Do the whole main job on the mock portal: back up, recover from blank pages, reply, prove, export.

    Exits with 0 when everything came as promised; one reply is held on purpose.
    """
    from agent.cli.demo.stage import staged
    from agent.cli.demo.story import Story
    from agent.cli.interrupts import Interrupts
    from agent.cli.workplace import workplace

    call = invocation(context)
    interrupts = Interrupts(call.tell)
    say = call.tell if as_json else _print
    say(f"A mock portal ({skin.value} skin, {cases} cases, seed {seed}) that is not Amazon, and a private archive.")
    with staged(folder.absolute(), skin=skin.value, seed=seed, cases=cases) as stage:
        stage.call.verbose = call.verbose
        stage.call.start_log()

        async def play() -> Story:
            async with workplace(stage.call, database) as place:
                story = Story(stage, place, place.stop_token(stage.account), say)
                interrupts.finish_by(story.stop.finish)
                await story.play()
                return story

        with stage.call.archive(create=True) as database:
            story = interrupts.run(play())
            files = _write_files(stage, story)
            findings = _verify(story)
        faults = [*_unexpected(stage, story, findings)]
    value = {**_value(story, files), "faults": faults}
    call.answer(value, *_told(story, files), *(f"NOT AS PROMISED: {fault}" for fault in faults))
    if faults:
        raise typer.Exit(ExitCode.DAMAGE)


def _print(line: str) -> None:
    show([line])
    sys.stdout.flush()


def _write_files(stage: Stage, story: Story) -> dict[str, str]:
    from storage.export import export_jsonl
    from storage.workbook import export_xlsx

    workbook, lines, now = stage.folder / "cases.xlsx", stage.folder / "cases.jsonl", datetime.now(UTC)
    export_xlsx(story.database, workbook, zone=stage.call.zone or system_zone(now), at=now)
    with lines.open("w", encoding="utf-8", newline="\n") as output:
        export_jsonl(story.database, output)
    return {
        "workbook": str(workbook),
        "jsonl": str(lines),
        "archive": str(stage.call.places.archive),
        "log": str(stage.call.places.log_file),
    }


def _verify(story: Story) -> tuple[Finding, ...]:
    from storage.verify import verify

    return tuple(verify(story.database))


def _value(story: Story, files: dict[str, str]) -> dict[str, Any]:
    """The final backup's object, with what only the demo knows; recoveries are those of the whole demo."""
    assert story.sending is not None
    assert story.comparison is not None
    last = story.backups[-1].to_json()
    sent = story.sending.to_json()
    return {
        **last,
        "recoveries": [recovery for outcome in story.backups for recovery in outcome.to_json()["recoveries"]],
        "outbox": {name: sent[name] for name in ("sent", "held", "rejected", "unconfirmed")},
        "truth": story.comparison.to_json(),
        "files": files,
    }


def _unexpected(stage: Stage, story: Story, findings: tuple[Finding, ...]) -> Iterator[str]:
    """Everything that is not as the README promises."""
    assert story.sending is not None
    assert story.comparison is not None
    for number, outcome in enumerate(story.backups, start=1):
        if outcome.outcome.value != "complete":
            yield f"backup {number} is {outcome.outcome.value}: {', '.join(outcome.missed)}"
    if not any("switch_engine" in recovery.rungs for outcome in story.backups for recovery in outcome.recoveries):
        yield "no page needed the other engine"
    yield from (f"{finding.where}: {finding.detail}" for finding in findings)
    yield from (f"case {case_id} is missing" for case_id in story.comparison.missing)
    yield from (f"case {case_id} is extra" for case_id in story.comparison.extra)
    for case_id, lines in story.comparison.differences.items():
        yield from (f"case {case_id} {line}" for line in lines)
    yield from _unexpected_replies(stage, story.sending.to_json())


def _unexpected_replies(stage: Stage, sent: dict[str, Any]) -> Iterator[str]:
    if sent["sent"] < 3 or sent["held"] != 1 or sent["rejected"] or sent["unconfirmed"] or sent["alarms"]:
        yield f"replies: {sent}"
    accepted = Counter(entry["case"] for entry in stage.portal.ledger() if entry["kind"] == "reply")
    twice = [case_id for case_id, count in accepted.items() if count > 1]
    if twice or accepted.total() != sent["sent"]:
        yield f"the portal accepted {accepted.total()} replies, caselog proved {sent['sent']}; twice: {twice}"


def _told(story: Story, files: dict[str, str]) -> Iterator[str]:
    from agent.cli.backup import run_lines
    from agent.cli.outbox.sending import send_lines

    assert story.sending is not None
    assert story.comparison is not None
    for number, outcome in enumerate(story.backups, start=1):
        yield "\n".join(["", f"Backup {number}", *run_lines(outcome)])
    yield "\n".join(["", "Replies", *send_lines(story.sending)])
    truth = story.comparison.to_json()
    counts = ", ".join(f"{count} {name}" for name, count in truth.items())
    yield f"\nThe archive against the portal's truth: {counts}."
    home, command = _short(Path(files["archive"]).parent.parent), _own_command()
    yield "\n".join(
        [
            "\nWritten:",
            *(f"  {name:9} {_short(Path(path))}" for name, path in files.items()),
            "\nLook around:",
            f"  {command} --home {home} cases list",
            f"  {command} --home {home} cases search order",
            f"  {command} --home {home} outbox list",
            f"\nYour own portal: {command} init",
        ]
    )


def _own_command() -> str:
    """How a person calls caselog here: by its name, or by its place where that is not on the path."""
    if shutil.which("caselog"):
        return "caselog"
    return str(_short(Path(sys.executable).with_name("caselog")))


def _short(path: Path) -> Path:
    """Relative to where the person is, when it lies there."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
