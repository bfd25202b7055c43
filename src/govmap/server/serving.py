"""The desk at work: a socket on loopback, the browser opened at a one-time address, a clean end."""

import logging
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

import uvicorn

from govmap.config import Config
from govmap.errors import GovmapError, InputError
from govmap.server.app import create
from govmap.server.guard import Keys
from govmap.server.opened import Opened

HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    """A server whose waiting pages are told when it ends."""

    def __init__(self, config: uvicorn.Config, opened: Opened) -> None:
        super().__init__(config)
        self._opened = opened

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, the requests that wait for changes first; asked twice, at once. The signal is not raised again."""
        del sig, frame
        self._opened.closing = True
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what is cut off by the end is no fault to tell
        self.force_exit, self.should_exit = self.should_exit, True


def run(
    project: Path | None, *, port: int = 0, browser: bool = True, config: Config, say: Callable[[str], None]
) -> None:
    """
    Serve the desk until it is ended.

    Parameters
    ----------
    project
        The project to open; without one the page begins with making or choosing one.
    port
        Where to listen; 0 takes a free port.
    say
        Told the address at which the desk can be opened once.

    Raises
    ------
    InputError
        The port is taken.
    ProjectError
        The project cannot be opened, or another desk has it.
    """
    listening = listen(port)
    number = int(listening.getsockname()[1])
    address = f"http://{HOST}:{number}/"
    opened = Opened(config, address=address, home=project.resolve().parent if project else None)
    try:
        if project is not None:
            opened.open(project)
        keys = Keys(secrets.token_urlsafe(32), number)
        app = create(opened, port=number, keys=keys)
        served = _Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, lifespan="off"), opened)
        url = f"{address}?token={keys.token()}"
        threading.Thread(target=_warm, args=(opened,), daemon=True).start()
        say(url)
        if browser:
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        served.run(sockets=[listening])
        app.state.jobs.end()
    finally:
        listening.close()
        opened.close()


def _warm(opened: Opened) -> None:
    """Make the page ready while the browser still opens; what is wrong with a project is said when it is asked for."""
    from govmap.server.routes.page import content_of

    with suppress(GovmapError):
        made = content_of(opened, opened.voice(opened.config.language))
        for name in made.names:
            made.pack(name)


def listen(port: int) -> socket.socket:
    """
    Take a port of this computer alone; 0 takes a free one.

    Raises
    ------
    InputError
        Another program has it.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # there it would let two programs share a port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise InputError("desk_port_taken", port=str(port)) from error
    listening.listen(128)
    return listening
