"""What the tests of replies share: the small portal's reply form, and how it is opened and used."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.extract.reading import Reading
from agent.extract.snapshot import Engine
from agent.portal.protocol import FilledForm
from agent.portal.protocol import ReplyForm
from agent.portal.protocol import SubmitResult
from agent.profile.model.profile import PortalProfile
from tests.e2e.portal.desk_room import DeskRoom
from tests.e2e.portal.small_portal import case
from tests.e2e.portal.small_portal import message
from tests.e2e.portal.small_portal import page
from tests.e2e.portal.small_portal import small_profile

TEXT = "Hello,\n\nthe parcel <b>is</b> *here* & 退款 \U0001f600\nAnn"
FORM = """<form class=reply method=post action=/reply enctype=multipart/form-data><textarea name=text></textarea>
<input type=file name=file multiple><input type=checkbox name=public><button>Send</button></form>"""


def reply_profile(
    engine: Engine | None = Engine.CHROMIUM, *, changes: dict[str, Any] | None = None, **reply: Any
) -> PortalProfile:
    """With `None` the product chooses the engine that submits; `changes` are those of the rest of the profile."""
    rules = {
        "ready": "form.reply",
        "editor": "form.reply textarea",
        "submit": "form.reply button",
        "upload": {"input": "form.reply input[type='file']"},
        "accepted": ".sent",
        "refused": ".refused",
        **reply,
    }
    if isinstance(rules["editor"], str):
        rules["editor"] = {"css": rules["editor"]}
    delivery = {} if engine is None else {"engine": engine.value}
    return small_profile(reply=rules, delivery=delivery, **(changes or {}))


def impatient(profile: PortalProfile) -> PortalProfile:
    """The same with a deadline that is over soon."""
    return profile.model_copy(update={"politeness": small_profile(politeness__deadline=3).politeness})


def show_form(room: DeskRoom, form: str = FORM, answer: str | None = None) -> None:
    room.desk.pages["/case/7"] = case(message("hello") + form)
    room.desk.pages["/reply"] = page("<p class=sent>thank you</p>") if answer is None else answer


def files(room: DeskRoom, *names: str) -> list[Path]:
    paths = [room.folder / name for name in names]
    for path in paths:
        path.write_bytes(b"content of " + path.name.encode())
    return paths


def with_form(room: DeskRoom, profile: PortalProfile, use: Callable[[ReplyForm], Awaitable[Any]], **how: Any) -> Any:
    """Open the case's reply form and use it; a reading says why there is none.

    A profile that insists on an engine insists on the one that the room reads with.
    """
    if profile.delivery.engine is not None:
        reader = how.get("engine", room.engine)
        delivery = profile.delivery.model_copy(update={"engine": reader.value})
        profile = profile.model_copy(update={"delivery": delivery})

    async def go() -> Any:
        async with room.portal(profile, **how) as portal:
            form = await portal.open_reply("7")
            if isinstance(form, Reading):
                return form
            try:
                return await use(form)
            finally:
                await form.close()

    return room.thread.run(go())


async def send(form: ReplyForm, text: str = TEXT, paths: list[Path] | None = None) -> tuple[FilledForm, SubmitResult]:
    return await form.fill(text, paths or []), await form.submit(within=60)
