"""The job with crawlee's PlaywrightCrawler as quick as its options allow, selectolax and SQLite.

Runs in an environment of its own (`environment.py`). What is turned off is what costs time here: fingerprints,
sessions, looking for block pages, storage on the disk, scaling down. A new page for every request is crawlee's own way.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from crawlee import ConcurrencySettings  # type: ignore[import-not-found]
from crawlee import Request
from crawlee.browsers import BrowserPool  # type: ignore[import-not-found]
from crawlee.browsers import PlaywrightBrowserPlugin
from crawlee.crawlers import PlaywrightCrawler  # type: ignore[import-not-found]
from crawlee.crawlers import PlaywrightCrawlingContext
from crawlee.storage_clients import MemoryStorageClient  # type: ignore[import-not-found]
from selectolax.lexbor import LexborHTMLParser
from selectolax.lexbor import LexborNode

from tests.bench.rival.job import Job
from tests.bench.rival.job import fetch
from tests.bench.rival.job import sign_in
from tests.bench.rival.job import tell

TABLES = """
CREATE TABLE cases (case_id TEXT PRIMARY KEY, subject TEXT, status TEXT);
CREATE TABLE messages (message_id TEXT PRIMARY KEY, case_id TEXT, direction TEXT, author TEXT, sent_at TEXT, body TEXT);
"""


class Store:
    """Rows of one page, in one transaction."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path)
        self._database.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {TABLES}")

    def keep(self, html: str) -> None:
        page = LexborHTMLParser(html)
        summary = page.css_first(".case-summary")
        if summary is None:
            return  # a list: its links are known already
        case_id = summary.attributes["data-case-id"]
        case = (case_id, _text(page, "h1.case-subject"), _text(page, "dd.case-status"))
        messages = [
            (
                each.attributes["id"],
                case_id,
                each.attributes["data-direction"],
                _text(each, ".message-author"),
                _text(each, ".message-time"),
                _text(each, ".message-body"),
            )
            for each in page.css("article.message")
        ]
        with self._database:
            self._database.execute("INSERT OR REPLACE INTO cases VALUES (?, ?, ?)", case)
            self._database.executemany("INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?)", messages)

    def count(self, table: str) -> int:
        return int(self._database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - ours

    def close(self) -> None:
        self._database.close()


async def crawl(job: Job, store: Store) -> int:
    crawler = _crawler(job)
    read = 0

    async def handle(context: PlaywrightCrawlingContext) -> None:
        nonlocal read
        if context.request.label == "sign-in":
            await sign_in(context.page, job)
            await context.add_requests([Request.from_url(job.url + path, always_enqueue=True) for path in job.paths])
            return
        store.keep(await context.page.content())
        await fetch(context.page.context, job, context.request.url.removeprefix(job.url))
        read += 1

    crawler.router.default_handler(handle)
    await crawler.run([Request.from_url(f"{job.url}/signin", label="sign-in")])
    return read


def _crawler(job: Job) -> PlaywrightCrawler:
    plugin = PlaywrightBrowserPlugin(browser_type="chromium", browser_launch_options=job.launch)
    at_once = ConcurrencySettings(
        min_concurrency=job.at_once, max_concurrency=job.at_once, desired_concurrency=job.at_once
    )
    return PlaywrightCrawler(
        browser_pool=BrowserPool(
            [plugin], retire_browser_after_page_count=1_000_000
        ),  # a second one would sign in again
        fingerprint_generator=None,
        goto_options={"wait_until": "domcontentloaded"},
        concurrency_settings=at_once,
        storage_client=MemoryStorageClient(),
        use_session_pool=False,
        retry_on_blocked=False,
        configure_logging=False,
    )


def _text(node: LexborHTMLParser | LexborNode, css: str) -> str:
    found = node.css_first(css)
    return "" if found is None else found.text()


if __name__ == "__main__":
    given = Job.given()
    with closing(Store(given.database)) as kept:
        pages = asyncio.run(crawl(given, kept))
        tell(pages=pages, cases=kept.count("cases"), messages=kept.count("messages"))
