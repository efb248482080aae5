"""`caselog verify --live`: a tampered row, an edited message and a new one are told apart at a real portal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.long
def test_sample_is_compared_with_the_portal(open_shop: Callable[..., Any]) -> None:
    """Damage is told from an edit, a newer case is no damage, and the last backup stays the last."""
    shop = open_shop(cases=6)
    assert 0 == shop.run("backup").code
    before = shop.run("status", "--json").value["accounts"]
    tampered, edited, newer, *rest = sorted(case["id"] for case in shop.portal.truth()["cases"])
    sound = shop.run("verify", "--live", shop.account, "--sample", "6", "--json")
    with sqlite3.connect(shop.home / "data" / "archive.sqlite3") as connection:
        connection.execute(
            "UPDATE message_revisions SET body = 'forged' WHERE message_key = (SELECT min(m.id) FROM messages m"
            " JOIN cases c ON c.id = m.case_key WHERE c.case_id = ?)",
            (tampered,),
        )
    connection.close()
    shop.portal.advance(edit=[{"case": edited, "n": 1, "text": "Changed at the portal"}], messages=[{"case": newer}])

    ran = shop.run("verify", "--live", shop.account, "--sample", "6", "--json")

    live = ran.value["live"]
    told = {case["case_id"]: case for case in live["cases"]}
    assert (0, 6) == (sound.code, sound.value["live"]["equal"])
    assert (22, 2, 1, 3, 0) == (ran.code, live["different"], live["newer"], live["equal"], live["not_read"])
    assert {"damage"} == {each["cause"] for each in told[tampered]["differences"]}
    assert [(["body"], 1, "edit")] == [
        (each["fields"], each["revision"], each["cause"]) for each in told[edited]["differences"]
    ]
    assert "newer" == told[newer]["result"]
    assert {"equal"} == {told[case_id]["result"] for case_id in rest}
    assert 22 == shop.run("verify").code
    assert [account["last_run"] for account in before] == [
        account["last_run"] for account in shop.run("status", "--json").value["accounts"]
    ]
