"""The reference is made from the language itself."""

from __future__ import annotations

from agent.profile.model.fields import SimpleFilter
from agent.profile.reference import reference


def test_every_table_key_and_choice_is_in_the_reference() -> None:
    """Nothing that a profile can say is left out, and nothing in it is a name of Python's."""
    text = reference()

    for word in (
        "PortalProfile",
        "Field",
        "Step",
        "Pager",
        "`without`",
        "`changes_with_message`",
        "conditions",
        "`%Z`",
    ):
        assert word in text
    for name in SimpleFilter:
        assert f"`{name}`" in text
    for leak in ("typing.", "BeforeValidator", "<class", "Optional", "NoneType", "agent."):
        assert leak not in text
