"""Which locale a page is read in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.extract.dom import Document
from agent.extract.pages import page_locales
from agent.profile.model.profile import PortalProfile


@pytest.mark.parametrize(
    ("said", "expected", "locales"),
    [
        ("en-US", None, "en-US"),
        ("en", None, "en-US en-GB"),
        ("EN_gb", None, "en-GB"),
        ("de-AT", None, "de"),
        ("fr", None, "en-US en-GB de"),
        ("", None, "en-US en-GB de"),
        ("", "en-GB", "en-GB"),
        ("fr", "en-GB", "en-GB"),
        ("en", "en-GB", "en-GB"),
        ("en-US", "en-GB", "en-US"),
        ("de", "en-GB", "de"),
    ],
)
def test_a_page_says_its_own_language(
    desk: Callable[..., PortalProfile], said: str, expected: str | None, locales: str
) -> None:
    """What the page says goes before what was expected, if the profile knows the language; no country is picked."""
    profile = desk({"locales": ["en-US", "en-GB", "de"]})

    assert tuple(locales.split()) == page_locales(Document(f'<html lang="{said}">'), profile, expected)
