"""The least that Playwright can do for the job: sign in, then `goto`, one `content()` and the files of each page.

Nothing is looked at, nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections import deque

from playwright.async_api import BrowserContext
from playwright.async_api import async_playwright

from tests.bench.rival.job import Job
from tests.bench.rival.job import fetch
from tests.bench.rival.job import sign_in
from tests.bench.rival.job import tell


async def read(job: Job) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**job.launch)
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(f"{job.url}/signin", wait_until="domcontentloaded")
        await sign_in(page, job)
        await page.close()
        waiting = deque(job.paths)
        sizes = await asyncio.gather(*(_work(context, waiting, job) for _ in range(job.at_once)))
        await browser.close()
    tell(pages=len(job.paths), size=sum(sizes))


async def _work(context: BrowserContext, waiting: deque[str], job: Job) -> int:
    page, size = await context.new_page(), 0
    while waiting:
        path = waiting.popleft()
        await page.goto(job.url + path, wait_until="domcontentloaded")
        size += len(await page.content()) + await fetch(context, job, path)
    return size


if __name__ == "__main__":
    asyncio.run(read(Job.given()))
