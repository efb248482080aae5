"""Which files of evidence may show what is to be erased."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import select

from storage.erasure.scope import Scope
from storage.tables import evidence
from storage.tables import runs

TEXTS = (".html", ".json")
RECORDING = ".zip"


def evidence_in(connection: Connection, folder: Path, scope: Scope) -> list[int]:
    """The rows' ids: all of an account's; of a case its own, and whatever may show it as well."""
    mine = select(runs.c.id).where(runs.c.account == scope.account)
    rows = connection.execute(
        select(evidence.c.id, evidence.c.path, evidence.c.case_id)
        .where(evidence.c.run_id.in_(mine), evidence.c.erased_at.is_(None))
        .order_by(evidence.c.id)
    ).all()
    if scope.case_id is None:
        return [row.id for row in rows]
    looks: dict[PurePosixPath, list[Row[Any, Any, Any]]] = defaultdict(list)
    for row in rows:
        looks[PurePosixPath(row.path).parent].append(row)
    return sorted(
        row.id
        for look in looks.values()
        for other in (_is_of_another(look, folder, scope.case_id),)
        for row in look
        # A recording holds what was shown before as well.
        if not other or row.path.endswith(RECORDING)
    )


def _is_of_another(look: list[Row[Any, Any, Any]], folder: Path, case_id: str) -> bool:
    """Whether a look (the files of one folder) is certain to show another case only.

    That another was asked for is not enough: a portal may have answered with a list. Its text must not name the case.
    """
    if any(row.case_id in {None, case_id} for row in look):
        return False
    texts = [folder / row.path for row in look if row.path.endswith(TEXTS)]
    try:
        return bool(texts) and not any(case_id.encode() in path.read_bytes() for path in texts)
    except OSError:
        return False
