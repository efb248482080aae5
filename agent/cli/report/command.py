"""`caselog report`: show what a report would hold, and write it where a person wants it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.output import output_file
from agent.cli.output import table


def report(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option(help="Write the report here, as a zip file. Without it you only see the preview.")
    ] = None,
    show: Annotated[str | None, typer.Option(help="Print this file of the report, as it would be written.")] = None,
    as_json: AsJson = False,
) -> None:
    """Gather what somebody who helps you needs: versions, checks, runs, the log, pages that could not be read.

    Without secrets, names, e-mail addresses, texts, long numbers, pictures. Nothing is sent anywhere: you look at it,
    and you pass it on.
    """
    from agent.cli.report.contents import contents
    from agent.config.private import write_private

    call = invocation(context)
    if to is not None:
        output_file(to)
    files = dict(contents(call))
    if show is not None:
        if show not in files:
            message = f"the report has no {show}; it has: {', '.join(files)}"
            raise typer.BadParameter(message)
        call.answer({"name": show, "text": files[show]}, files[show])
        return
    if to is not None:
        write_private(to, _zipped(files))
    sizes = [(name, len(text.encode())) for name, text in files.items()]
    told = f"Written to {to}. Look into it before you pass it on." if to else "This is a preview; nothing was written."
    step = "" if to else "Look at a file with --show NAME; write all of it with --to FILE.zip."
    call.answer(
        {"path": str(to) if to else None, "files": [{"name": name, "bytes": size} for name, size in sizes]},
        table(("file", "bytes"), sizes),
        "",
        told,
        *([step] if step else []),
    )


def _zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()
