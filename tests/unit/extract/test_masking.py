"""Saved pages that may leave the machine: nothing private stands in them, and a profile still reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.extract.check import check_pack
from agent.extract.masking import Mask
from agent.extract.masking import vocabulary
from agent.extract.pack_writing import masked_pack
from agent.extract.packs import load_pack
from agent.extract.pages import extract
from agent.extract.reading import CasePage
from agent.profile.load import load_profile

CASES = Path(__file__).parent.parent.parent / "cases"


def mask_of(profile: str) -> Mask:
    return Mask(vocabulary(load_profile(profile)), b"a key of this test")


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["seller-central", "django-helpdesk"])
def test_a_masked_pack_is_read_as_the_pages_were(name: str, tmp_path: Path) -> None:
    """Verdicts, counts and failing selectors are those of the pages, so that a profile can be mended with it."""
    profile, pack = load_profile(name), load_pack(CASES / name)
    snapshots = [page.snapshot for page in pack.pages]

    files = masked_pack(snapshots, pack.account, locale=None, mask=mask_of(name))

    before, after = check_pack(profile, pack), check_pack(profile, load_pack(written(tmp_path, dict(files))))
    assert [(page.verdict, page.count, page.failures) for page in before.pages] == [
        (page.verdict, page.count, page.failures) for page in after.pages
    ]
    assert before.unseen == after.unseen


@pytest.mark.parametrize("name", ["seller-central", "django-helpdesk"])
def test_nothing_private_is_left(name: str) -> None:
    """Of subjects, authors, texts and files nothing is found in it, nor who the account is."""
    profile, pack = load_profile(name), load_pack(CASES / name)
    private = {pack.account.user, pack.account.account_name} - {""}
    for page in pack.pages:
        read = extract(page.snapshot, profile, page.locale, pack.account).page
        if isinstance(read, CasePage):
            private |= {line for message in read.messages for line in message.body.splitlines() if len(line) > 12}
            private |= {file.name for message in read.messages for file in message.attachments}

    files = masked_pack([page.snapshot for page in pack.pages], pack.account, locale=None, mask=mask_of(name))

    assert private
    assert [] == [text for text in private for file in files.values() if text in file]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dana Okafor", "Xxxx Xxxxxx"),
        ("Status: Needs your attention", "Status: Needs your attention"),
        ("Mar 08, 2026 3:05 AM PDT", "Mar 08, 2026 3:05 AM PDT"),
        ("Cases 1 to 10 of 556", "Cases 1 to 10 of 556"),
        ("Größe 12", "Xxxxx 12"),
        ("退款申請", "文文文文"),
    ],
)
def test_words_and_dates(text: str, expected: str) -> None:
    """What the profile names stays, like dates and counts; anything else keeps only its shape."""
    assert expected == mask_of("seller-central").text(text)


def test_long_numbers_stay_equal_to_each_other() -> None:
    """A case's id is another number of its length, the same in its link; in a long text every number is another."""
    mask = mask_of("seller-central")
    masked = mask.text("12750439141")

    assert (11, True) == (len(masked), masked != "12750439141")
    assert f"http://x.example/view?caseID={masked}" == mask.url("http://x.example/view?caseID=12750439141").replace(
        "xxxx?", "view?"
    )
    assert "1234" not in mask.text("word " * 20 + "1234")


def test_scripts_are_left_out_and_depth_does_no_harm() -> None:
    """What scripts, styles and comments say is not looked at; ten thousand nested elements are written again."""
    page = "<script>secret</script><style>secret</style><!-- secret -->" + "<div>" * 10_000 + "<b title='secret'>secret"

    masked = mask_of("seller-central").page(page)

    assert ("secret" in masked, masked.count("<div>")) == (False, 10_000)
    assert '<b title="xxxxxx">xxxxxx</b>' in masked
