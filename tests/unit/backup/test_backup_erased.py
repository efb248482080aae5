"""What a person erased is listed by the portal for ever, and no run reads or stores it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from storage import archive
from storage.erasure.erase import erase
from storage.erasure.preview import preview
from storage.erasure.scope import Scope
from storage.errors import Erased
from storage.records import CaseRef
from tests.unit.backup.backup_house import House
from tests.unit.backup.backup_house import some_cases
from tests.unit.recovery.scripted_portal import NOON
from tests.unit.recovery.scripted_portal import ScriptedPortal


def test_erased_case_is_neither_read_nor_marked(
    house: Callable[[ScriptedPortal], House], run_async: Callable[..., Any]
) -> None:
    """The run is complete, counts the case as erased, opens it not once, and does not call it absent."""
    home = house(ScriptedPortal(some_cases(3)))
    first = run_async(home.run())
    scope = Scope(account="acme", case_id="2")
    digest = preview(home.database, scope).digest
    erase(home.database, scope, digest, actor="ann", reason="asked", at=NOON, is_dead=lambda _holder: True)

    second = run_async(home.run())

    assert ("complete", 3, 1, 0) == (
        second.outcome.value,
        second.counts.seen,
        second.counts.erased,
        second.counts.absent,
    )
    assert first.pages["live"] - 1 == second.pages["live"]
    assert ["1", "3"] == [each.record.case_id for each in archive.iterate_cases(home.database)]
    with pytest.raises(Erased):
        archive.get_case(home.database, CaseRef(account="acme", case_id="2"))
