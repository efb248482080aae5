"""Pages that a script must fill, and the ways in which it fails to.

The page itself travels inside the shell as JSON. Guards run before it is put in place: each is JavaScript that may
throw, return, or wait. Engines are told apart by what they can do, so that another User-Agent cures nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from mock_portal.faults.registry import Match

POISON_COOKIE = "portal-layout"
#: the kinds that need a page to be a shell
KINDS = frozenset({"script_throws", "mobile_only", "poisoned_cookie", "poisoned_storage", "stale_worker", "bad_script"})

_FEATURES = {
    "chromium": "window.chrome || navigator.userAgentData",
    "firefox": '"mozInnerScreenX" in window',
}

_SHELL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="description" content="Mock portal for tests, not Amazon">
{scripts}</head><body><div id="app"></div>
<script type="application/json" id="page-content">{content}</script>
<script>
document.addEventListener("DOMContentLoaded", async () => {{
  const html = JSON.parse(document.getElementById("page-content").textContent);
  {guards}
  const page = new DOMParser().parseFromString(html, "text/html");
  document.documentElement.replaceWith(document.adoptNode(page.documentElement));
  for (const inert of document.querySelectorAll("script")) {{
    const script = document.createElement("script");
    for (const attribute of inert.attributes) script.setAttribute(attribute.name, attribute.value);
    script.textContent = inert.textContent;
    // inserted scripts run in any order unless told otherwise
    script.async = false;
    inert.replaceWith(script);
  }}
}});
</script></body></html>
"""

GOOD_SCRIPT = "window.portalReady = true;\n"
BAD_SCRIPT = 'window.portalReady = false;\nthrow new SyntaxError("Unexpected end of bundle");\n'

WORKER = """self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate" && event.request.method === "GET") {
    const shell = "<!doctype html><title>Case Log</title><div id=app></div>";
    event.respondWith(new Response(shell, { headers: { "content-type": "text/html" } }));
  }
});
"""

SPINNER = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="description" content="Mock portal for tests, not Amazon">
<link rel="stylesheet" href="/assets/portal.css"></head>
<body><div class="not-amazon" role="note">{banner}</div>
<div id="app"><div class="spinner" role="progressbar" aria-busy="true"></div></div>
<script>fetch("/assets/never");</script></body></html>
"""


def wrapped(html: str, matches: Iterable[Match], *, poisoned: bool, engine: str) -> str | None:
    """The page as a shell, or None if no match asks for one."""
    guards: list[str] = []
    scripts: list[str] = []
    for match in matches:
        fault = match.fault
        if fault.kind.name == "bad_script":
            fault.broken[engine] += match.fires
            # numbered, so that a good copy in a browser's cache protects from none that is put out later
            if number := fault.broken[engine]:
                scripts.append(f'<script src="/assets/boot-{fault.id}-{number}.js"></script>\n')
                guards.append("if (!window.portalReady) return;")
        if guard := _guard(match, poisoned=poisoned):
            guards.append(guard)
    if not guards:
        return None
    # "<" could end the element that carries the page
    content = json.dumps(html, ensure_ascii=False).replace("<", "\\u003c")
    return _SHELL.format(title=_title(html), scripts="".join(scripts), content=content, guards="\n  ".join(guards))


def _guard(match: Match, *, poisoned: bool) -> str:
    guard = ""
    match match.fault.kind.name:
        case "script_throws" if match.fires:
            guard = f"if ({_FEATURES[match.fault.option('engine')]}) throw new TypeError('layout is undefined');"
        case "mobile_only" if match.fires:
            guard = 'if (!("ontouchstart" in window) && !matchMedia("(pointer: coarse)").matches) return;'
        case "poisoned_cookie" if match.fires or poisoned:
            guard = "return;"
        case "poisoned_storage":
            poison = "localStorage.setItem('caseLogState', '{\"columns\":');" if match.fires else ""
            guard = poison + "JSON.parse(localStorage.getItem('caseLogState') || '{}');"
        case "stale_worker" if match.fires:
            guard = f'await navigator.serviceWorker.register("/worker-{match.fault.id}.js"); return;'
        case "stale_worker":
            guard = "if (await navigator.serviceWorker.getRegistration()) return;"
    return guard


def _title(html: str) -> str:
    found = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    return found.group(1) if found else ""
