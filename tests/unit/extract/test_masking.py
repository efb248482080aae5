"""Saved pages that may leave the machine: nothing private stands in them, and a profile still reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.extract.check import check_pack
from agent.extract.masking import Mask
from agent.extract.pack_writing import masked_pack
from agent.extract.packs import load_pack
from agent.extract.pages import extract
from agent.extract.reading import CasePage
from agent.profile.account import AccountFacts
from agent.profile.load import load_profile

CASES = Path(__file__).parent.parent.parent / "cases"


def mask_of(profile: str) -> Mask:
    return Mask.of(load_profile(profile), b"a key of this test")


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
        ("8 Sep 2026 14:05 BST", "8 Sep 2026 14:05 BST"),
        ("16.03.2026 14:05 MEZ", "16.03.2026 14:05 MEZ"),
    ],
)
def test_words_and_dates(text: str, expected: str) -> None:
    """What the profile names stays, like dates and counts; anything else keeps only its shape."""
    assert expected == mask_of("seller-central").text(text)


@pytest.mark.parametrize(
    "number",
    [
        "4111 1111 1111 1111",
        "+49 170 123-4567",
        "(030) 123.45.67",
        "123-45-6789",
        "555 1234",
        "12/34/56/78",
        "1234\u20135678",
    ],
)
def test_numbers_in_groups_are_long_numbers(number: str) -> None:
    """Cards, telephones and tax numbers are written in groups; the groups stay, the digits do not."""
    masked = mask_of("seller-central").text(number)

    assert re.sub(r"\d", "0", number) == re.sub(r"\d", "0", masked)
    assert [] == [long for long in re.findall(r"\d{3,}", number) if long in masked]
    assert number != masked


def test_what_the_markup_says_of_people_is_masked() -> None:
    """Names and addresses in names, pictures in styles, sign-ins in addresses, the hosts of others; the portal's own
    host, and the names that selectors are made of, stay."""
    mask = mask_of("seller-central").of_portal(["https://desk.example:8443/cases"], ACCOUNT)
    page = (
        '<p id="row-okafor" class="row okafor harborpine" name="case7">Okafor</p>'
        '<i id="dana@harborpine.example" name="Dana Okafor" data-testid="of-harborpine"></i>'
        '<b style="display: none; background: url(https://cdn.example/dana.png)"></b>'
        '<a href="https://dana:pw@desk.example/x?q=dana"></a><a href="//desk.example/y"></a>'
        '<a href="https://cdn.example/z"></a><a href="tel:+49-170-1234567"></a>'
    )

    masked = mask.page(page)

    assert [] == [word for word in ("dana", "cdn", "pw", "1234567", "url(") if word in masked.casefold()]
    assert (
        '<p id="row-xxxxxx" class="row okafor xxxxxxxxxx" name="case7">Xxxxxx</p>'
        '<i id="xxxx@xxxxxxxxxx.xxxxxxx" name="Xxxx Xxxxxx" data-testid="of-xxxxxxxxxx"></i>'
        '<b style="display: none"></b>'
        '<a href="https://desk.example/x?x=xxxx"></a><a href="//desk.example/y"></a>'
    ) in masked


ACCOUNT = AccountFacts(
    name="main", base_url="https://desk.example", user="dana@harborpine.example", account_name="Harbor & Pine"
)


def test_long_numbers_stay_equal_to_each_other() -> None:
    """A case's id is another number of its length, the same in its link; in a long text every number is another."""
    mask = mask_of("seller-central").of_portal(["http://x.example"], ACCOUNT)
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
