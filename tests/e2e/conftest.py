"""Real browsers for the outer ring: every test with a `page` runs in Chromium and in Firefox.

Playwright's own builds come first; where they were not downloaded, the system's browsers are driven.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType

from agent.browser.launch import CHROMIUM_SWITCHES

_SYSTEM_BROWSERS = {
    "chromium": ("google-chrome-stable", "google-chrome", "chromium", "chromium-browser", "microsoft-edge"),
    "firefox": ("firefox-esr", "firefox"),
}


#: What is shown for both engines in `make test`; what Firefox repeats beside this waits for `make long`. The folder
#: `browser`, where the engines differ, is not asked.
BOTH_ENGINES = frozenset(
    {
        "test_a_reply_with_files_is_sent_once",
        "test_browsers_send_a_cut_post_again",
    }
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and _repeats_in_firefox(item):
            item.add_marker(pytest.mark.long)


def _repeats_in_firefox(test: pytest.Function) -> bool:
    here = Path(__file__).parent in test.path.parents and test.path.parent.name != "browser"
    in_firefox = hasattr(test, "callspec") and "firefox" in test.callspec.params.values()
    return here and in_firefox and test.originalname not in BOTH_ENGINES


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.browser:
        config.option.browser = ["chromium", "firefox"]


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_type: BrowserType, browser_name: str
) -> dict[str, Any]:
    if browser_name == "chromium":
        browser_type_launch_args = {**browser_type_launch_args, "args": list(CHROMIUM_SWITCHES)}
    if Path(browser_type.executable_path).exists():
        return browser_type_launch_args
    found = next(filter(None, map(shutil.which, _SYSTEM_BROWSERS[browser_name])), None)
    if found is None:
        pytest.skip(f"no {browser_name} on this machine")
    # a system Firefox speaks WebDriver BiDi, which only this channel drives
    channel = {"channel": "moz-firefox"} if browser_name == "firefox" else {}
    return {**browser_type_launch_args, **channel, "executable_path": found}
