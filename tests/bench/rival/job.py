"""The job that every way of reading gets, and what the other ways share: the sign-in and the files.

Imports nothing of ours, since one of them runs in an environment of its own.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import Self

import pyotp

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext
    from playwright.async_api import Page


@dataclass(frozen=True, kw_only=True)
class Job:
    """Sign in at `url`, read the pages `paths`, `at_once` at a time, with the browser that `launch` says.

    `files` are what lies on a page, by its path; they are fetched after it, with the session of the browser.
    """

    url: str
    user: str
    password: str
    totp: str
    launch: dict[str, Any]
    paths: list[str]
    files: dict[str, list[str]]
    at_once: int
    database: str

    @classmethod
    def given(cls) -> Self:
        """What stands on standard input."""
        return cls(**json.load(sys.stdin))

    def as_text(self) -> str:
        return json.dumps(asdict(self))


async def sign_in(page: Page, job: Job) -> None:
    """From the sign-in form, which the page shows, to the home page."""
    await page.fill("#email", job.user)
    await page.fill("#password", job.password)
    await page.click("#sign-in-submit")
    await page.fill("#otp", pyotp.TOTP(job.totp).now())
    await page.click("#code-submit")
    await page.wait_for_selector("header form.sign-out")


async def fetch(context: BrowserContext, job: Job, path: str) -> int:
    """The bytes of a page's files."""
    size = 0
    for file in job.files.get(path, ()):
        answer = await context.request.get(job.url + file)
        size += len(await answer.body())
        await answer.dispose()
    return size


def tell(**done: int) -> None:
    """The answer, on standard output."""
    print(json.dumps(done))
