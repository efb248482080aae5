"""A sending run in a process of its own, which can be killed: `python -m tests.e2e.delivery.sending_process FILE`.

The file holds the account as JSON; what became of the run is printed as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from agent.config.model import AccountSettings
from agent.config.model import Configuration
from agent.errors import AccountBusy
from tests.e2e.backup.real_house import BrowserRoom
from tests.e2e.delivery.sending_house import SendingHouse


def start(house: SendingHouse, folder: Path) -> subprocess.Popen[str]:
    """Begin to send from another process."""
    order = folder / "order.json"
    account = house.settings.model_dump(mode="json", exclude_unset=True)
    order.write_text(
        json.dumps({"home": str(house.home), "environ": house.environ, "accounts": {house.settings.name: account}})
    )
    command = [sys.executable, "-m", "tests.e2e.delivery.sending_process", str(order)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def main(order: Path) -> None:
    read = json.loads(order.read_text())
    (account,) = Configuration(accounts=read["accounts"]).accounts.values()
    print(json.dumps(send(account, Path(read["home"]), read["environ"])))


def send(account: AccountSettings, home: Path, environ: dict[str, str]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        room = BrowserRoom(Path(folder))
        try:
            return SendingHouse(room, home, account, environ).send().to_json()
        except AccountBusy as busy:
            return {"busy": busy.account}
        finally:
            room.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
