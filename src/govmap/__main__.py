"""Run the command line: `python -m govmap`."""

from govmap.cli import main

main()
