"""Reply forms of every kind: filled, read back, submitted by one click in an engine that sends once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from agent.browser.running import Browsers
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Verdict
from agent.portal.protocol import FilledForm
from agent.portal.protocol import ReplyForm
from agent.portal.protocol import SubmitAnswer
from agent.portal.protocol import SubmitResult
from agent.profile.model.profile import PortalProfile
from storage.records import Tab
from tests.e2e.browser.lab import serving
from tests.e2e.browser_room import LoopThread
from tests.e2e.portal.desk_room import DeskRoom
from tests.e2e.portal.small_portal import HEADER
from tests.e2e.portal.small_portal import SmallPortal
from tests.e2e.portal.small_portal import case
from tests.e2e.portal.small_portal import message
from tests.e2e.portal.small_portal import page
from tests.e2e.portal.small_portal import rows
from tests.e2e.portal.small_portal import small_profile

TEXT = "Hello,\n\nthe parcel <b>is</b> *here* & 退款 \U0001f600\nAnn"
FORM = """<form class=reply method=post action=/reply enctype=multipart/form-data><textarea name=text></textarea>
<input type=file name=file multiple><input type=checkbox name=public><button>Send</button></form>"""


@pytest.fixture
def room(loop_thread: LoopThread, browsers: Browsers, tmp_path: Path) -> Iterator[DeskRoom]:
    """The small portal, seen with the engine that submits."""
    with serving(loop_thread, SmallPortal()) as desk:
        yield DeskRoom(loop_thread, browsers, desk, tmp_path, Engine.FIREFOX)


def reply_profile(
    engine: Engine | None = None, *, changes: dict[str, Any] | None = None, **reply: Any
) -> PortalProfile:
    """With an engine, the profile insists on it; `changes` are those of the rest of the profile."""
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
    """Open the case's reply form and use it; a reading says why there is none."""

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


def test_a_reply_with_files_is_sent_once(either_room: DeskRoom) -> None:
    """Text, files and what else the form asks for arrive as they were read back; a second submit does nothing."""
    room = either_room
    show_form(room)
    profile = reply_profile(room.engine, before_submit=[{"check": "input[name='public']"}])
    paths = files(room, "a b.txt", "退款.pdf")

    async def twice(form: ReplyForm) -> tuple[FilledForm, SubmitAnswer, SubmitAnswer]:
        filled, first = await send(form, TEXT, paths)
        return filled, first.answer, (await form.submit(within=60)).answer

    outcome = with_form(room, profile, twice)

    expected = FilledForm(text=TEXT, files=("a b.txt", "退款.pdf"))
    assert (expected, SubmitAnswer.ACCEPTED, SubmitAnswer.NOT_CLICKED) == outcome
    path, fields = room.desk.posts[-1]
    assert ("/reply", TEXT, "on") == (path, fields["text"].replace("\r\n", "\n"), fields["public"])
    assert 1 == [path for path, _ in room.desk.posts].count("/reply")


@pytest.mark.parametrize(
    "profile",
    [
        reply_profile(
            changes={"case__url": "/case/{case_id}/{row.key}", "list__columns": {"key": {"css": "td.id", "attr": "k"}}}
        ),
        pytest.param(
            reply_profile(
                url="/case/{case_id}/{row.key}", changes={"list__columns": {"key": {"css": "td.id", "attr": "k"}}}
            ),
            marks=pytest.mark.long,
        ),
    ],
    ids=["the case's", "the form's"],
)
def test_an_address_that_stands_in_the_list_row_leads_to_the_form(room: DeskRoom, profile: PortalProfile) -> None:
    """After the row was read, as it is for the thread before every reply, its columns fill the address."""
    room.desk.pages["/list"] = page(rows([7]).replace("<td class=id>", "<td class=id k=ab12>"))
    room.desk.pages["/case/7"] = case(message("hello"))
    room.desk.pages["/case/7/ab12"] = case(message("hello") + FORM)
    room.desk.pages["/reply"] = page("<p class=sent>thank you</p>")

    async def go() -> tuple[bool, SubmitAnswer]:
        async with room.portal(profile) as portal:
            listed = await portal.read(portal.list_request(Tab.ALL))
            assert isinstance(listed.page, ListPage)
            await portal.read(portal.case_request("7", listed.page.rows[0]))
            form = await portal.open_reply("7")
            assert not isinstance(form, Reading), form
            try:
                return portal.case_needs_row, (await send(form))[1].answer
            finally:
                await form.close()

    assert (True, SubmitAnswer.ACCEPTED) == room.thread.run(go())


def test_one_form_makes_one_click(room: DeskRoom) -> None:
    """Also where the filled form stays on the page after its click."""
    script = """<script>document.forms[0].onsubmit = event => { event.preventDefault();
      fetch('/reply', {method: 'POST', body: new FormData(event.target)}) }</script>"""
    show_form(room, FORM + script)

    async def twice(form: ReplyForm) -> SubmitAnswer:
        await send(form)
        return (await form.submit(within=60)).answer

    assert SubmitAnswer.NOT_CLICKED is with_form(room, impatient(reply_profile()), twice)
    assert 1 == [path for path, _ in room.desk.posts].count("/reply")


def sender(room: DeskRoom) -> str:
    """The User-Agent of the one reply."""
    (agent,) = (
        agent
        for request, agent in zip(room.desk.seen, room.desk.user_agents, strict=True)
        if request == ("POST", "/reply")
    )
    return agent


@pytest.mark.parametrize(
    ("insisted_on", "expected"), [(None, "Firefox"), (Engine.CHROMIUM, "Chrome")], ids=["none", "chromium"]
)
def test_replies_leave_from_firefox(room: DeskRoom, insisted_on: Engine | None, expected: str) -> None:
    """A portal that is read in Chromium submits in Firefox, signed in by the carried cookies alone.

    A profile that names Chromium gets it, and a weaker promise.
    """
    show_form(room)

    with_form(room, reply_profile(insisted_on), send, engine=Engine.CHROMIUM)

    assert expected in sender(room)
    assert 1 == len(room.desk.passwords())


EDITABLE = """<form class=reply method=post action=/reply onsubmit="this.text.value = ed.innerText">
<div id=ed contenteditable style="white-space: pre-wrap; min-height: 20px">{}</div><input type=hidden name=text>
<button>Send</button></form>"""


def test_the_browser_that_submits_must_name_the_account(room: DeskRoom) -> None:
    """Cookies that it was not given may choose another account: where its case page names none, the list must."""
    show_form(room)
    nameless = HEADER.replace("Ann Ltd", "")
    room.desk.pages["/case/7"] = case(message("hello") + FORM).replace(HEADER, nameless)
    profile = reply_profile(changes={"identity__account_name": {"css": ".who", "optional": True}})
    room.desk.pages["/list"] = page(rows([7]))

    _, result = with_form(room, profile, send, engine=Engine.CHROMIUM)
    room.desk.pages["/list"] = page(rows([7])).replace("Ann Ltd", "Bob Inc")
    strange = with_form(room, profile, send, engine=Engine.CHROMIUM)
    room.desk.pages["/list"] = page(rows([7])).replace(HEADER, nameless)
    unknown = with_form(room, profile, send, engine=Engine.CHROMIUM)

    assert SubmitAnswer.ACCEPTED is result.answer
    assert [Verdict.WRONG_ACCOUNT, Verdict.WRONG_ACCOUNT] == [strange.verdict, unknown.verdict]
    assert 1 == [path for path, _ in room.desk.posts].count("/reply")


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_an_editable_element_takes_real_input(either_room: DeskRoom) -> None:
    """What stood there is replaced, and the lines are as they were typed."""
    room = either_room
    show_form(room, EDITABLE.format("Kind regards"))
    profile = reply_profile(room.engine, editor={"css": "#ed", "kind": "editable"})

    filled, result = with_form(room, profile, send)

    assert (squeezed(TEXT), SubmitAnswer.ACCEPTED) == (squeezed(filled.text), result.answer)
    assert squeezed(TEXT) == squeezed(room.desk.posts[-1][1]["text"])
    assert filled.text.count("\n") >= 3


@pytest.mark.parametrize("kind", ["text_area", pytest.param("editable", marks=pytest.mark.long)])
def test_a_signature_may_stay_below(room: DeskRoom, kind: str) -> None:
    """Where the profile keeps what stands there, the text is put in front of it."""
    form = EDITABLE.format("-- desk") if kind == "editable" else FORM.replace("></textarea>", ">-- desk</textarea>")
    show_form(room, form)
    css = "#ed" if kind == "editable" else "textarea"

    filled, _ = with_form(room, reply_profile(editor={"css": css, "kind": kind, "clear": False}), send)

    assert squeezed(TEXT + "-- desk") == squeezed(filled.text)


def test_an_editor_in_a_frame(either_room: DeskRoom) -> None:
    """An editor that is the body of a frame is waited for, typed into and read back."""
    room = either_room
    room.desk.pages["/editor"] = """<!doctype html><body><p><br></p></body><script>setTimeout(() => {
      document.body.contentEditable = true; document.body.className = 'ready' }, 300)</script>"""
    show_form(
        room,
        """<form class=reply method=post action=/reply
        onsubmit="this.text.value = frames[0].document.body.innerText"><iframe src=/editor></iframe>
        <input type=hidden name=text><button>Send</button></form>""",
    )
    editor = {"css": "body.ready", "kind": "editable", "frame": "form.reply iframe"}

    filled, result = with_form(room, reply_profile(room.engine, editor=editor), send)

    assert (squeezed(TEXT), SubmitAnswer.ACCEPTED) == (squeezed(filled.text), result.answer)
    assert squeezed(TEXT) == squeezed(room.desk.posts[-1][1]["text"])


AT_ONCE = """<form class=reply method=post action=/reply><textarea name=text></textarea>
<div id=inputs><input type=file></div>
<button type=button id=more>another</button><ul id=chips></ul><button class=go disabled>Send</button></form><script>
const go = document.querySelector('.go');
const watch = input => input.onchange = () => setTimeout(() => { for (const file of input.files)
  chips.insertAdjacentHTML('beforeend', /exe$/.test(file.name) ? `<li class=no>${file.name} is not allowed</li>` :
    `<li class=chip>${file.name}</li>`); go.disabled = /exe$/.test(input.value) }, 300);
watch(inputs.firstChild);
more.onclick = () => { const input = document.createElement('input'); input.type = 'file'; watch(input);
  inputs.append(input) };
</script>"""


def at_once(engine: Engine | None = None) -> PortalProfile:
    rules = {
        "input": "#inputs input",
        "multiple": False,
        "add": [{"click": "#more"}],
        "accepted": {"css": ".chip", "text": "{file}"},
        "refused": ".no",
    }
    return reply_profile(engine, upload=rules, submit="button.go")


def test_files_that_travel_at_once_are_proved(either_room: DeskRoom) -> None:
    """Each file is put into an input of its own, and counts when the page shows it; the button is waited for."""
    room = either_room
    show_form(room, AT_ONCE)

    filled, result = with_form(room, at_once(room.engine), lambda form: send(form, "Hi", files(room, "a.txt", "b.txt")))

    assert (FilledForm(text="Hi", files=("a.txt", "b.txt")), SubmitAnswer.ACCEPTED) == (filled, result.answer)


def test_a_refused_file_is_told_in_the_portals_words(room: DeskRoom) -> None:
    """The refusal is in the form that is read back, also where its button then stays disabled; nothing was sent."""
    show_form(room, AT_ONCE)

    filled = with_form(room, at_once(), lambda form: form.fill("Hi", files(room, "a.txt", "b.exe")))

    assert FilledForm(text="Hi", files=("a.txt",), refused="b.exe is not allowed") == filled
    assert [] == [path for path, _ in room.desk.posts if path == "/reply"]


UNCLEAR_200 = "no sign of success or refusal (status 200)"


async def _blank(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="", content_type="text/html")


async def _error(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=500, text="oops", content_type="text/html")


async def _busy(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=503, text=page("<p class=refused>come back later</p>"), content_type="text/html")


async def _too_many(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=429, text=page("<p class=refused>too many</p>"), content_type="text/html")


async def _too_long(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=422, text=page("<p class=refused>too long</p>"), content_type="text/html")


async def _reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(page("<p class=refused>too long</p>"), (SubmitAnswer.REFUSED, "too long"), marks=pytest.mark.long),
        (_too_long, (SubmitAnswer.REFUSED, "too long")),
        (_busy, (SubmitAnswer.UNCLEAR, "no sign of success or refusal (status 503)")),
        pytest.param(
            _too_many,
            (SubmitAnswer.UNCLEAR, "no sign of success or refusal (status 429)"),
            marks=pytest.mark.long,
        ),
        pytest.param(
            page("<p class=down></p><p class=refused>we are down</p>"),
            (SubmitAnswer.UNCLEAR, UNCLEAR_200),
            marks=pytest.mark.long,
        ),
        (_blank, (SubmitAnswer.UNCLEAR, UNCLEAR_200)),
        pytest.param(
            _error, (SubmitAnswer.UNCLEAR, "no sign of success or refusal (status 500)"), marks=pytest.mark.long
        ),
        (_reset, (SubmitAnswer.UNCLEAR, "no sign of success or refusal (NS_ERROR_NET_RESET)")),
    ],
)
def test_the_answer_is_a_hint(room: DeskRoom, answer: Any, expected: tuple[SubmitAnswer, str]) -> None:
    """Whatever came after the click is told, and the reply was sent exactly once."""
    show_form(room)
    room.desk.pages["/reply"] = answer

    _, result = with_form(room, reply_profile(changes={"verdicts": {"error": ".down"}}), send)

    assert expected == (result.answer, result.text)
    assert 1 == [path for path, _ in room.desk.posts].count("/reply")


def test_signs_that_stood_there_before_are_no_answer(room: DeskRoom) -> None:
    """A form that shows a notice of success and an error before the click is not believed for it afterwards."""
    notice = "<p class=sent>last reply sent</p><p class=refused>old error</p>"
    script = "<script>document.forms[0].onsubmit = event => event.preventDefault()</script>"
    show_form(room, notice + FORM + script)

    _, result = with_form(room, impatient(reply_profile()), send)

    assert SubmitAnswer.UNCLEAR is result.answer


def test_a_form_that_lost_the_text_is_not_submitted(room: DeskRoom) -> None:
    """A page that changes the text after it was read back keeps the click from being made."""
    show_form(room, FORM + "<script>window.spoil = () => document.querySelector('textarea').value = 'spoilt'</script>")

    async def spoilt(form: ReplyForm) -> SubmitResult:
        await form.fill(TEXT, [])
        await form.steps.page.evaluate("() => window.spoil()")  # type: ignore[attr-defined]  # the real form's page
        return await form.submit(within=60)

    result = with_form(room, reply_profile(), spoilt)

    why = "the form: it no longer holds the text"
    assert SubmitResult(SubmitAnswer.NOT_CLICKED, why) == result
    assert [] == [path for path, _ in room.desk.posts if path == "/reply"]


def test_the_click_meets_the_button_that_was_meant(room: DeskRoom) -> None:
    """Another button that comes to stand before it after the form was read back is not clicked."""
    other = "<button type=button onclick=spoil()>Delete</button>"
    script = f"<script>window.crowd = () => document.forms[0].insertAdjacentHTML('afterbegin', '{other}');</script>"
    show_form(room, FORM + script)

    async def crowded(form: ReplyForm) -> SubmitResult:
        await form.fill(TEXT, [])
        await form.steps.page.evaluate("() => window.crowd()")  # type: ignore[attr-defined]  # the real form's page
        return await form.submit(within=60)

    result = with_form(room, reply_profile(submit={"css": "form.reply button", "text": "Send"}), crowded)

    assert SubmitAnswer.ACCEPTED is result.answer


def test_a_form_that_was_not_filled_is_not_submitted(room: DeskRoom) -> None:
    """Without a text that was read back there is no click."""
    show_form(room)

    result = with_form(room, reply_profile(), lambda form: form.submit(within=60))

    assert SubmitAnswer.NOT_CLICKED is result.answer


def test_an_editor_that_does_not_take_the_text_is_no_filled_form(room: DeskRoom) -> None:
    """A form that cannot be filled reads back empty, which no reply equals."""
    show_form(room)
    profile = impatient(reply_profile(editor="#elsewhere"))

    assert FilledForm(text="", files=()) == with_form(room, profile, lambda form: form.fill(TEXT, []))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([], "the reply form did not come", marks=pytest.mark.long),
        ([{"click": "#go"}], "the reply form did not come: find #go: it is not there"),
    ],
)
def test_no_form_is_a_reading(room: DeskRoom, steps: list[Any], expected: str) -> None:
    """The reading says why nothing can be typed."""
    room.desk.pages["/case/7"] = case(message("hello"))
    reading = with_form(room, impatient(reply_profile(open=steps)), send)

    assert (Verdict.BLANK, expected) == (reading.verdict, reading.reason)


def test_a_case_that_takes_no_reply_says_so(room: DeskRoom) -> None:
    """A closed case is a good page without a form."""
    room.desk.pages["/case/7"] = case(message("hello"))
    profile = small_profile(case__can_reply="form.reply", reply=reply_profile().reply.model_dump(exclude_defaults=True))  # type: ignore[union-attr]  # it has one

    reading = with_form(room, profile, send)

    assert (Verdict.OK, "the page offers no reply") == (reading.verdict, reading.reason)


def test_who_is_signed_out_gets_no_form(room: DeskRoom) -> None:
    """The sign-in is a reading, and nothing is typed there."""
    show_form(room)

    reading = with_form(room, reply_profile(), send, signed_in=False)

    assert Verdict.LOGIN is reading.verdict
    assert [] == room.desk.posts


def test_a_slow_case_page_is_waited_for(room: DeskRoom) -> None:
    """A form behind a step that a script brings late is found."""

    async def slow(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.5)
        return web.Response(
            text=case(
                message("hello")
                + f"""<button id=respond>Respond</button><script>respond.onclick = () => setTimeout(() =>
                document.body.insertAdjacentHTML('beforeend', `{FORM}`), 500)</script>"""
            ),
            content_type="text/html",
        )

    show_form(room)
    room.desk.pages["/case/7"] = slow

    _, result = with_form(room, reply_profile(open=[{"click": "#respond"}]), send)

    assert SubmitAnswer.ACCEPTED is result.answer
