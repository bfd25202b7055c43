"""A desk at work on a small town, asked over real sockets as a browser or a stranger would."""

import http.client
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from govmap import pipeline
from govmap.config import Config
from govmap.messages import Voice
from govmap.server import app as wiring
from govmap.server import guard
from govmap.server.opened import Opened
from govmap.server.routes import desk as desk_routes
from govmap.server.serving import listen

LIMITS = guard.Limits(body=50_000, routes={"/api/uploads": 400_000}, idle_s=0.4, whole_s=1.5)


@dataclass
class Running:
    """A desk that answers, and what a browser of ours would send along."""

    app: FastAPI
    opened: Opened
    port: int
    cookie: str

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ours(self) -> dict[str, str]:
        host = f"127.0.0.1:{self.port}"
        return {"Host": host, "Cookie": self.cookie, "Origin": self.origin, "X-Govmap": "1"}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str | None) -> http.client.HTTPResponse:
        """Ask with our headers, except where others are given; one that is None is left out."""
        given = {name.lower(): value for name, value in self.ours.items()}
        given |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
        given.setdefault("content-length", str(len(body)))
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        asked.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in given.items():
            if value is not None:
                asked.putheader(name, value)
        asked.endheaders(body or None)
        answer = asked.getresponse()
        answer.content = answer.read()  # type: ignore[attr-defined] # kept beside the answer, whose connection closes
        asked.close()
        return answer

    def json(self, method: str, path: str, body: Any = None) -> Any:
        import json

        raw = b"" if body is None else json.dumps(body).encode()
        return json.loads(self.ask(method, path, raw, content_type="application/json").content)  # type: ignore[attr-defined]

    def job(self, path: str, said: dict[str, Any], *, wait_s: float = 60) -> Any:
        """Begin a step and give its end."""
        begun = self.json("POST", path, said)
        assert begun["ok"], begun
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            told = self.json("GET", f"/api/jobs/{begun['job']}")
            if told["state"] in ("done", "failed", "cancelled"):
                return told
            time.sleep(0.05)
        raise AssertionError("the step did not end")


def running(opened: Opened, limits: guard.Limits = LIMITS) -> Iterator[Running]:
    """Serve a desk in a thread, and end it."""
    listening = listen(0)
    port = listening.getsockname()[1]
    keys = guard.Keys("a secret of the test", port)
    made = wiring.create(opened, port=port, keys=keys, limits=limits)
    server = uvicorn.Server(uvicorn.Config(made, log_level="critical", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Running(made, opened, port, f"{keys.cookie}={keys.signed()}")
    finally:
        server.should_exit = True
        opened.closing = True
        thread.join(10)
        listening.close()
        made.state.jobs.end()
        opened.close()


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lists and the extract of the sample community."""
    from govmap.sources import sample

    folder = tmp_path_factory.mktemp("sources")
    sample.write(folder, language="en")
    return folder


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Path:
    """A project of the sample community, divided."""
    path = tmp_path_factory.mktemp("town") / "town.gpkg"
    config = Config(language="en", cache=path.parent / "cache", threads=1)
    pipeline.fetch(path, pipeline.Source(osm=sources / "community.osm", whole=True), profile="generic", config=config)
    from govmap.project import open_project

    with open_project(path) as project:
        pipeline.delineate(
            project, pipeline.criteria(size="300-500", units=None, by="households", seed=1), config=config
        )
    return path


@pytest.fixture
def opened(town: Path, tmp_path: Path) -> Iterator[Opened]:
    """A copy of the town, open at a desk."""
    copy = tmp_path / "town.gpkg"
    shutil.copy(town, copy)
    made = Opened(Config(language="en", cache=tmp_path / "cache", threads=1), home=tmp_path)
    made.open(copy)
    yield made
    made.close()


@pytest.fixture
def served(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The desk of that copy."""
    monkeypatch.setattr(desk_routes, "LONGEST_S", 0.2)
    yield from running(opened)


def voice() -> Voice:
    return Voice("en")
