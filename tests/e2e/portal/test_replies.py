"""A reply is submitted by one click, in an engine that sends once; what the answer was taken for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from agent.browser.running import Browsers
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Verdict
from agent.portal.protocol import FilledForm
from agent.portal.protocol import ReplyForm
from agent.portal.protocol import SubmitAnswer
from tests.e2e.browser.lab import serving
from tests.e2e.browser_room import LoopThread
from tests.e2e.portal.desk_room import DeskRoom
from tests.e2e.portal.reply_room import FORM
from tests.e2e.portal.reply_room import TEXT
from tests.e2e.portal.reply_room import files
from tests.e2e.portal.reply_room import impatient
from tests.e2e.portal.reply_room import reply_profile
from tests.e2e.portal.reply_room import send
from tests.e2e.portal.reply_room import show_form
from tests.e2e.portal.reply_room import with_form
from tests.e2e.portal.small_portal import HEADER
from tests.e2e.portal.small_portal import SmallPortal
from tests.e2e.portal.small_portal import case
from tests.e2e.portal.small_portal import message
from tests.e2e.portal.small_portal import page
from tests.e2e.portal.small_portal import rows


@pytest.fixture
def room(loop_thread: LoopThread, browsers: Browsers, tmp_path: Path) -> Iterator[DeskRoom]:
    """The small portal, seen with the engine that submits."""
    with serving(loop_thread, SmallPortal()) as desk:
        yield DeskRoom(loop_thread, browsers, desk, tmp_path, Engine.FIREFOX)


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


def test_one_form_makes_one_click(room: DeskRoom) -> None:
    """Also where the filled form stays on the page after its click."""
    script = """<script>document.forms[0].onsubmit = event => { event.preventDefault();
      fetch('/reply', {method: 'POST', body: new FormData(event.target)}) }</script>"""
    show_form(room, FORM + script)

    async def twice(form: ReplyForm) -> SubmitAnswer:
        await send(form)
        return (await form.submit(within=60)).answer

    assert SubmitAnswer.NOT_CLICKED is with_form(room, impatient(reply_profile(None)), twice)
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

    with_form(room, reply_profile(insisted_on), send, engine=Engine.CHROMIUM, by_password=True)

    assert expected in sender(room)
    assert 1 == len(room.desk.passwords())


def test_the_browser_that_submits_must_name_the_account(room: DeskRoom) -> None:
    """Cookies that it was not given may choose another account: where its case page names none, the list must."""
    show_form(room)
    nameless = HEADER.replace("Ann Ltd", "")
    room.desk.pages["/case/7"] = case(message("hello") + FORM).replace(HEADER, nameless)
    profile = reply_profile(None, changes={"identity__account_name": {"css": ".who", "optional": True}})
    room.desk.pages["/list"] = page(rows([7]))

    _, result = with_form(room, profile, send, engine=Engine.CHROMIUM)
    room.desk.pages["/list"] = page(rows([7])).replace("Ann Ltd", "Bob Inc")
    strange = with_form(room, profile, send, engine=Engine.CHROMIUM)
    room.desk.pages["/list"] = page(rows([7])).replace(HEADER, nameless)
    unknown = with_form(room, profile, send, engine=Engine.CHROMIUM)

    assert SubmitAnswer.ACCEPTED is result.answer
    assert [Verdict.WRONG_ACCOUNT, Verdict.WRONG_ACCOUNT] == [strange.verdict, unknown.verdict]
    assert 1 == [path for path, _ in room.desk.posts].count("/reply")


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

    _, result = with_form(room, reply_profile(None, changes={"verdicts": {"error": ".down"}}), send)

    assert expected == (result.answer, result.text)
    assert 1 == [path for path, _ in room.desk.posts].count("/reply")


def test_signs_that_stood_there_before_are_no_answer(room: DeskRoom) -> None:
    """A form that shows a notice of success and an error before the click is not believed for it afterwards."""
    notice = "<p class=sent>last reply sent</p><p class=refused>old error</p>"
    script = "<script>document.forms[0].onsubmit = event => event.preventDefault()</script>"
    show_form(room, notice + FORM + script)

    _, result = with_form(room, impatient(reply_profile(None)), send)

    assert SubmitAnswer.UNCLEAR is result.answer
