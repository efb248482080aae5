"""Portals that keep the page in the fragment of the address."""

from __future__ import annotations

from tests.e2e.browser.lab import Lab


def test_an_address_whose_fragment_alone_is_another_is_loaded(lab: Lab) -> None:
    """The next case is read from the server, and a reload is one; a browser by itself would load nothing."""
    lab.site.pages["/"] = "<p></p><script>document.querySelector('p').textContent = location.hash</script>"

    async def go() -> list[str]:
        shown = []
        async with lab.page() as page:
            for address in ("/#case/1", "/#case/2", "/#case/2", "/"):
                arrival = await page.open(f"{lab.site.url}{address}", seconds=15)
                shown.append(f"{arrival.status} {arrival.url.removeprefix(lab.site.url)} {await page.evaluate(READ)}")
        return shown

    shown = lab.thread.run(go())

    assert ["200 /#case/1 #case/1", "200 /#case/2 #case/2", "200 /#case/2 #case/2", "200 / "] == shown
    assert 4 == lab.site.seen.count(("GET", "/"))


READ = "document.querySelector('p').textContent"
