"""How an engine is started. Pure: a `LaunchSpec` in, Playwright's arguments out."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.browser.engines import Drive
from agent.browser.engines import EngineKind
from agent.browser.engines import FoundEngine
from agent.extract.snapshot import Engine

#: With one attempt Firefox never sends a request again by itself after a kept-alive connection was reset or closed;
#: Chromium cannot be told so. This is what makes Firefox the engine that submits.
SEND_ONCE = {"network.http.request.max-attempts": 1}

#: Extensions that the system gives to every Firefox are a person's; without them it also starts in less time.
NO_SYSTEM_EXTENSIONS = {"extensions.enabledScopes": 0}

#: What Playwright 1.64.1 turns off in Chromium. Of several lists Chromium heeds the last one, so ours holds theirs.
_OFF_BY_PLAYWRIGHT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "DialMediaRouteProvider",
    "GlobalMediaControls",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "BlockOriginHeaderModificationOnRedirect",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "Translate",
    "AutoDeElevate",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)

#: The suggestions below the address bar are pages of their own, loaded for every window: measured in Chromium 156, a
#: first page without them takes 0.5 s of the processor instead of 2. Nobody types an address here.
_SUGGESTIONS = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")

#: A new frame host for every document of one site: measured in Chromium 156, a backup takes a tenth more of the
#: processor with it. Nothing of one document outlives the next one without it either.
_FRAME_HOSTS = ("RenderDocument",)

CHROMIUM_SWITCHES = (f"--disable-features={','.join((*_OFF_BY_PLAYWRIGHT, *_SUGGESTIONS, *_FRAME_HOSTS))}",)


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """One way to start one engine."""

    found: FoundEngine
    headless: bool = True
    sandbox: bool = False

    @property
    def sends_once(self) -> bool:
        """Whether a request that got no answer is proven to be sent only once."""
        return self.found.engine is Engine.FIREFOX


def sandbox_possible() -> bool:
    """Chromium refuses its sandbox to root; whether the kernel grants it to others only a launch shows."""
    return sys.platform == "win32" or os.geteuid() != 0


def lacks_screen(*, platform: str = sys.platform, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a window could not be opened: on Linux without X11 or Wayland."""
    return platform.startswith("linux") and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def launch_arguments(spec: LaunchSpec) -> dict[str, Any]:
    """Return the arguments of `BrowserType.launch`."""
    # Ctrl-C reaches the driver too, which would end the browsers; but we want to finish the case in hand first.
    arguments: dict[str, Any] = {"headless": spec.headless, "handle_sigint": False}
    if spec.found.engine is Engine.CHROMIUM:
        arguments["chromium_sandbox"] = spec.sandbox
        arguments["args"] = list(CHROMIUM_SWITCHES)
        if spec.found.kind is EngineKind.PLAYWRIGHT:
            arguments["channel"] = "chromium"  # the new headless of the real browser, never the headless shell
            return arguments
    else:
        arguments["firefox_user_prefs"] = SEND_ONCE | NO_SYSTEM_EXTENSIONS
        if spec.found.how_driven is Drive.BIDI:
            arguments["channel"] = "moz-firefox"
    arguments["executable_path"] = str(spec.found.path)
    return arguments
