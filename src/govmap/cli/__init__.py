"""The command line: one thin function a command; what it says comes from the catalogues."""

import os
import sys


def main() -> None:
    """Run the command line; old consoles that cannot show a character show a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from govmap.cli.face import asked_language

    os.environ["GOVMAP_LANG"] = asked_language(sys.argv[1:])
    from govmap.cli.commands import app

    app()
