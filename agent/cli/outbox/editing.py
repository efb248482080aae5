"""`outbox edit`: another text or other files, before it is sent or after it was taken back."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Annotated

import typer

from agent.cli.identity import person
from agent.cli.invocation import AsJson
from agent.cli.invocation import invocation
from agent.cli.outbox.drafting import check
from agent.cli.outbox.drafting import checked_files
from agent.cli.outbox.drafting import keep_files
from agent.cli.outbox.queue import drafted
from agent.cli.outbox.queue import typed_text
from agent.cli.outbox.values import entry_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.profile.model.profile import PortalProfile
    from storage.database import Database
    from storage.outbox import Draft
    from storage.outbox import OutboxFile


def edit(
    context: typer.Context,
    entry_id: Annotated[int, typer.Argument(help="The entry's number.", metavar="ENTRY")],
    text: Annotated[str | None, typer.Option(help="The reply from now on; - reads it from standard input.")] = None,
    text_file: Annotated[Path | None, typer.Option(help="A UTF-8 file with the reply.")] = None,
    file: Annotated[list[Path] | None, typer.Option(help="A file to attach instead; repeatable.")] = None,
    no_files: Annotated[bool, typer.Option("--no-files", help="Attach nothing.")] = False,
    reason: Annotated[str, typer.Option(help="Why; a held reply needs one.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Although the same reply is there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change a draft, or a queued, rejected or held reply, which is a draft then. It has to be approved again."""
    from agent.profile.load import load_profile
    from storage import outbox

    call = invocation(context)
    has_text = text is not None or text_file is not None
    if (file and no_files) or not (has_text or file or no_files):
        message = "say what to change: --text or --text-file, --file or --no-files"
        raise typer.BadParameter(message)
    body = typed_text(text, text_file) if has_text else None
    with call.archive() as database:
        entry = outbox.get_entry(database, entry_id)
        profile = load_profile(call.account(entry.draft.account).profile, call.places.profiles)
        files = _files(database, entry.draft, body, () if no_files else file, profile)
        outbox.edit(
            database,
            entry_id,
            author=person(),
            at=datetime.now(UTC),
            text=body,
            files=files,
            reason=reason,
            again=again,
        )
        entry = outbox.get_entry(database, entry_id)
    call.answer(entry_value(entry), drafted(entry))


def _files(
    database: Database, draft: Draft, text: str | None, paths: Sequence[Path] | None, profile: PortalProfile
) -> tuple[OutboxFile, ...] | None:
    """The files that take the place of the draft's, `None` for its own; checked with the text that is to be sent."""
    from storage.blobs import blobs_of

    text = draft.text if text is None else text
    if paths is None:
        check(text, draft.files, profile)
        return None
    return keep_files(blobs_of(database), checked_files(text, paths, profile), paths)
