"""What an account's next run begins with: the environment that cured its pages lately, if it can still be had."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from agent.extract.snapshot import Device
from agent.extract.snapshot import Engine
from agent.extract.snapshot import Environment
from storage import journal
from storage.database import Database


def start_environment(
    database: Database, account: str, *, usual: Environment, engines: Collection[Engine], at: datetime
) -> Environment:
    """Return what was remembered, or `usual` when nothing was, when it has expired or its engine is not there."""
    remembered = journal.start_environment(database, account, at=at)
    if remembered is None:
        return usual
    engine, _, device = remembered.environment.partition("/")
    try:
        environment = Environment(Engine(engine), Device(device))
    except ValueError:  # written by a version that knew others
        return usual
    return environment if environment.engine in engines else usual
