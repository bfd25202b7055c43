"""
Every file of the corpus of broken lists through `govmap import --json`, in both languages, on its table and on others.

    .venv/bin/python bench/broken_lists.py [--also residents units] [--every 1] [--from 0] [--alone]

One line a promise that was broken; the last line counts. With `--alone` each file is taken in by a process of its own,
and the last line tells the most that one held, after the five dearest files; else memory is that of the whole run.
"""

import argparse
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "sources"))

import driven
import every

KILO, DEAR_S, DEAREST = 1024, 10, 5


def asked() -> argparse.Namespace:
    """Read what is wanted."""
    words = argparse.ArgumentParser()
    words.add_argument("--also", nargs="*", default=[])
    words.add_argument("--every", type=int, default=1)
    words.add_argument("--from", type=int, default=0, dest="first")
    words.add_argument("--languages", nargs="*", default=["zh", "en"])
    words.add_argument("--not-own", action="store_true")
    words.add_argument("--alone", action="store_true")
    return words.parse_args()


def wanted(given: argparse.Namespace) -> Iterator[tuple[every.Case, str, str]]:
    """Give each file with the table and language in which it is driven."""
    for case in every.CASES[given.first :: given.every]:
        own = [] if given.not_own else [(case.table, language) for language in given.languages]
        others = [(one, given.languages[0]) for one in given.also if one != case.table]
        yield from ((case, table, language) for table, language in (*own, *others))


def written(case: every.Case, folder: Path) -> Path:
    """Write a file of the corpus into a folder of its own."""
    place = folder / "inner"
    place.mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return case.write(place)


def main() -> None:
    """Drive what is asked for and say what was broken."""
    given = asked()
    runs = broken = 0
    took: list[tuple[float, str]] = []
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        town = driven.built(Path(folder) / "town")
        before = driven.contents(town)
        for case, table, language in wanted(given):
            runs += 1
            file = written(case, Path(folder) / f"{runs}")
            spent = time.process_time()
            if given.alone:
                seen, most = driven.drive_alone(town, file, table, language, before=before)
                took.append((most, case.name))
            else:
                seen = driven.drive(town, file, table, language, before=before)
            spent = time.process_time() - spent
            broken += bool(seen.faults)
            for told in (*seen.faults, *([f"{spent:.1f} cpu s"] if spent > DEAR_S else [])):
                print(f"{case.name} -> {table} ({language}): {told}", flush=True)
    for most, name in sorted(took, reverse=True)[:DEAREST]:
        print(f"{most:.0f} MB: {name}")
    memory = max(took)[0] if took else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILO / driven.MEGABYTE
    print(f"{runs} runs, {broken} broken, {time.process_time() - began:.0f} cpu s, {memory:.0f} MB")


if __name__ == "__main__":
    main()
