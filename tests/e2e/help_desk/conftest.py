"""A real help desk, and caselog as a person runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.e2e.desk_caselog import Caselog
from tests.help_desk.desk import HelpDesk
from tests.help_desk.desk import serve

#: `make help-desk` asks for 500: too slow for every run of the tests.
CASES = int(os.environ.get("CASELOG_DESK_CASES", "30"))

CONFIGURATION = """
[accounts.desk]
profile = "django-helpdesk"
base_url = "{url}"
account_name = "{user[login]}"
user = "{user[login]}"
password = {{ env = "DESK_PASSWORD" }}
pace = {{ requests_per_second = 0, pages = 4 }}
variables = {{ saved_query = "{saved_search}" }}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HelpDesk]:
    with serve(tmp_path_factory.mktemp("desk"), cases=CASES) as desk:
        yield desk


@pytest.fixture(scope="module")
def caselog(desk: HelpDesk, tmp_path_factory: pytest.TempPathFactory) -> Caselog:
    home = tmp_path_factory.mktemp("home")
    (home / "caselog.toml").write_text(CONFIGURATION.format(url=desk.url, **desk.truth), encoding="utf-8")
    return Caselog(home, desk.truth["user"]["password"])
