"""`archive copy`: everything that is needed to go on elsewhere, without any secret."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated
from typing import Any

import typer

from agent.cli.exit_codes import ExitCode
from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import Invocation
from agent.cli.invocation import invocation
from agent.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.verify import Finding

#: The configuration in a copy.
CONFIG_FILE = "config/caselog.toml"
PROFILES = "config/profiles/"


def copy(
    context: typer.Context,
    to: Annotated[Path, typer.Argument(help="A folder that is not there yet.", metavar="TO")],
    as_json: AsJson = False,
) -> None:
    """Copy the archive, also while a backup runs: database, attachments, evidence, configuration.

    No secret is in it: they stay in the environment, the keyring, their files. Saved sessions and logs stay, too.
    """
    from storage.copying import copy_archive

    call = invocation(context)
    others, left_out = configuration_files(call)
    with call.archive() as database:
        made = copy_archive(database, to, actor=person(), at=datetime.now(UTC), others=others)
    call.answer(
        {
            "copy": str(made.folder),
            "files": made.files,
            "bytes": made.size,
            "configuration": CONFIG_FILE in others,
            "sound": not damage_in(made.findings),
            "findings": findings_value(made.findings),
            "left_out": dict(made.left_out),
        },
        f"Copied: {made.files} files, {made.size:,} bytes, to {made.folder}",
        *left_out,
        "Secrets, saved sessions and logs are not in it.",
        *damage_lines(made.findings),
        *(f"Left out: {name}: {reason}" for name, reason in made.left_out.items()),
        f"Put it back with: caselog archive restore {made.folder}",
    )
    if damage_in(made.findings):
        raise typer.Exit(ExitCode.DAMAGE)


def configuration_files(call: Invocation) -> tuple[dict[str, Path], list[str]]:
    """The configuration by its names in a copy; and what has to be said about what is not in it.

    A file that caselog does not understand is left out: what it holds may be a secret.
    """
    places = call.places
    found = {f"{PROFILES}{path.name}": path for path in sorted(places.profiles.glob("*.toml"))}
    if not places.config_file.is_file():
        return found, []
    try:
        _ = call.configuration
    except ConfigurationError:
        return found, ["Left out: caselog.toml, since it has problems. See them with: caselog config check"]
    return {CONFIG_FILE: places.config_file, **found}, []


def damage_in(findings: Sequence[Finding]) -> list[Finding]:
    from storage.verify import Remedy

    return [finding for finding in findings if finding.remedy is not Remedy.NOTHING]


def findings_value(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [
        {"fault": each.fault.value, "where": each.where, "detail": each.detail, "remedy": each.remedy.value}
        for each in findings
    ]


def damage_lines(findings: Sequence[Finding]) -> list[str]:
    damage = damage_in(findings)
    if not damage:
        return ["It was checked and is sound."]
    lines = [f"! {each.fault.value}: {each.where}: {each.detail}" for each in damage]
    return ["The archive is damaged, and so is the copy; what is whole is in it:", *lines]
