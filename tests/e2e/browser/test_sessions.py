"""Contexts: what they keep, what they carry, what they record, in both engines."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import web
from selectolax.lexbor import LexborHTMLParser

from agent.browser.calls import PageTrouble
from agent.browser.context import ContextSettings
from agent.browser.context import carried
from agent.browser.forgetting import forget_script
from agent.browser.scrub import scrub_trace
from agent.browser.session import Session
from agent.errors import NoEngine
from agent.extract.snapshot import Device
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from agent.secrets import Redactor
from tests.e2e.browser.lab import Lab

SETTINGS = ContextSettings()
#: Leaves a value in every place that a browser keeps one in, and shows what it finds there.
KEEPER = """<!doctype html><p id=found></p><script>
const open = indexedDB.open('box', 1);
open.onupgradeneeded = () => open.result.createObjectStore('s');
open.onsuccess = () => {
  const transaction = open.result.transaction('s', 'readwrite');
  const store = transaction.objectStore('s');
  transaction.oncomplete = () => document.querySelector('#found').className = 'done';
  const before = store.get('k');
  before.onsuccess = () => {
    const names = document.cookie.split('; ').map(c => c.split('=')[0]).sort().join();
    document.querySelector('#found').textContent =
      [names, localStorage.mine || '', before.result || ''].join('|');
    if (location.search === '?leave') {
      store.put('db', 'k'); localStorage.mine = 'local';
      document.cookie = 'session-id=abcdefgh; path=/'; document.cookie = 'poison=1; path=/';
    }
  };
};
</script>"""


async def found_at(session: Session, url: str) -> str:
    async with session.page() as page:
        await page.open(url, seconds=15)
        while not (found := LexborHTMLParser(await page.html()).css("p#found.done")):
            pass
        return found[0].text().strip()


def test_only_the_sessions_own_cookies_are_carried(lab: Lab) -> None:
    """A new context has the cookies that were carried and nothing else; a saved state has it all, IndexedDB too."""
    lab.site.pages["/"] = KEEPER

    async def go() -> tuple[str, str, str]:
        environment = Environment(lab.engine)
        session = await Session.open(lab.browsers, environment, SETTINGS)
        await found_at(session, f"{lab.site.url}/?leave")
        before = await found_at(session, lab.site.url)
        state, cookies = await session.state(), carried(await session.cookies(), ["session-*"])
        await session.close()
        fresh = await Session.open(lab.browsers, environment, SETTINGS, cookies=cookies)
        carried_on = await found_at(fresh, lab.site.url)
        await fresh.close()
        other = Environment(Engine.FIREFOX if lab.engine is Engine.CHROMIUM else Engine.CHROMIUM)
        restored = await Session.open(lab.browsers, other, SETTINGS, state=state)
        whole = await found_at(restored, lab.site.url)
        await restored.close()
        return before, carried_on, whole

    everything = "poison,session-id|local|db"
    assert (everything, "session-id||", everything) == lab.thread.run(go())


def test_everything_says_who_we_are(lab: Lab) -> None:
    """Pages, scripts' own requests and requests outside the page bear our name behind the browser's own."""
    lab.site.pages["/"] = "<!doctype html><p id=found class=done></p><script>fetch('/api')</script>"
    lab.site.pages["/api"] = "{}"

    async def go() -> str:
        session = await Session.open(lab.browsers, Environment(lab.engine), SETTINGS)
        await found_at(session, lab.site.url)
        await lab.until(lambda: ("GET", "/api") in lab.site.seen)
        await session.get(f"{lab.site.url}/file", seconds=10)
        await session.close()
        return (await lab.browsers.get(lab.engine)).user_agent

    own = lab.thread.run(go())
    assert {("/", own), ("/api", own), ("/file", own)} <= {
        (path, agent) for (_, path), agent in zip(lab.site.seen, lab.site.user_agents, strict=True)
    }


def test_requests_follow_no_redirect(lab: Lab) -> None:
    """A redirect is told as it is, so that a sign-in page is never taken for a file; no answer is trouble."""

    async def redirect(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/signin")

    lab.site.pages["/file"] = redirect

    async def go() -> tuple[int, str, bool]:
        session = await Session.open(lab.browsers, Environment(lab.engine), SETTINGS)
        answer = await session.get(f"{lab.site.url}/file", seconds=10)
        try:
            await session.get("http://127.0.0.1:9/", seconds=5)
            refused = False
        except PageTrouble:
            refused = True
        await session.close()
        return answer.status, answer.headers["location"], refused

    assert (302, "/signin", True) == lab.thread.run(go())
    assert ("GET", "/signin") not in lab.site.seen


def test_list_state_is_forgotten(lab: Lab) -> None:
    """What the profile names is gone from the browser's storage before a page's own script runs; the rest stays."""
    lab.site.pages["/"] = """<!doctype html><script>
      const seen = [localStorage['T_a'], localStorage.keep, sessionStorage['S_b']].map(v => v ? 1 : 0).join('');
      document.write('<p id=found class=done>' + seen + '</p>');
      localStorage['T_a'] = localStorage.keep = sessionStorage['S_b'] = 'x'</script>"""

    async def go() -> list[str]:
        script = forget_script(["T_*"], ["S_b"])
        session = await Session.open(lab.browsers, Environment(lab.engine), SETTINGS, at_start=script)
        seen = [await found_at(session, lab.site.url) for _ in range(2)]
        await session.close()
        return seen

    assert ["000", "010"] == lab.thread.run(go())


def test_a_phone_is_emulated_in_chromium_only(lab: Lab) -> None:
    """MOBILE has touch, a phone's layout and our name; an engine that would only pretend refuses."""
    lab.site.pages["/"] = """<!doctype html><meta name=viewport content="width=device-width"><p id=found class=done>
      </p><script>found.textContent = [navigator.maxTouchPoints > 0, matchMedia('(pointer: coarse)').matches,
      innerWidth < 500, /Android.*caselog/.test(navigator.userAgent)].join()</script>"""

    async def go() -> str:
        session = await Session.open(lab.browsers, Environment(lab.engine, Device.MOBILE), SETTINGS)
        try:
            return await found_at(session, lab.site.url)
        finally:
            await session.close()

    if lab.engine is Engine.CHROMIUM:
        assert "true,true,true,true" == lab.thread.run(go())
    else:
        with pytest.raises(NoEngine):
            lab.thread.run(go())


def test_locale_and_zone_reach_the_page(lab: Lab) -> None:
    """The account's locale and time zone are the browser's."""
    lab.site.pages["/"] = """<!doctype html><p id=found class=done></p><script>found.textContent =
      navigator.language + ' ' + Intl.DateTimeFormat().resolvedOptions().timeZone</script>"""

    async def go() -> str:
        settings = ContextSettings(locale="de_DE", timezone="Asia/Tokyo")
        session = await Session.open(lab.browsers, Environment(lab.engine), settings)
        try:
            return await found_at(session, lab.site.url)
        finally:
            await session.close()

    assert "de-DE Asia/Tokyo" == lab.thread.run(go())


def test_a_recording_holds_no_secret_and_still_opens(lab: Lab, tmp_path: Path) -> None:
    """Cookies, their values anywhere, and authorization are gone from a trace that the viewer still opens."""
    secret, unknown, header = "s3ss10n-value-0815", "nobody-told-us-0815", "basic-0815-header"

    async def page(_request: web.Request) -> web.StreamResponse:
        response = web.Response(text=f"<!doctype html><p id=found class=done>{secret}</p>", content_type="text/html")
        response.set_cookie("session-id", secret)
        return response

    lab.site.pages["/"] = page

    async def go() -> None:
        values = {"session-id": secret, "other": unknown}
        cookies = [{"name": name, "value": value, "url": lab.site.url} for name, value in values.items()]
        session = await Session.open(lab.browsers, Environment(lab.engine), SETTINGS, cookies=cookies)
        await session.start_trace()
        await found_at(session, lab.site.url)
        async with session.page() as live:
            await live.open(lab.site.url, seconds=10)
            await live.evaluate(
                "() => fetch('/api', {headers: {Authorization: ['basic', '0815', 'header'].join('-')}})"
            )
        await session.stop_trace(tmp_path / "raw.zip")
        await session.close()

    lab.thread.run(go())
    redactor = Redactor()
    redactor.register(secret)
    scrub_trace(tmp_path / "raw.zip", tmp_path / "kept.zip", redactor.redact)

    raw = content(tmp_path / "raw.zip")
    assert (True, True) == (secret.encode() in raw, unknown.encode() in raw)
    kept = content(tmp_path / "kept.zip")
    assert [] == [value for value in (secret, unknown, header) if value.encode() in kept]
    assert b"/api" in kept
    assert opens(tmp_path / "kept.zip")


def content(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def opens(path: Path) -> bool:
    """Whether `playwright show-trace` serves the trace, and it is one."""
    command = [sys.executable, "-m", "playwright", "show-trace", "--host", "127.0.0.1", "--port", "0", str(path)]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    viewer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environ, text=True)
    try:
        assert viewer.stdout is not None
        line = next((line for line in viewer.stdout if "http://127.0.0.1" in line), "")
        return re.search(r"http://127\.0\.0\.1:\d+", line) is not None and well_formed(path)
    finally:
        for child in psutil.Process(viewer.pid).children(recursive=True):  # the viewer is the driver's, not Python's
            with suppress(psutil.NoSuchProcess):  # some helpers end by themselves meanwhile
                child.kill()
        viewer.kill()
        viewer.communicate()


def well_formed(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        traces = [name for name in archive.namelist() if name.endswith((".trace", ".network"))]
        events: list[Any] = [json.loads(line) for name in traces for line in archive.read(name).splitlines()]
    return {"context-options", "resource-snapshot"} <= {event.get("type") for event in events}


@pytest.mark.parametrize("ending", ["abort", "close"])
def test_firefox_sends_once(lab: Lab, ending: str) -> None:
    """A form whose kept-alive connection is reset or closed without an answer reaches the server once from Firefox."""
    if lab.engine is not Engine.FIREFOX:
        pytest.skip("Chromium sends again, which is why it does not submit")
    posts: list[str] = []

    async def post(request: web.Request) -> web.StreamResponse:
        posts.append((await request.post())["text"])  # type: ignore[arg-type]  # a text field
        assert request.transport is not None
        getattr(request.transport, ending)()
        return web.Response()

    lab.site.pages["/"] = "<!doctype html><form method=post action=/post><input name=text value=x><button>go</button>"
    lab.site.pages["/post"] = post

    async def go() -> None:
        async with lab.page() as page, lab.page() as other:
            await page.open(lab.site.url, seconds=10)
            button = await page.find("button")
            assert button is not None
            await page.act(button.click(), seconds=5)
            await lab.until(lambda: page.arrived().failure is not None)
            await other.open(lab.site.url, seconds=10)  # what it would send again, it would have sent by now

    lab.thread.run(go())
    assert ["x"] == posts
