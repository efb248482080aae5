"""Pages that arrive broken: each gives a verdict, never an exception."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from agent.extract.packs import SavedPage
from agent.extract.packs import load_pack
from agent.extract.pages import extract
from agent.extract.reading import Reading
from agent.extract.snapshot import Verdict
from agent.profile.load import load_profile

CASES = Path(__file__).parents[2] / "cases"
PACKS = {name: load_pack(CASES / name) for name in ("seller-central", "django-helpdesk")}
PROFILES = {name: load_profile(name, None) for name in PACKS}
PAGES = [(name, page) for name, pack in PACKS.items() for page in pack.pages]

JUNK = [*"<>\"'\0\ud800\ufffd\u202e", "</div>", "<div>", "<table>", "<script>", "<!--", "&#0;", "9" * 50, "]]>"]
CHANGE = st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(JUNK) | st.text(max_size=8))


def read(name: str, page: SavedPage, html: str) -> Reading:
    return extract(replace(page.snapshot, html=html), PROFILES[name], page.locale, PACKS[name].account)


@settings(max_examples=60)
@given(page=st.sampled_from(PAGES), changes=st.lists(CHANGE, max_size=6))
def test_any_change_of_a_page_gives_a_verdict(
    page: tuple[str, SavedPage], changes: list[tuple[float, int, str]]
) -> None:
    """Cut, overwritten, or sprinkled with markup: what is read is records or a verdict that says why not."""
    name, saved = page
    html = saved.snapshot.html
    for share, length, put in changes:
        place = int(share * len(html))
        html = html[:place] + put + html[place + length :]

    reading = read(name, saved, html)

    assert reading.reason
    assert reading.page is None or reading.verdict in {Verdict.OK, Verdict.EMPTY, Verdict.DRIFTED}
