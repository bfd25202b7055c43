"""A desk begun as an office begins it: a program of its own, opened at its one-time address and asked over a socket."""

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ADDRESS = re.compile(r"http://\S+token=[\w-]+", re.ASCII)
UNLIKE_AN_OFFICE = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
PROGRAM = (sys.executable, "-m", "govmap", "serve")


@dataclass
class Desk:
    """A desk at work, and what a browser that was let in sends along."""

    process: subprocess.Popen[str]
    url: str
    cookie: str = ""

    @property
    def port(self) -> int:
        return int(urlsplit(self.url).port or 0)

    def let_in(self) -> "Desk":
        """Change the token for the cookie, once."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        asked.request("GET", "/?" + urlsplit(self.url).query)
        answer = asked.getresponse()
        answer.read()
        assert answer.status == 200
        self.cookie = str(answer.getheader("set-cookie")).partition(";")[0]
        asked.close()
        return self

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as our own page does; a desk that is gone raises what the socket raises."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        origin = f"http://127.0.0.1:{self.port}"
        headers = {"Cookie": self.cookie, "Origin": origin, "X-Govmap": "1", "Content-Type": "application/json"}
        asked.request(method, path, None if body is None else json.dumps(body), headers)
        raw = asked.getresponse().read()
        asked.close()
        return json.loads(raw) if path.startswith("/api") else raw.decode()

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait(30)


@contextmanager
def begun(
    *words: str | os.PathLike[str],
    folder: Path,
    environment: Mapping[str, str],
    program: Sequence[str | os.PathLike[str]] = PROGRAM,
) -> Iterator[Desk]:
    """Begin a desk in a folder; its address comes through a pipe, as a program that begins it would read it."""
    plain = {name: value for name, value in environment.items() if name not in UNLIKE_AN_OFFICE}
    line = [*program, "--no-browser", *words]
    with subprocess.Popen(line, cwd=folder, env=plain, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            found = next((one for said in process.stdout if (one := ADDRESS.search(said))), None)
            assert found is not None, "the desk ended before it said its address"
            yield Desk(process, found[0])
        finally:
            process.kill()
