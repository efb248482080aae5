"""Getting in: pages in any order, the password once, and what must not be pushed against."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from agent.errors import AccessDenied
from agent.errors import PersonNeeded
from agent.errors import PortalUnreachable
from agent.errors import RecoveryExhausted
from agent.errors import RunStopped
from agent.errors import SignInRefused
from agent.extract.snapshot import Engine
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.profile.model.profile import PortalProfile
from tests.e2e.portal.desk_room import DeskRoom
from tests.e2e.portal.small_portal import HEADER
from tests.e2e.portal.small_portal import PASSWORD
from tests.e2e.portal.small_portal import SIGN_IN
from tests.e2e.portal.small_portal import SmallPortal
from tests.e2e.portal.small_portal import page
from tests.e2e.portal.small_portal import rows
from tests.e2e.portal.small_portal import small_profile

TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def form(path: str, field: str, kind: str = "text") -> str:
    body = f"<form class={path} method=post action=/{path}><input name={field} type={kind}><button>go</button></form>"
    return page(body, header="")


def handler(name: str, field: str, variable: str, **more: Any) -> dict[str, Any]:
    fill = {"fill": f"form.{name} input[name='{field}']", "value": f"{{{variable}}}"}
    steps = [fill, {"click": f"form.{name} button"}]
    return {"name": name, "when": f"form.{name}", "steps": steps, **more}


CHOOSER = {
    "name": "choose",
    "when": "form.choose",
    "steps": [{"click": {"css": "form.choose label", "text": "{account_name}"}}],
}


def stepwise(**changes: Any) -> PortalProfile:
    """A sign-in that asks for one thing on each page."""
    handlers = [
        handler("code", "code", "otp"),
        handler("name", "user", "user"),
        handler("pass", "password", "password"),
        CHOOSER,
    ]
    return small_profile(sign_in__handlers=handlers, **changes)


def ask_in_turn(desk: SmallPortal, *paths: str) -> None:
    """Let the portal ask for its things in this order; after the last one somebody is signed in."""
    forms = {
        "name": form("name", "user"),
        "pass": form("pass", "password", "password"),
        "code": form("code", "code"),
        "choose": page(
            """<form class=choose method=post action=/choose><label>Bob Ltd<input type=radio name=who></label>
            <label onclick="this.form.submit()">Ann Ltd<input type=radio name=who></label></form>""",
            header="",
        ),
    }
    for path, following in zip(paths, (*paths[1:], None), strict=True):
        desk.public.add(f"/{path}")
        desk.pages[f"/{path}"] = _asking(desk, forms[path], following)
    desk.pages["/in"] = forms[paths[0]]


def _asking(desk: SmallPortal, shown: str, following: str | None) -> Any:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "GET":
            return web.Response(text=shown, content_type="text/html")
        response = web.Response(status=302, headers={"Location": f"/{following or 'home'}"})
        if following is None:
            desk.sign_in(response)
        return response

    return answer


def attempt(room: DeskRoom, profile: PortalProfile | None = None, **how: Any) -> RunStopped | None:
    """Sign in once; returns what ended it, `None` when somebody is signed in afterwards."""

    async def go() -> RunStopped | None:
        async with room.portal(profile, signed_in=False, **how) as portal:
            try:
                await portal.sign_in()
            except RunStopped as stopped:
                return stopped
            home = PageRequest(kind=PageKind.HOME, url=f"{room.desk.url}/home")
            assert Verdict.OK is (await portal.read(home)).verdict
            return None

    return room.thread.run(go())


def answered(room: DeskRoom, order: tuple[str, ...]) -> list[str]:
    """The pages that got an answer, where the portal asks in this order."""
    room.secrets["TOTP"] = TOTP
    ask_in_turn(room.desk, *order)
    assert None is attempt(room, stepwise(), totp={"env": "TOTP"})
    return [path for path, _ in room.desk.posts]


def test_each_page_is_answered_by_its_handler(either_room: DeskRoom) -> None:
    """Name, password, code and account are given where they are asked for, once."""
    assert ["/name", "/pass", "/code", "/choose"] == answered(either_room, ("name", "pass", "code", "choose"))


@pytest.mark.parametrize("order", [("choose", "code", "name", "pass"), ("pass",), ("code", "pass")])
def test_the_order_of_the_pages_does_not_matter(room: DeskRoom, order: tuple[str, ...]) -> None:
    """Whatever the portal asks for first, and whatever it leaves out."""
    assert [f"/{path}" for path in order] == answered(room, order)


def test_a_wrong_password_is_sent_once(room: DeskRoom) -> None:
    """The portal's refusal ends it."""
    room.secrets["PASSWORD"] = "wrong"

    stopped = attempt(room)

    assert isinstance(stopped, SignInRefused)
    assert "the portal refused the password" == stopped.reason
    assert ["wrong"] == room.desk.passwords()


def test_a_password_that_is_asked_for_again_is_not_sent_again(room: DeskRoom) -> None:
    """A portal that shows the form once more, without a word, has refused the password."""
    room.desk.let_in = lambda form: ("/in", False)

    stopped = attempt(room)

    assert isinstance(stopped, SignInRefused)
    assert [PASSWORD] == room.desk.passwords()


def test_a_refusal_in_the_same_document_is_seen(room: DeskRoom) -> None:
    """A sign-in that answers by script, without a new page, is understood too."""
    script = """<script>document.forms[0].onsubmit = event => { event.preventDefault();
      fetch('/in', {method: 'POST', body: new FormData(event.target)}).then(() => setTimeout(() =>
        document.body.insertAdjacentHTML('beforeend', '<p class=wrong>wrong</p>'), 200)) }</script>"""
    room.desk.pages["/in"] = page(SIGN_IN + script, header="")

    assert isinstance(attempt(room), SignInRefused)
    assert 1 == len(room.desk.passwords())


#: The form stands there for a while after it was sent.
LINGERS = """<script>document.forms[0].onsubmit = event => { event.preventDefault();
setTimeout(() => event.target.submit(), 1500) }</script>"""


def linger(desk: SmallPortal, form: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return await SmallPortal.sign_in_page(desk, request)
        return web.Response(text=page(form + LINGERS, header=""), content_type="text/html")

    desk.pages["/in"] = answer


def test_an_old_warning_is_no_refusal(room: DeskRoom) -> None:
    """A mark of refusal that stood there before anything was typed says nothing about the password."""
    linger(room.desk, "<p class=wrong>expired</p>" + SIGN_IN)

    assert None is attempt(room)


def test_a_slow_answer_is_waited_for(either_room: DeskRoom) -> None:
    """The form that still stands there while the answer is on its way is not answered again."""
    linger(either_room.desk, SIGN_IN)

    assert None is attempt(either_room)
    assert [PASSWORD] == either_room.desk.passwords()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<div class=captcha>type these</div>", "the portal asks for a person: captcha"),
        ("<div class=terms>agree</div>", "the portal asks for a person: terms"),
    ],
)
def test_a_challenge_is_left_to_a_person(room: DeskRoom, body: str, reason: str) -> None:
    """Nothing is typed on a page that asks for a person."""
    room.desk.pages["/in"] = page(body + SIGN_IN, header="")
    profile = small_profile(
        sign_in__challenges=[{"kind": "captcha", "when": ".captcha"}, {"kind": "terms", "when": ".terms"}]
    )

    stopped = attempt(room, profile)

    assert isinstance(stopped, PersonNeeded)
    assert (reason, []) == (stopped.reason, room.desk.posts)


def test_a_block_page_ends_it(room: DeskRoom) -> None:
    """403 on the sign-in is a block, not a blank page."""

    async def blocked(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=403, text=page(SIGN_IN, header=""), content_type="text/html")

    room.desk.pages["/in"] = blocked

    assert isinstance(attempt(room), AccessDenied)
    assert [] == room.desk.posts


def test_no_password_where_it_sends_a_code_to_nobody(room: DeskRoom) -> None:
    """A page that sends a code is not answered without a secret for codes."""
    ask_in_turn(room.desk, "pass", "code")
    handlers = [handler("pass", "password", "password", sends_code=True), handler("code", "code", "otp")]
    profile = small_profile(sign_in__handlers=handlers)

    alone = attempt(room, profile)
    assert isinstance(alone, PersonNeeded)
    assert [] == room.desk.posts

    room.secrets["TOTP"] = TOTP
    assert None is attempt(room, profile, totp={"env": "TOTP"})


def test_two_codes_and_no_more(room: DeskRoom) -> None:
    """A refused code is followed by another one, never by the same, and then by a person."""
    room.secrets["TOTP"] = f"otpauth://totp/x?secret={TOTP}&period=1"
    ask_in_turn(room.desk, "code")
    room.desk.pages["/code"] = form("code", "code")

    stopped = attempt(room, stepwise(), totp={"env": "TOTP"})

    assert isinstance(stopped, PersonNeeded)
    codes = [fields["code"] for _, fields in room.desk.posts]
    assert (2, 2) == (len(codes), len(set(codes)))


def test_a_blank_sign_in_is_opened_again(room: DeskRoom) -> None:
    """While nothing was typed, a page that came blank is simply opened once more."""
    blanks = iter([""])

    async def moody(request: web.Request) -> web.StreamResponse:
        text = next(blanks, None)
        if text is not None:
            return web.Response(text=text, content_type="text/html")
        return await SmallPortal.sign_in_page(room.desk, request)

    room.desk.pages["/in"] = moody

    assert None is attempt(room, small_profile(politeness__deadline=3))
    assert [PASSWORD] == room.desk.passwords()


@pytest.mark.parametrize("status", [200, pytest.param(500, marks=pytest.mark.long)])
def test_a_sign_in_that_stays_blank_can_be_climbed(room: DeskRoom, status: int) -> None:
    """The error says that this environment shows no sign-in; no password was sent, and another one may do."""

    async def blank(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="", content_type="text/html")

    room.desk.pages["/in"] = blank

    assert isinstance(attempt(room, small_profile(politeness__deadline=1)), RecoveryExhausted)
    assert [] == room.desk.posts


def test_a_blank_answer_to_the_right_password_is_looked_behind(room: DeskRoom) -> None:
    """Where the page after the password stays blank, the home page tells that somebody is signed in."""
    room.desk.pages["/blank"] = ""
    room.desk.public.add("/blank")
    room.desk.let_in = lambda form: ("/blank", True)

    assert None is attempt(room, small_profile(politeness__deadline=3))


def test_a_blank_answer_is_no_reason_to_type_again(room: DeskRoom) -> None:
    """Where nobody can tell what became of the password, it is not sent again, nor counted as refused."""
    room.desk.pages["/blank"] = ""
    room.desk.public.add("/blank")
    room.desk.let_in = lambda form: ("/blank", False)

    assert isinstance(attempt(room, small_profile(politeness__deadline=1)), RecoveryExhausted)
    assert [PASSWORD] == room.desk.passwords()


def test_no_connection_is_told_apart(either_room: DeskRoom) -> None:
    """A portal that cannot be reached is neither blank nor a refusal."""
    stopped = attempt(either_room, small_profile(), base_url="http://127.0.0.1:9")

    assert isinstance(stopped, PortalUnreachable)


def test_a_kept_session_needs_no_password(either_room: DeskRoom) -> None:
    """The next run starts signed in, in another engine too; without a key nothing is kept."""
    room = either_room
    room.desk.pages["/list"] = page(rows([1]))
    request = PageRequest(kind=PageKind.LIST, url=f"{room.desk.url}/list")
    other = Engine.FIREFOX if room.engine is Engine.CHROMIUM else Engine.CHROMIUM

    async def run(engine: Engine, *, sign_in: bool, **account: Any) -> Verdict:
        async with room.portal(engine=engine, signed_in=False, by_password=sign_in, **account) as portal:
            return (await portal.read(request)).verdict

    async def go() -> list[Verdict]:
        key = {"session_key": {"env": "KEY"}}
        first = await run(room.engine, sign_in=True)
        unkept = await run(room.engine, sign_in=False)
        kept = await run(room.engine, sign_in=True, **key)
        again = await run(other, sign_in=False, **key)
        return [first, unkept, kept, again]

    assert [Verdict.OK, Verdict.LOGIN, Verdict.OK, Verdict.OK] == room.thread.run(go())
    assert 2 == len(room.desk.passwords())


def test_a_person_signs_in_by_hand(room: DeskRoom) -> None:
    """Waiting ends as soon as the proof holds; nothing is typed meanwhile, and the session is kept."""
    room.desk.pages["/in"] = page(
        f"<script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', `{HEADER}`), 700)</script>", header=""
    )

    async def go() -> bool:
        async with room.portal(signed_in=False, session_key={"env": "KEY"}) as portal:
            await portal.wait_for_person(seconds=30)
        async with room.portal(signed_in=False) as portal:
            with pytest.raises(PersonNeeded):
                await portal.wait_for_person(seconds=0.01)
            with pytest.raises(PersonNeeded):
                await portal.wait_for_person(seconds=3600, wanted=lambda: False)
        return (room.folder / "state" / "sessions" / "small.session").exists()

    assert room.thread.run(go())
    assert [] == room.desk.posts
