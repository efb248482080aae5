"""Reply forms of every kind: opened, filled, read back, and not submitted where they changed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

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
from tests.e2e.portal.desk_room import DeskRoom
from tests.e2e.portal.reply_room import FORM
from tests.e2e.portal.reply_room import TEXT
from tests.e2e.portal.reply_room import files
from tests.e2e.portal.reply_room import impatient
from tests.e2e.portal.reply_room import reply_profile
from tests.e2e.portal.reply_room import send
from tests.e2e.portal.reply_room import show_form
from tests.e2e.portal.reply_room import with_form
from tests.e2e.portal.small_portal import case
from tests.e2e.portal.small_portal import message
from tests.e2e.portal.small_portal import page
from tests.e2e.portal.small_portal import rows
from tests.e2e.portal.small_portal import small_profile


@pytest.fixture
def room(either_room: DeskRoom) -> DeskRoom:
    """A form is filled in either engine."""
    return either_room


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


EDITABLE = """<form class=reply method=post action=/reply onsubmit="this.text.value = ed.innerText">
<div id=ed contenteditable style="white-space: pre-wrap; min-height: 20px">{}</div><input type=hidden name=text>
<button>Send</button></form>"""


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_an_editable_element_takes_real_input(room: DeskRoom) -> None:
    """What stood there is replaced, and the lines are as they were typed."""
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


def test_an_editor_in_a_frame(room: DeskRoom) -> None:
    """An editor that is the body of a frame is waited for, typed into and read back."""
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


def at_once(engine: Engine = Engine.CHROMIUM) -> PortalProfile:
    rules = {
        "input": "#inputs input",
        "multiple": False,
        "add": [{"click": "#more"}],
        "accepted": {"css": ".chip", "text": "{file}"},
        "refused": ".no",
    }
    return reply_profile(engine, upload=rules, submit="button.go")


def test_files_that_travel_at_once_are_proved(room: DeskRoom) -> None:
    """Each file is put into an input of its own, and counts when the page shows it; the button is waited for."""
    show_form(room, AT_ONCE)

    filled, result = with_form(room, at_once(room.engine), lambda form: send(form, "Hi", files(room, "a.txt", "b.txt")))

    assert (FilledForm(text="Hi", files=("a.txt", "b.txt")), SubmitAnswer.ACCEPTED) == (filled, result.answer)


def test_a_refused_file_is_told_in_the_portals_words(room: DeskRoom) -> None:
    """The refusal is in the form that is read back, also where its button then stays disabled; nothing was sent."""
    show_form(room, AT_ONCE)

    filled = with_form(room, at_once(), lambda form: form.fill("Hi", files(room, "a.txt", "b.exe")))

    assert FilledForm(text="Hi", files=("a.txt",), refused="b.exe is not allowed") == filled
    assert [] == [path for path, _ in room.desk.posts if path == "/reply"]


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
