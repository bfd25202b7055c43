"""kill -9 of the server in the middle of strokes: every edit that was acknowledged is there, and every rule holds."""

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from govmap.check import NEEDED, findings
from govmap.config import Config
from govmap.pipeline import draft_ground, drafting
from govmap.project import open_project
from govmap.server import app as wiring
from govmap.server import guard
from govmap.server.opened import Opened
from govmap.server.serving import listen

TIMES = 20
BEFORE = (draft_ground, drafting)  # imported before the fork, so that the life of a child is the work alone
LONGEST_S = 1.2
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")


def forked(path: Path, cache: Path) -> tuple[int, int, str]:
    """Serve a desk in a process of its own; give its number, its port and the cookie it takes."""
    listening = listen(0)
    port = int(listening.getsockname()[1])
    keys = guard.Keys("a secret of the test", port)
    child = os.fork()
    if child:
        listening.close()
        return child, port, f"{keys.cookie}={keys.signed()}"
    with contextlib.suppress(BaseException):
        opened = Opened(Config(language="en", cache=cache, threads=1), home=path.parent)
        opened.open(path)
        made = wiring.create(opened, port=port, keys=keys)
        uvicorn.Server(uvicorn.Config(made, log_level="critical", lifespan="off")).run(sockets=[listening])
    os._exit(0)


class Client:
    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie

    def ask(self, method: str, path: str, body: object = None) -> dict:
        sent = None if body is None else json.dumps(body).encode()
        origin = f"http://127.0.0.1:{self.port}"
        headers = {"Cookie": self.cookie, "Origin": origin, "X-Govmap": "1", "Content-Type": "application/json"}
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        asked.request(method, path, sent, headers)
        return json.loads(asked.getresponse().read())


def edits(client: Client, rng: random.Random, acknowledged: list[str]) -> None:
    """Move parts to and fro until the server is gone."""
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError, KeyError):
        ground = client.ask("GET", "/api/redraw/ground")
        units = [row["id"] for row in ground["units"]]
        while True:
            part, to = rng.randrange(ground["parts"]), rng.randrange(len(units))
            stroke = {"units": units, "parts": [part], "to": [to], "force": True}
            answer = client.ask("POST", "/api/redraw/stroke", stroke)
            if answer["ok"]:
                acknowledged.append(answer["revision"])


def test_every_acknowledged_edit_outlives_the_server(town: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(town, tmp_path / "town.gpkg"))
    rng, acknowledged = random.Random(3), list[str]()
    for turn in range(TIMES):
        child, port, cookie = forked(path, tmp_path / "cache")
        known = len(acknowledged)
        hand = threading.Thread(target=edits, args=(Client(port, cookie), rng, acknowledged))
        hand.start()
        until = time.monotonic() + 60
        while len(acknowledged) == known and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, LONGEST_S / 6))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        hand.join(30)
        with open_project(path) as project:
            stored = set(project.read("revisions", columns=["revision_id"])["revision_id"])
            assert set(acknowledged) <= stored, f"turn {turn}"
            if turn % 7 == 6 or turn == TIMES - 1:
                assert findings(project.reading(*NEEDED)) == []
                assert list(project.store.findings()) == []
    assert len(acknowledged) >= TIMES
