"""Pages opened and read in both engines, odd answers included."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from agent.browser.calls import PageTrouble
from agent.browser.page import Arrival
from agent.extract.snapshot import Engine
from tests.e2e.browser.lab import Lab


def test_shadow_roots_are_written_out(lab: Lab) -> None:
    """A selector that crosses open shadow roots finds its element in the page's text."""
    lab.site.pages["/"] = """<!doctype html><title>t</title>
      <odd-box><b slot=a>light</b><i>unslotted</i></odd-box><script>
      customElements.define('odd-box', class extends HTMLElement { constructor() { super();
        this.attachShadow({mode: 'open'}).innerHTML =
          '<p class=deep>deep <slot name=a></slot><odd-in></odd-in></p>' } });
      customElements.define('odd-in', class extends HTMLElement { constructor() { super();
        this.attachShadow({mode: 'open'}).innerHTML = '<em>deeper</em>' } });</script>"""

    tree = lab.read()

    expected = {"odd-box p.deep em": ["deeper"], "odd-box > b": ["light"], "i[hidden]": ["unslotted"], "title": ["t"]}
    assert expected == {css: [node.text() for node in tree.css(css)] for css in expected}


def test_controls_carry_what_they_hold(lab: Lab) -> None:
    """What was typed, ticked and chosen is in the text; a password and a one-time code never are."""
    lab.site.pages["/"] = """<!doctype html><form><input name=attributes value=old>
      <input type=password name=p value=secret1><input name=code autocomplete=one-time-code value=secret2>
      <textarea name=childNodes></textarea><input type=checkbox name=c value=yes checked>
      <select name=s><option>one<option>two</select></form><script>
      const f = document.forms[0].elements; f[0].value = 'n"<w>&'; f[1].value = 'secret3'; f[2].value = 'secret4';
      f[3].value = "\\nline <1>"; f[4].checked = false; f[5].selectedIndex = 1</script>"""

    form = lab.read().css("form")[0]

    assert "secret" not in str(form.html)
    assert {
        "attributes": 'n"<w>&',
        "p": None,
        "code": None,
        "childNodes": "\nline <1>",
        "c": "yes",
        "s": "two",
    } == {node.attributes["name"]: node.attributes.get("value") for node in form.css("[name]")}
    assert [] == form.css("[checked]")
    assert ["two"] == [node.text() for node in form.css("option[selected]")]
    assert "\nline <1>" == form.css("textarea")[0].text()


def test_hidden_is_what_is_not_rendered(lab: Lab) -> None:
    """`hidden` stands on what no eye can see, whatever the reason, and on nothing else."""
    lab.site.pages["/"] = """<!doctype html><style>.off {display: none} .inv {visibility: hidden}
      .vis {visibility: visible} #forced[hidden] {display: block} .c {display: contents}</style>
      <p id=plain>a</p><p id=off class=off>b <b id=inner>c</b></p><p id=inv class=inv>d</p>
      <p id=mixed class=inv>e <b id=shown class=vis>f</b></p><p id=forced hidden>g</p><div id=c class=c>h</div>
      <noscript>please switch on scripts</noscript><template><p>not there</p></template>"""

    tree = lab.read()

    assert ["off", "inv"] == [node.attributes["id"] for node in tree.css("[id][hidden]")]
    assert tree.body is not None
    assert "please" not in tree.body.text()
    assert "not there" not in tree.body.text()


def test_frames_are_written_out(lab: Lab) -> None:
    """A same-origin frame's document stands behind its frame; another origin's is left out."""
    other = lab.site.url.replace("127.0.0.1", "localhost")
    lab.site.pages["/"] = (
        f"<!doctype html><iframe id=own src=/inner></iframe><iframe id=other src={other}/inner></iframe>"
    )
    lab.site.pages["/inner"] = "<!doctype html><p class=in>inside</p>"

    tree = lab.read(when="#own + frame-document .in")

    assert ["inside"] == [node.text() for node in tree.css("#own + frame-document .in")]
    assert [] == tree.css("#other + frame-document .in")


WHERE = pytest.mark.parametrize("frame", [(), ("iframe",)], ids=["in the page", "in a frame"])


def put_files(lab: Lab, files: list[Path], frame: tuple[str, ...]) -> tuple[str, ...]:
    """Put them into a hidden input; returns what it says that it holds."""
    lab.site.pages["/"] = "<!doctype html><input type=file multiple hidden><iframe src=/inner></iframe>"
    lab.site.pages["/inner"] = "<!doctype html><input type=file multiple hidden>"

    async def put() -> tuple[str, ...]:
        async with lab.page() as page:
            await page.open(f"{lab.site.url}/", seconds=15)
            files_input = await page.find_input("input", frame=frame)
            assert files_input is not None
            await files_input.set_files(files)
            return await files_input.file_names()

    return lab.thread.run(put())


@WHERE
def test_files_are_put_in(lab: Lab, tmp_path: Path, frame: tuple[str, ...]) -> None:
    """A file input holds the files by their names, wherever it stands."""
    files = [tmp_path / "proof.pdf", tmp_path / "\u9000\u6b3e.unheard-of"]
    for file in files:
        file.write_bytes(b"%PDF")

    assert ("proof.pdf", "\u9000\u6b3e.unheard-of") == put_files(lab, files, frame)


@WHERE
def test_a_file_that_is_gone_is_told(lab: Lab, tmp_path: Path, frame: tuple[str, ...]) -> None:
    """It is a form that cannot be filled, wherever its input stands."""
    with pytest.raises(PageTrouble, match="put files into input"):
        put_files(lab, [tmp_path / "gone.pdf"], frame)


def test_text_survives_being_parsed_again(lab: Lab) -> None:
    """Markup in text, quotes in attributes, leading newlines and a message's own tags are as they were shown."""
    lab.site.pages["/"] = """<!doctype html><meta charset=utf-8><pre>

two</pre><p title='say "hi" &amp; go'>1 &lt;b&gt; &amp;amp; 2&nbsp;3 \u9000\u6b3e \U0001f600</p>
      <script type=application/json>{"a": "</b>"}</script>"""

    tree = lab.read()

    expected = {"pre": ["\ntwo"], "p": ["1 <b> &amp; 2\xa03 \u9000\u6b3e \U0001f600"], "script": ['{"a": "</b>"}']}
    assert expected == {css: [node.text() for node in tree.css(css)] for css in expected}
    assert ['say "hi" & go'] == [node.attributes["title"] for node in tree.css("p")]


async def _answer_500(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=500)


async def _answer_503(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=503, text="<p>later</p>", content_type="text/html", headers={"Retry-After": "7"})


async def _reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _truncated(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/html", "Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b"<!doctype html><p>half a")
    assert request.transport is not None
    request.transport.close()
    return response


async def _bad_gzip(_request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"no gzip", headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})


async def _hang(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


async def _nothing(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=204)


ANSWERS = {
    "/500": _answer_500,
    "/503": _answer_503,
    "/204": _nothing,
    "/reset": _reset,
    "/truncated": _truncated,
    "/gzip": _bad_gzip,
    "/hang": _hang,
}

BIDI_UNKNOWN = "Protocol error (browsingContext.navigate): unknown error"

#: Path -> status, the engines' words for what failed, whether the document was whole.
BAD_ANSWERS = {
    "/500": (500, {Engine.CHROMIUM: "net::ERR_HTTP_RESPONSE_CODE_FAILURE"}, {Engine.FIREFOX}),
    "/503": (503, {}, {Engine.CHROMIUM, Engine.FIREFOX}),
    "/204": (204, {Engine.CHROMIUM: "net::ERR_ABORTED", Engine.FIREFOX: BIDI_UNKNOWN}, set()),
    "/reset": (None, {Engine.CHROMIUM: "net::ERR_EMPTY_RESPONSE", Engine.FIREFOX: "NS_ERROR_NET_RESET"}, set()),
    "/truncated": (
        200,
        {Engine.CHROMIUM: "net::ERR_CONTENT_LENGTH_MISMATCH", Engine.FIREFOX: "NS_ERROR_NET_PARTIAL_TRANSFER"},
        set(),
    ),
}


@pytest.mark.parametrize("path", BAD_ANSWERS)
def test_a_bad_answer_is_an_arrival(lab: Lab, path: str) -> None:
    """What the server did wrong is told by status and failure, long before the deadline, and raises nothing."""
    lab.site.pages.update(ANSWERS)
    status, failures, whole = BAD_ANSWERS[path]

    arrival = lab.arrive(path, seconds=10_000)

    expected = Arrival(
        url=f"{lab.site.url}{path}",
        status=status,
        failure=failures.get(lab.engine),
        retry_after="7" if path == "/503" else None,
        loaded=lab.engine in whole,
    )
    assert expected == arrival


def test_an_undecodable_page_has_no_text(lab: Lab) -> None:
    """The browser's own error page is a failure with an empty text, also where it is shown a moment late."""
    lab.site.pages.update(ANSWERS)

    async def go() -> tuple[str, str | None, bool]:
        async with lab.page() as page:
            arrival = await page.open(f"{lab.site.url}/gzip", seconds=15)
            while arrival.failure is None:
                await asyncio.sleep(0.02)
                arrival = page.arrived()
            return await page.html(), arrival.failure, arrival.loaded

    failure = {Engine.CHROMIUM: "net::ERR_CONTENT_DECODING_FAILED", Engine.FIREFOX: "contentEncodingError"}
    text, found, loaded = lab.thread.run(go())
    assert (failure[lab.engine], False) == (found, loaded)
    assert "no gzip" not in text
    assert "compression" not in text


def test_a_hanging_server_is_an_arrival(lab: Lab) -> None:
    """A server that never answers costs the deadline and gives an arrival without a document."""
    lab.site.pages.update(ANSWERS)

    arrival = lab.arrive("/hang", seconds=1)

    expected = Arrival(url=f"{lab.site.url}/hang", status=None, failure=None, retry_after=None, loaded=False)
    assert expected == arrival


def test_a_script_redirect_is_no_failure(lab: Lab) -> None:
    """A document that gives way to another one by script is not taken for a failed one."""
    lab.site.pages["/"] = "<!doctype html><script>location.replace('/there')</script>"
    lab.site.pages["/there"] = "<!doctype html><p id=there>there</p>"

    tree = lab.read(when="#there")

    assert ["there"] == [node.text() for node in tree.css("p")]


def test_browsers_say_who_they_are(lab: Lab) -> None:
    """The User-Agent is the browser's own with our name at its end."""
    running = lab.thread.run(lab.browsers.get(lab.engine))

    assert running.user_agent.endswith(" caselog/0.1.0 (+automated)")
    assert {Engine.CHROMIUM: "Chrome/", Engine.FIREFOX: "Gecko/"}[lab.engine] in running.user_agent
