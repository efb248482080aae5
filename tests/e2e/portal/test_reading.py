"""Pages that come late, in pieces, by clicks or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from agent.errors import EngineDied
from agent.extract.reading import CasePage
from agent.extract.reading import ListPage
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.browser_portal import BrowserPortal
from storage.records import Tab
from tests.e2e.portal.desk_room import DeskRoom
from tests.e2e.portal.small_portal import HEADER
from tests.e2e.portal.small_portal import case
from tests.e2e.portal.small_portal import message
from tests.e2e.portal.small_portal import page
from tests.e2e.portal.small_portal import rows
from tests.e2e.portal.small_portal import small_profile


def the_list(room: DeskRoom) -> PageRequest:
    return PageRequest(kind=PageKind.LIST, url=f"{room.desk.url}/list", tab=Tab.ALL)


def the_case(room: DeskRoom, case_id: str = "7") -> PageRequest:
    return PageRequest(kind=PageKind.CASE, url=f"{room.desk.url}/case/{case_id}", case_id=case_id)


def ids(reading: Reading) -> list[str]:
    assert isinstance(reading.page, ListPage), (reading.verdict, reading.reason)
    return [row.case_id for row in reading.page.rows]


def bodies(reading: Reading) -> list[str]:
    assert isinstance(reading.page, CasePage), (reading.verdict, reading.reason)
    return [message.body for message in reading.page.messages]


def test_late_rows_and_a_late_header_are_waited_for(either_room: DeskRoom) -> None:
    """Rows that a script draws in two strokes, and a header painted last, are read whole."""
    room = either_room
    room.desk.pages["/list"] = page(
        f"""<a class=out></a><div id=at></div><script>
        setTimeout(() => at.innerHTML = `{rows([1], 3)}`, 200);
        setTimeout(() => at.innerHTML = `{rows([1, 2, 3])}`, 500);
        setTimeout(() => document.body.insertAdjacentHTML('afterbegin', `{HEADER}`), 900)</script>""",
        header="",
    )

    reading = room.read(the_list(room), small_profile(identity__ready=".who"))

    assert ["1", "2", "3"] == ids(reading)
    assert reading.identity is not None
    assert "Ann Ltd" == reading.identity.account_name


def test_no_cases_is_not_believed_while_they_are_on_their_way(room: DeskRoom) -> None:
    """A list that says "nothing here" until its rows arrive is not taken for empty."""

    async def slow(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.5)
        return web.Response(text=rows([4]), content_type="text/html")

    room.desk.pages["/rows"] = slow
    room.desk.pages["/list"] = page("""<div id=at><p class=none>nothing here</p></div><script>
        (async () => { at.innerHTML = await (await fetch('/rows')).text() })()</script>""")

    assert ["4"] == ids(room.read(the_list(room)))


def test_an_empty_list_is_proved(room: DeskRoom) -> None:
    """The profile's proof of emptiness makes a list without rows EMPTY."""
    room.desk.pages["/list"] = page("<p class=none>nothing here</p><script>1</script>")

    assert Verdict.EMPTY is room.read(the_list(room)).verdict


@pytest.mark.parametrize(
    "body", ["", pytest.param(page(""), marks=pytest.mark.long), "<!doctype html><div id=app></div>"]
)
def test_what_cannot_change_is_not_waited_for(room: DeskRoom, body: str) -> None:
    """A page without a script stays blank for ever, so that the deadline does not matter."""
    room.desk.pages["/list"] = body

    reading = room.read(the_list(room), small_profile(politeness={"deadline": 10_000, "requests_per_second": 0}))

    assert Verdict.BLANK is reading.verdict


def test_a_list_shorter_than_its_count_is_blank(room: DeskRoom) -> None:
    """Rows that never come are missed by the page's own count."""
    room.desk.pages["/list"] = page(rows([1, 2], 3) + "<script>1</script>")

    assert Verdict.BLANK is room.read(the_list(room), small_profile(politeness__deadline=1)).verdict


def test_a_page_that_hangs_is_blank_and_harms_nothing(either_room: DeskRoom) -> None:
    """A script that loops for ever costs its page, not the context."""
    room = either_room
    room.desk.pages["/list"] = page("<script>onload = () => { for (;;); }</script>")
    room.desk.pages["/case/7"] = case(message("hello"))

    async def go() -> tuple[Reading, Reading]:
        async with room.portal(small_profile(politeness__deadline=1)) as portal:
            hung = await portal.read(the_list(room))
            # On a busy machine a second may be too short for a good page as well.
            while (fine := await portal.read(the_case(room))).verdict is Verdict.BLANK:
                pass
            return hung, fine

    hung, fine = room.thread.run(go())
    assert (Verdict.BLANK, ["hello"]) == (hung.verdict, bodies(fine))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (500, Verdict.ERROR),
        (503, Verdict.ERROR),
        (429, Verdict.THROTTLED),
        (403, Verdict.DENIED),
        (401, Verdict.LOGIN),
        (404, Verdict.GONE),
    ],
)
def test_a_status_is_a_verdict(room: DeskRoom, status: int, verdict: Verdict) -> None:
    """The server's word counts, with what it says about waiting."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="<p>no</p>", content_type="text/html", headers={"Retry-After": "1"})

    room.desk.pages["/case/7"] = answer

    reading = room.read(the_case(room))

    assert (verdict, status, 1.0) == (reading.verdict, reading.snapshot.status, reading.snapshot.retry_after)


def test_who_is_signed_out_sees_the_sign_in(room: DeskRoom) -> None:
    """A redirect to the sign-in is LOGIN; nothing is typed there."""
    room.desk.pages["/list"] = page(rows([1]))

    assert Verdict.LOGIN is room.read(the_list(room), signed_in=False).verdict
    assert [] == room.desk.posts


CLICKED = """<div id=at></div><button id=next>next</button><script>
const pages = [[1, 2], [3, 4], [5]]; let n = 0;
const draw = () => { at.innerHTML = '<table>' + pages[n].map(i => '<tr class=case><td class=id>' + i +
  '</td><td class=s>S</td><td>Open</td></tr>').join('') + '</table>'; next.hidden = n == 2 };
next.onclick = () => setTimeout(() => { n += 1; draw() }, 200); draw()</script>"""


def test_pages_are_turned_by_clicks(either_room: DeskRoom) -> None:
    """The next page is one click away from the last; from nothing it is as many clicks as it needs."""
    room = either_room
    room.desk.pages["/list"] = page(CLICKED)
    profile = small_profile(list__pager={"click": "#next"})

    async def go() -> tuple[list[list[str]], list[str]]:
        async with room.portal(profile) as portal:
            pages, request = [], the_list(room)
            following: PageRequest | None = request
            while following is not None:
                reading = await portal.read(following)
                pages.append(ids(reading))
                last, following = following, reading.next
            await portal.renew(portal.environment)
            return pages, ids(await portal.read(last))

    assert ([["1", "2"], ["3", "4"], ["5"]], ["5"]) == room.thread.run(go())
    assert 2 == room.desk.seen.count(("GET", "/list"))


def turn_twice(room: DeskRoom, **pager: Any) -> tuple[list[str], Reading]:
    """The rows of the first page, and what the click for the next one brought."""

    async def go() -> tuple[list[str], Reading]:
        async with room.portal(
            small_profile(list__pager={"click": "#next", **pager}, politeness__deadline=3)
        ) as portal:
            first = await portal.read(the_list(room))
            assert first.next is not None
            return ids(first), await portal.read(first.next)

    return room.thread.run(go())


def test_a_click_that_changes_nothing_is_no_end(room: DeskRoom) -> None:
    """A next page that does not come before the deadline is blank, as long as the portal still offers it."""
    room.desk.pages["/list"] = page(rows([1, 2]) + "<button id=next>next</button><script>1</script>")

    first, second = turn_twice(room)

    assert (["1", "2"], Verdict.BLANK, "the page did not change after a click for the next one") == (
        first,
        second.verdict,
        second.reason,
    )


def test_a_control_that_stays_at_the_end_has_its_end_told(room: DeskRoom) -> None:
    """Where the profile says what the last page shows, its rows may come again without the list being blank."""
    room.desk.pages["/list"] = page(
        rows([1, 2]) + "<button id=next onclick=\"this.className = 'off'\">next</button><script>1</script>"
    )

    first, second = turn_twice(room, end="#next.off")

    assert (["1", "2"], ["1", "2"], None) == (first, ids(second), second.next)


def test_a_size_is_chosen_once(room: DeskRoom) -> None:
    """A page with a URL of its own is in the size that the session has; to choose it again would lead to page one."""
    room.desk.pages["/size"] = page("")

    async def listed(request: web.Request) -> web.StreamResponse:
        size = int(request.cookies.get("size", "1"))
        number = int(request.query.get("page", "1"))
        shown = list(range(1, 5))[(number - 1) * size : number * size]
        more = f"<a class=next href='/list?page={number + 1}'>next</a>" if number * size < 4 else ""
        body = f"""{rows(shown, 4)}{more}<select id=size><option>1<option>2</select><script>
          size.onchange = () => {{ document.cookie = 'size=' + size.value; location = '/list' }}</script>"""
        return web.Response(text=page(body), content_type="text/html")

    room.desk.pages["/list"] = listed
    profile = small_profile(
        list__pager={"link": {"css": "a.next", "attr": "href", "optional": True}},
        list__page_size={"rows": 2, "steps": [{"choose": "#size", "value": "2"}]},
    )

    async def go() -> list[list[str]]:
        async with room.portal(profile) as portal:
            first = await portal.read(the_list(room))
            assert first.next is not None
            return [ids(first), ids(await portal.read(first.next))]

    assert [["1", "2"], ["3", "4"]] == room.thread.run(go())


def test_a_link_that_leads_away_is_not_followed(room: DeskRoom) -> None:
    """A next page at another host is none of the portal's: nothing is asked for there."""
    room.desk.public.add("/list")
    elsewhere = room.desk.url.replace("127.0.0.1", "localhost")
    room.desk.pages["/list"] = page(rows([1], 2) + f"<a class=next href='{elsewhere}/list'>next</a>")

    async def go() -> Reading:
        async with room.portal(small_profile(list__pager={"link": {"css": "a.next", "attr": "href"}})) as portal:
            first = await portal.read(the_list(room))
            assert first.next is not None
            return await portal.read(first.next)

    reading = room.thread.run(go())
    assert (Verdict.DRIFTED, 1) == (reading.verdict, room.desk.seen.count(("GET", "/list")))


def test_what_stands_elsewhere_is_not_believed(room: DeskRoom) -> None:
    """A redirect to another host that shows the right page, or says that the case is gone, proves nothing."""
    elsewhere = room.desk.url.replace("127.0.0.1", "localhost")
    room.desk.public |= {"/there", "/nowhere"}
    room.desk.pages["/there"] = page(rows([1]))

    async def away(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"{elsewhere}{'/there' if request.path == '/list' else '/nowhere'}")

    room.desk.pages |= {"/list": away, "/case/7": away}

    def verdicts(**profile: Any) -> list[Verdict]:
        bent = small_profile(politeness__deadline=3, **profile)
        return [room.read(request, bent).verdict for request in (the_list(room), the_case(room))]

    assert [Verdict.BLANK, Verdict.BLANK] == verdicts()
    assert [Verdict.OK, Verdict.GONE] == verdicts(origins=[elsewhere])


def test_a_list_grows_by_scrolling(room: DeskRoom) -> None:
    """Where the next rows stand below the present ones, both are read."""
    room.desk.pages["/list"] = page("""<div id=box style="height: 60px; overflow: auto"><table id=at></table></div>
      <script>let n = 0; const more = () => { if (n < 6) for (const end = n + 3; n < end;) { n += 1;
        at.insertAdjacentHTML('beforeend', `<tr class=case style="height: 40px"><td class=id>${n}</td>
        <td class=s>S</td><td>Open</td></tr>`) } };
      box.onscroll = () => { if (box.scrollTop + box.clientHeight > box.scrollHeight - 5) more() }; more()</script>""")

    async def go() -> list[list[str]]:
        async with room.portal(small_profile(list__pager={"scroll": "#box", "appends": True})) as portal:
            first = await portal.read(the_list(room))
            assert first.next is not None
            return [ids(first), ids(await portal.read(first.next))]

    assert [["1", "2", "3"], ["1", "2", "3", "4", "5", "6"]] == room.thread.run(go())


def test_steps_bring_the_list(room: DeskRoom) -> None:
    """A tab behind a button and a page-size control are set before the rows are believed."""
    room.desk.pages["/list"] = page("""<button id=filter>filter</button><select id=size><option>1<option>3</select>
      <div id=at></div><script>const draw = count => setTimeout(() => { at.innerHTML = '<table>' +
        [1, 2, 3].slice(0, count).map(i => '<tr class=case><td class=id>' + i + '</td><td class=s>S</td><td>Open</td>')
        .join('') + '</table><p class=count>3 cases</p>' }, 250);
      document.querySelector('#filter').onclick = () => draw(1); size.onchange = () => draw(3)</script>""")
    profile = small_profile(
        tabs__all__steps=[{"click": "#filter"}],
        list__page_size={"rows": 3, "steps": [{"wait": "tr.case"}, {"choose": "#size", "value": "3"}]},
    )

    assert ["1", "2", "3"] == ids(room.read(the_list(room), profile))


def test_what_is_cut_is_shown_first(room: DeskRoom) -> None:
    """Every "See more" is clicked until none is left; one that stays is passed over."""
    button = "<button class=more {}>See more</button>"
    cut = f"<span hidden>whole</span>{button.format('onclick=show(this)')}"
    stays = button.format("")
    script = """<script>const show = button => setTimeout(() => { button.previousElementSibling.hidden = false;
      button.textContent = 'See less' }, 100)</script>"""
    room.desk.pages["/case/7"] = case(script + message(cut, 1) + message(stays, 2) + message(cut, 3))
    profile = small_profile(case__expand=[{"css": "button.more", "text": "See more"}])

    assert ["wholeSee less", "See more", "wholeSee less"] == bodies(room.read(the_case(room), profile))


@pytest.mark.long
def test_what_is_cut_is_asked_for_at_the_portals_pace(room: DeskRoom) -> None:
    """Each click that asks for something takes a turn, and after three controls that stay the rest is left alone."""
    room.desk.pages["/more"] = "whole"
    button = "<button class=more onclick='fetch(`/more`)'>See more</button>"
    room.desk.pages["/case/7"] = case("".join(message(button, number) for number in range(1, 9)))
    turns: list[int] = []

    async def go() -> None:
        async with room.portal(small_profile(case__expand=[{"css": "button.more"}])) as portal:
            turn = portal.limiter.turn

            async def counted() -> None:
                turns.append(1)
                await turn()

            portal.limiter.turn = counted  # type: ignore[method-assign]
            await portal.read(the_case(room))

    room.thread.run(go())
    assert (3, 4) == (room.desk.seen.count(("GET", "/more")), len(turns))


def test_a_variable_is_learned_on_the_way(room: DeskRoom) -> None:
    """A URL that needs a number from another page gets it first; signed out, that page is the answer."""
    room.desk.pages["/me"] = page("<p class=home>home</p><i id=uid data-n=42></i>")
    room.desk.pages["/list/42"] = page(rows([1]))
    profile = small_profile(
        variables__uid={"url": "/me", "field": {"css": "#uid", "attr": "data-n"}}, tabs__all__url="/list/{uid}"
    )

    async def go() -> tuple[Verdict, list[str], str, str]:
        async with room.portal(profile, signed_in=False) as portal:
            request = portal.list_request(Tab.ALL)
            out = await portal.read(request)
            await portal.sign_in()
            read = await portal.read(request)
            return out.verdict, ids(read), read.snapshot.request.url, portal.list_request(Tab.ALL).url

    url = f"{room.desk.url}/list/42"
    assert (Verdict.LOGIN, ["1"], url, url) == room.thread.run(go())
    assert 1 == room.desk.seen.count(("GET", "/list/42"))


def test_a_variable_that_cannot_be_read_is_named(room: DeskRoom) -> None:
    """A page that no longer shows the variable has drifted."""
    room.desk.pages["/me"] = page("<p class=home>home</p>")
    profile = small_profile(variables__uid={"url": "/me", "field": "#uid"}, tabs__all__url="/list/{uid}")

    async def go() -> Reading:
        async with room.portal(profile) as portal:
            return await portal.read(portal.list_request(Tab.ALL))

    reading = room.thread.run(go())
    assert (Verdict.DRIFTED, "cannot read variables.uid") == (reading.verdict, reading.reason)


def test_a_case_has_further_pages(room: DeskRoom) -> None:
    """A part at a URL of its own is read like the case's page."""
    room.desk.pages["/case/7"] = case("")
    room.desk.pages["/case/7/notes"] = page(f"<h3 class=notes>notes</h3>{message('aside')}")
    source = small_profile().case.messages[0].model_dump(exclude_defaults=True)
    profile = small_profile(
        case__parts={"notes": {"url": "/case/{case_id}/notes", "ready": ".notes"}},
        case__messages=[source, {**source, "name": "notes", "part": "notes"}],
    )

    async def go() -> list[list[str]]:
        async with room.portal(profile) as portal:
            request = portal.case_request("7", None)
            return [bodies(await portal.read(one)) for one in (request, *portal.case_parts(request))]

    assert [[], ["aside"]] == room.thread.run(go())


def test_a_fresh_context_keeps_the_session_and_nothing_else(either_room: DeskRoom) -> None:
    """After `renew` somebody is still signed in, and what the old context kept beside that is gone."""
    room = either_room
    room.desk.pages["/list"] = page(f"""<div id=at></div><script>
      if (!localStorage.seen && !/other/.test(document.cookie)) at.innerHTML = `{rows([1])}`;
      localStorage.seen = 1; document.cookie = 'other=1'</script>""")

    async def go() -> tuple[Verdict, list[str], int]:
        async with room.portal(small_profile(politeness__deadline=3), by_password=True) as portal:
            await portal.read(the_list(room))
            blank = await portal.read(the_list(room))
            await portal.renew(portal.environment)
            return blank.verdict, ids(await portal.read(the_list(room))), portal.generation

    assert (Verdict.BLANK, ["1"], 1) == room.thread.run(go())
    assert 1 == len(room.desk.passwords())


async def read_or_die(portal: BrowserPortal, request: PageRequest) -> str:
    try:
        return (await portal.read(request)).verdict.value
    except EngineDied:
        return "died"


def test_a_renewal_ends_what_is_being_read(room: DeskRoom) -> None:
    """A read whose context is closed under it dies, and the generation tells that it was we who closed it."""

    hanging = asyncio.Event()

    async def hang(_request: web.Request) -> web.StreamResponse:
        hanging.set()
        await asyncio.sleep(60)
        return web.Response()

    async def go() -> tuple[str, bool]:
        async with room.portal() as portal:
            before = portal.generation
            reading = room.thread.loop.create_task(read_or_die(portal, the_list(room)))
            await hanging.wait()
            await portal.renew(portal.environment)
            return await reading, portal.generation > before

    room.desk.pages["/list"] = hang
    assert ("died", True) == room.thread.run(go())


def test_the_next_page_of_a_fresh_browser_is_read_from_nothing(room: DeskRoom) -> None:
    """A request with clicks is complete: it needs no page before it."""
    room.desk.pages["/list"] = page(CLICKED)
    request = replace(the_list(room), number=3, clicks=2)

    assert ["5"] == ids(room.read(request, small_profile(list__pager={"click": "#next"})))
