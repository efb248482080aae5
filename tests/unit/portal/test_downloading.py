"""What a portal may answer in place of a file, without a portal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import pytest

from agent.browser.session import Answer
from agent.clock import ManualClock
from agent.errors import AccessDenied
from agent.errors import CaselogError
from agent.errors import DownloadFailed
from agent.errors import PersonNeeded
from agent.portal.downloading import Downloader
from agent.portal.limiter import Limiter
from agent.portal.site import Site
from agent.profile.account import AccountFacts
from storage.records import AttachmentRef
from tests.e2e.portal.small_portal import small_profile

if TYPE_CHECKING:
    from tests.conftest import AsyncRunner

URL = "https://portal.test/file"
PROFILE = small_profile(
    sign_in__challenges=[{"kind": "captcha", "when": ".captcha"}],
    verdicts={"denied": ".blocked", "challenge": ".robot"},
)


def answer(status: int = 200, body: str = "content", mime: str = "text/plain", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(URL, status, {"content-type": mime, **named}, body.encode())


def page(body: str, *, status: int = 200, **headers: str) -> Answer:
    return answer(status, body, "text/html; charset=utf-8", **headers)


class FalseSession:
    """Gives these answers, one after the other."""

    def __init__(self, *answers: Answer) -> None:
        self.left = list(answers)

    async def get(self, url: str, *, seconds: float) -> Answer:
        return self.left.pop(0)


def fetch(
    run_async: AsyncRunner[Any], folder: Path, *answers: Answer, name: str = "a.txt", url: str = URL
) -> tuple[str, float]:
    """What came, or why it did not, and how long that was waited for."""
    clock = ManualClock()
    session: Any = FalseSession(*answers)
    limiter = Limiter(clock, requests_per_second=0, at_once=1)
    account = AccountFacts(name="acme", base_url="https://portal.test", user="ann", account_name="Ann Ltd")
    downloader = Downloader(Site(PROFILE, account, None), clock, limiter, folder)
    try:
        download = run_async(downloader.fetch(session, AttachmentRef(name=name, url=url)))
        told = download.path.read_text()
    except DownloadFailed as failed:
        told = failed.reason
    assert [] == session.left
    return told, sum(clock.slept)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([answer(429, retry_after="5"), answer()], ("content", 5.0)),
        ([answer(429), answer()], ("content", 2.0)),
        ([answer(503, retry_after="3"), answer(503, retry_after="4"), answer()], ("content", 7.0)),
        ([answer(429, retry_after="5")] * 3, ("status 429", 10.0)),
        ([answer(429, retry_after="3600")], ("status 429", 0.0)),
    ],
)
def test_a_rest_is_taken_before_a_file_is_asked_for_again(
    run_async: AsyncRunner[Any], tmp_path: Path, answers: list[Answer], expected: tuple[str, float]
) -> None:
    """As long as told, twice at most; what is told to wait for longer is left to the next run."""
    assert expected == fetch(run_async, tmp_path, *answers)


@pytest.mark.parametrize(
    ("shown", "error"),
    [
        (page("<p class=captcha>"), PersonNeeded),
        (page("<p class=robot>", status=403), PersonNeeded),
        (page("<p class=blocked>", status=403), AccessDenied),
    ],
)
def test_a_challenge_in_place_of_a_file_is_not_pushed_against(
    run_async: AsyncRunner[Any], tmp_path: Path, shown: Answer, error: type[CaselogError]
) -> None:
    """It ends the run, as it does on any page."""
    with pytest.raises(error):
        fetch(run_async, tmp_path, shown)


@pytest.mark.parametrize(
    ("answered", "name", "expected"),
    [
        (page("<p class=captcha>", content_disposition="attachment"), "a.txt", "<p class=captcha>"),
        (page("<p class=captcha>"), "a.html", "<p class=captcha>"),
        (answer(403), "a.txt", "status 403"),
    ],
)
def test_a_file_may_look_like_anything(
    run_async: AsyncRunner[Any], tmp_path: Path, answered: Answer, name: str, expected: str
) -> None:
    """What somebody sent in stops no run, nor does a link that has expired."""
    assert (expected, 0.0) == fetch(run_async, tmp_path, answered, name=name)


@pytest.mark.parametrize("url", ["https://portal.test:99999/", "https://[portal/", "https://other.test/file"])
def test_an_address_that_leads_nowhere_is_not_asked(run_async: AsyncRunner[Any], tmp_path: Path, url: str) -> None:
    """An address that is none costs the file, not the run."""
    assert fetch(run_async, tmp_path, url=url)[0].endswith("is not among the profile's origins")
