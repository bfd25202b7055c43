"""kill -9 of the server in the middle of strokes: every edit that was acknowledged is there, and every rule holds."""

import contextlib
import http.client
import json
import os
import random
import shutil
import threading
import time
from pathlib import Path

import apart
import pytest

from govmap.check import NEEDED, findings
from govmap.project import open_project

TIMES = 6  # a few of the lives that a desk may lose
LONGEST_S = 1.2
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process that forks clean ones")


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
        child, port, cookie = apart.started(path, tmp_path / "cache")
        known = len(acknowledged)
        hand = threading.Thread(target=edits, args=(Client(port, cookie), rng, acknowledged))
        hand.start()
        until = time.monotonic() + 20
        while len(acknowledged) == known and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, LONGEST_S / 6))
        child.kill()
        child.join(10)
        hand.join(30)
        with open_project(path) as project:
            stored = set(project.read("revisions", columns=["revision_id"])["revision_id"])
            assert set(acknowledged) <= stored, f"turn {turn}"
            if turn == TIMES - 1:
                assert findings(project.reading(*NEEDED)) == []
                assert list(project.store.findings()) == []
    assert len(acknowledged) >= TIMES
