"""How far a long search gets: python bench/long_run.py INPUT.npz [--times 20] [--barriers 1 2 3] [--blocks 5 20].

Wishes pull against each other: less barrier inside units, or fewer divided blocks, makes borders longer. Each row is a
search with so many times the usual budget, from the weights of `compact` with another weight of barriers or of blocks;
beside them stands METIS at the same tolerance. Below: which marks of the front a plan meets with its other columns no
worse than METIS's, how near the best comes, and with `--rounds` the border that any plan must cut (`front`).
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import front
import partition
import peers
import towns
from govmap.delineate.search import portfolio

MOST = 1.1 * peers.TARGET
BARRIERS, BLOCKS = (1.02, 1.5, 2.0, 3.0, 5.0), (3.0, 10.0, 30.0)


def usual(town: towns.Town) -> int:
    """Give the proposals that this ground gets where no budget is asked for."""
    each = next(one for most, one in portfolio.PROPOSALS if len(town) <= most)
    starts = next(one for most, one in portfolio.STARTS if len(town) <= most)
    return each * starts * len(town.E)


def run(town: towns.Town, times: float, place: int, weight: float, seed: int) -> peers.Row:
    """Search long with one weight of `compact` changed: that in this place among the weights."""
    was = portfolio.WEIGHTS["compact"]
    portfolio.WEIGHTS["compact"] = (*was[:place], weight, *was[place + 1 :])
    asked = {"target": peers.TARGET, "low": peers.LOW, "high": peers.HIGH, "seed": seed, "prefer": "compact"}
    wanted = partition.Wanted(**asked, budget=None if times == 1 else round(times * usual(town)))
    began = partition.spent()
    try:
        label = partition.solve(town, wanted)
    finally:
        portfolio.WEIGHTS["compact"] = was
    figures = towns.figures(town, label, target=peers.TARGET, low=peers.LOW, high=peers.HIGH)
    name = f"ours, {('barriers', 'blocks')[place]} {weight:g}"
    return peers.Row(name, figures, round(partition.spent() - began, 1), f"x{times:g}, seed {seed}")


def nearest(name: str, rows: Sequence[peers.Row]) -> Iterator[str]:
    """Say for each mark how near a plan comes whose other columns are no worse than METIS's, and how near any comes."""
    metis = next((row for row in rows if row.method == "METIS"), None)
    own = [row for row in rows if row.method.startswith("ours")]
    for key, mark in peers.FRONT.get(name, {}).items():
        title, more = peers.COLUMNS[key]
        best = max if more else min
        good = [row.figures[key] for row in own if metis is None or not peers.worse(row, metis, key)]
        said = f"{best(good):g}" if good else "none"
        least = best(row.figures[key] for row in own)
        yield f"{title} {mark:g}: no worse than METIS elsewhere {said}, at any price {least:g}"


def main() -> int:
    """Search with every weight; print the front."""
    asked = _arguments()
    try:
        town = towns.read(asked.input)
    except towns.TownError as fault:
        print(fault, file=sys.stderr)
        return 1
    units = max(1, round(int(town.w.sum()) / peers.TARGET))
    name, rows = asked.input.stem, []
    print(*peers.head(), sep="\n", flush=True)
    metis = peers.peer("METIS", asked.input, units, peers.TOLERANCE, python=asked.python, limit=60)
    if isinstance(metis, peers.Row):
        rows.append(metis)
        print(peers.line(name, metis, units), flush=True)
    tried = [(0, one) for one in asked.barriers] + [(1, one) for one in asked.blocks]
    for place, weight, seed in [(*one, seed) for one in tried for seed in asked.seeds]:
        rows.append(run(town, asked.times, place, weight, seed))
        print(peers.line(name, rows[-1], units), flush=True)
    print("", *peers.front(name, rows, units), *nearest(name, rows), sep="\n")
    print(f"{towns.must_split(town, MOST)} blocks of over {MOST:g} must split")
    mark = peers.FRONT.get(name, {}).get("barrier_inside_km", asked.mark)
    if asked.rounds and mark is not None:
        print(f"any plan with at most {mark:g} km of barrier inside: {front.bound(town, mark, MOST, asked.rounds)}")
    return 0


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("input", type=Path, metavar="INPUT.npz")
    reader.add_argument("--times", type=float, default=20.0, help="times the usual budget of proposals")
    reader.add_argument("--barriers", type=float, nargs="*", default=BARRIERS, help="weights of barriers to try")
    reader.add_argument("--blocks", type=float, nargs="*", default=BLOCKS, help="weights of whole blocks to try")
    reader.add_argument("--seeds", type=int, nargs="*", default=[1])
    reader.add_argument("--python", default=sys.executable, help="the interpreter that has METIS")
    reader.add_argument("--rounds", type=int, default=0, help="of the bound on the cut; 0: none")
    reader.add_argument("--mark", type=float, help="kilometres of barrier for the bound, of a town without a mark")
    return reader.parse_args()


if __name__ == "__main__":
    sys.exit(main())
