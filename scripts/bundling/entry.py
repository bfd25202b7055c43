"""Where the program in the folder begins.

In the folder the program is its own interpreter: processes that share the work of a division start it anew
(`freeze_support` tells them from a start by hand), and `-P SCRIPT` runs a script of ours apart, as Python would.
"""

import multiprocessing
import os
import runpy
import sys

# Machine code that any processor of this kind runs: it was compiled where the folder was made, not where it is used.
GENERIC = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}

APART = "-P"


def main() -> None:
    """Run the command line, or the script that we were asked to run apart."""
    os.environ.update(GENERIC)
    multiprocessing.freeze_support()
    if len(sys.argv) > 2 and sys.argv[1] == APART:  # noqa: PLR2004 - the program, the word, the script
        sys.argv = sys.argv[2:]
        runpy.run_path(sys.argv[0], run_name="__main__")
        return
    from govmap.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
