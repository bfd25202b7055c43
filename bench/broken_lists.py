"""
Every file of the corpus of broken lists through `govmap import --json`, in both languages, on its table and on others.

    .venv/bin/python bench/broken_lists.py [--also residents units] [--every 1] [--from 0]

One line a promise that was broken; the last line counts. Memory is that of the whole run.
"""

import argparse
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "sources"))

import corpus
import driven
import oddities
import strays

MIB = 1024


def main() -> None:
    """Drive what is asked for and say what was broken."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--also", nargs="*", default=[])
    asked.add_argument("--every", type=int, default=1)
    asked.add_argument("--from", type=int, default=0, dest="first")
    asked.add_argument("--languages", nargs="*", default=["zh", "en"])
    asked.add_argument("--not-own", action="store_true")
    given = asked.parse_args()
    cases = [*corpus.CASES, *oddities.CASES, *strays.CASES][given.first :: given.every]
    runs = broken = 0
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        town = driven.built(Path(folder) / "town")
        before = driven.contents(town)
        for number, case in enumerate(cases):
            tables = ([] if given.not_own else [case.table]) + [one for one in given.also if one != case.table]
            for table in tables:
                for language in given.languages if table == case.table else given.languages[:1]:
                    place = Path(folder) / f"{number}-{table}-{language}" / "inner"
                    place.mkdir(parents=True)
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        file = case.write(place)
                    spent, most = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                    seen = driven.drive(town, file, table, language, before=before)
                    spent = time.process_time() - spent
                    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most
                    runs, broken = runs + 1, broken + bool(seen.faults)
                    slow = [f"{spent:.1f} cpu s"] if spent > 10 else []
                    slow += [f"+{grown // MIB} MiB"] if grown > 200 * MIB else []
                    for told in (*seen.faults, *slow):
                        print(f"{case.name} -> {table} ({language}): {told}", flush=True)
    spent = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MIB
    print(f"{runs} runs, {broken} broken, {spent:.0f} cpu s, {memory} MiB")


if __name__ == "__main__":
    main()
