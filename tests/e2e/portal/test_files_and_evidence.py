"""Attachments fetched with the session, and what is kept of a page that could not be got past."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from agent.errors import DownloadFailed
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.protocol import Download
from storage.records import AttachmentRef
from tests.e2e.portal.desk_room import DeskRoom
from tests.e2e.portal.small_portal import PASSWORD
from tests.e2e.portal.small_portal import SIGN_IN
from tests.e2e.portal.small_portal import page
from tests.e2e.portal.small_portal import small_profile

BYTES = bytes(range(256)) * 400


def fetch(room: DeskRoom, url: str, *, name: str = "a.bin", profile: Any = None, **how: Any) -> tuple[bytes, Download]:
    async def go() -> tuple[bytes, Download]:
        async with room.portal(profile, **how) as portal:
            download = await portal.download(AttachmentRef(name=name, url=url))
            return download.path.read_bytes(), download

    return room.thread.run(go())


def serve(room: DeskRoom, path: str, body: bytes = BYTES, **headers: str) -> str:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Type": "application/octet-stream", **headers})

    room.desk.pages[path] = answer
    return f"{room.desk.url}{path}"


def test_a_file_comes_byte_for_byte(either_room: DeskRoom) -> None:
    """With the session's cookies, through a redirect on the same host, whatever the bytes."""
    serve(either_room, "/file")

    async def redirect(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/file")

    either_room.desk.pages["/link"] = redirect

    content, download = fetch(either_room, f"{either_room.desk.url}/link")

    assert (BYTES, "a.bin", "application/octet-stream") == (content, download.name, download.mime)


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("report.html", {}),
        ("report.bin", {"Content-Disposition": 'attachment; filename="x"'}),
    ],
)
def test_a_page_may_be_the_file(room: DeskRoom, name: str, headers: dict[str, str]) -> None:
    """An attachment that is a page itself is told by its name or by the server."""
    url = serve(room, "/file", b"<p>a report</p>", **{"Content-Type": "text/html", **headers})

    assert b"<p>a report</p>" == fetch(room, url, name=name)[0]


def refusal(room: DeskRoom, url: str, **how: Any) -> str:
    with pytest.raises(DownloadFailed) as caught:
        fetch(room, url, **how)
    return caught.value.reason


def test_a_page_in_place_of_the_file_is_refused(room: DeskRoom) -> None:
    """The sign-in, an error page told with 200, a status: none of them is an attachment."""
    sign_in = serve(room, "/a", page(SIGN_IN, header="").encode(), **{"Content-Type": "text/html; charset=utf-8"})
    error = serve(room, "/b", page("<p>sorry</p>").encode(), **{"Content-Type": "text/html"})
    file = serve(room, "/c")

    assert [
        "the sign-in page came instead of the file",
        "a page of the portal's came instead of the file",
        "a page of the portal's came instead of the file",
        "status 404",
        "the sign-in page came instead of the file",
    ] == [
        refusal(room, sign_in),
        refusal(room, error),
        refusal(room, error, name="b.html"),
        refusal(room, f"{room.desk.url}/nowhere"),
        refusal(room, file, signed_in=False),
    ]


def test_only_allowed_hosts_are_asked(room: DeskRoom) -> None:
    """Another host gets no request, also by a redirect, unless the profile names it."""
    url = serve(room, "/file")
    elsewhere = url.replace("127.0.0.1", "localhost")
    room.desk.public.add("/file")

    async def redirect(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(elsewhere)

    room.desk.pages["/link"] = redirect

    assert "is not among the profile's origins" in refusal(room, elsewhere)
    assert "is not among the profile's origins" in refusal(room, f"{room.desk.url}/link")
    assert ("GET", "/file") not in room.desk.seen
    assert BYTES == fetch(room, elsewhere, profile=small_profile(origins=[elsewhere.removesuffix("/file")]))[0]


def test_no_answer_is_a_failed_download(room: DeskRoom) -> None:
    """A connection that breaks is told, and raises nothing else."""

    async def reset(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    room.desk.pages["/file"] = reset

    assert refusal(room, f"{room.desk.url}/file")


def bad_page(room: DeskRoom) -> PageRequest:
    token = "document.cookie.split('=')[1]"
    room.desk.pages["/list"] = page(
        f"<p id=at>half</p><script>fetch('/api?' + {token}); at.title = {token}; throw 1</script>"
    )
    room.desk.pages["/api"] = "{}"
    return PageRequest(kind=PageKind.LIST, url=f"{room.desk.url}/list")


def test_evidence_is_whole_and_without_secrets(either_room: DeskRoom) -> None:
    """Text, picture, recording and the facts are saved; nobody could sign in with any of it."""
    room = either_room
    request = bad_page(room)
    # This portal lets scripts see its session, and the script writes it into the page.
    room.desk.sign_in = lambda response: _readable(room, response)  # type: ignore[method-assign]

    async def go() -> tuple[Reading, Path]:
        async with room.portal(small_profile(politeness__deadline=4), by_password=True) as portal:
            await portal.read(request)
            bad = await portal.read(request)
            return bad, await portal.save_evidence(bad)

    bad, folder = room.thread.run(go())

    about = json.loads((folder / "about.json").read_text())
    assert (Verdict.BLANK, "blank", room.engine.value, True) == (
        bad.verdict,
        about["verdict"],
        about["engine"],
        about["trace"],
    )
    assert about["script_errors"]
    assert b"\x89PNG" == (folder / "page.png").read_bytes()[:4]
    assert "half" in (folder / "page.html").read_text()
    everything = b"\n".join(path.read_bytes() for path in folder.iterdir() if path.suffix != ".zip") + unpacked(folder)
    assert [] == [secret for secret in (*room.desk.sessions, PASSWORD) if secret.encode() in everything]
    assert b"half" in unpacked(folder)


def _readable(room: DeskRoom, response: web.Response) -> None:
    room.desk.sessions.add("token-a8c4e12f9b")
    response.set_cookie("desk-session", "token-a8c4e12f9b")


def unpacked(folder: Path) -> bytes:
    with zipfile.ZipFile(folder / "trace.zip") as trace:
        return b"\n".join(trace.read(name) for name in trace.namelist())


def test_good_pages_are_not_recorded(room: DeskRoom) -> None:
    """Without trouble there is no recording; evidence has the text and the facts all the same."""

    async def go() -> Path:
        async with room.portal() as portal:
            home = PageRequest(kind=PageKind.HOME, url=f"{room.desk.url}/home")
            return await portal.save_evidence(await portal.read(home))

    folder = room.thread.run(go())

    assert ["about.json", "page.html"] == sorted(path.name for path in folder.iterdir())


def test_the_sign_in_is_never_recorded(room: DeskRoom) -> None:
    """A sign-in in the midst of trouble leaves no password in the recording of what follows."""
    request = bad_page(room)

    async def go() -> Path:
        async with room.portal(small_profile(politeness__deadline=4), signed_in=False) as portal:
            await portal.read(request)
            await portal.read(request)
            await portal.sign_in()
            return await portal.save_evidence(await portal.read(request))

    folder = room.thread.run(go())

    assert [PASSWORD] == room.desk.passwords()
    assert [False, False] == [words in unpacked(folder) for words in (PASSWORD.encode(), b"input[name='password']")]
