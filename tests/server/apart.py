"""A desk in a process of its own, begun from a clean one: a fork of the tests would inherit their threads."""

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import uvicorn

from govmap.config import Config
from govmap.pipeline import draft_ground, drafting
from govmap.server import app as wiring
from govmap.server import guard
from govmap.server.opened import Opened
from govmap.server.serving import listen

BEFORE = (draft_ground, drafting)  # imported before the fork, so that the life of a child is the work alone


def serve(path: Path, cache: Path, told: Connection) -> None:
    """Serve a project; tell the port and the cookie that it takes."""
    listening = listen(0)
    port = int(listening.getsockname()[1])
    keys = guard.Keys("a secret of the test", port)
    opened = Opened(Config(language="en", cache=cache, threads=1), home=path.parent)
    opened.open(path)
    made = wiring.create(opened, port=port, keys=keys)
    told.send((port, f"{keys.cookie}={keys.signed()}"))
    uvicorn.Server(uvicorn.Config(made, log_level="critical", lifespan="off")).run(sockets=[listening])


def started(path: Path, cache: Path) -> tuple[ForkServerProcess, int, str]:
    """Begin one and give its process, port and cookie."""
    clean = multiprocessing.get_context("forkserver")
    clean.set_forkserver_preload(["apart"])
    here, there = clean.Pipe(duplex=False)
    child = clean.Process(target=serve, args=(path, cache, there), daemon=True)
    child.start()
    if not here.poll(60):
        raise TimeoutError("the desk did not begin")
    port, cookie = here.recv()
    return child, port, cookie
