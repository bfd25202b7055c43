"""A plan among random plans that keep the same rules: how many are rounder, cross fewer barriers, are more even.

The random plans begin at the plan itself and drift away from it by `search.recombine`, which says what plans are met
how often; `leeway` says what may change. They keep the number of units, the bands, one piece a unit, and the compounds
and buildings that the plan keeps whole.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from govmap.delineate.criteria import Criteria
from govmap.delineate.leeway import Leeway, leeway
from govmap.delineate.problem import Ints, Problem, Reals
from govmap.delineate.search.recombine import CHANGED, PROPOSED, Net, Walk, begin, net, wander
from govmap.plan import Plan

if TYPE_CHECKING:
    from govmap.contiguity import Graph

SAMPLES = 1000
# Proposals a unit between two plans that are kept; more than half of them are taken.
PACE, SMALL_PACE = 2, 30
# Steps in all to draw the trees: small ground is walked so long at its own pace, large ground no longer than the other.
LABOUR, MOST_LABOUR = 150_000_000, 720_000_000
# What is passed over at the beginning, as a share of the plans that are kept.
WARM = 0.25
# Two halves of a walk agree where their means lie no farther apart than this (split R-hat, Gelman et al. 2013).
AGREE = 1.05
BATCHES = 20
TENTH = 0.1
SAME = 1e-9
# The terms of a score by which plans differ, and whether more or less of each is better.
TERMS: Mapping[str, int] = {
    "compactness_mean": 1,
    "barrier_inside_m": -1,
    "blocks_split": -1,
    "border_m": -1,
    "within_10_percent": 1,
    "mean_deviation_percent": -1,
}


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """
    Random plans in figures: `samples` holds one a plan by term, `own` those of the plan they began at.

    `free` units could change, `kept` ones could not. `proposals` were looked at and `changes` made between them;
    `different` counts plans that are not the one they began at. `labels` holds the unit of each part, by plan, where
    it was asked for; the order of the parts is that of their ids.
    """

    own: Mapping[str, float]
    samples: Mapping[str, Reals]
    free: int
    kept: int
    proposals: int
    changes: int
    different: int
    labels: Ints | None = None

    def __len__(self) -> int:
        return len(self.samples["border_m"])

    @property
    def agreement(self) -> float:
        """How well two halves of the walk agree, by the term that does worst; 1 is perfectly."""
        return max(split_r_hat(values) for values in self.samples.values())

    @property
    def worth(self) -> int:
        """How many plans drawn one by one the samples are worth, by the term that does worst."""
        return min(effective(values) for values in self.samples.values())

    @property
    def settled(self) -> bool:
        """Whether the walk was long enough to trust its shares."""
        return self.agreement <= AGREE


def around(
    plan: Plan,
    atoms: pd.DataFrame,
    graph: "Graph",
    criteria: Criteria,
    *,
    samples: int = SAMPLES,
    seed: int = 1,
    still: Collection[str] = (),
    apart: Mapping[str, str] | None = None,
    keep_labels: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Ensemble:
    """
    Draw random plans that keep the rules of a plan.

    Parameters
    ----------
    plan
        Where the walk begins; parts that it does not know are passed over.
    atoms, graph, criteria
        As for `delineate`.
    still, apart
        Units that may not change; a name by unit (its parent), between which nothing is exchanged.
    keep_labels
        Keep the unit of every part in every plan: rows are plans, columns the parts by id.
    progress
        Told (plans drawn, plans in all).
    """
    room = leeway(plan, atoms, graph, criteria, still=still, apart=apart)
    problem, ways = room.problem, room.ways
    ground = net(room.weights, room.low, room.high, problem.i[ways], problem.j[ways])
    walk, pause = begin(ground, room.unit, len(room.free), seed), _pause(room, samples)
    wander(ground, walk, pause * int(WARM * samples))
    walk.met[:] = 0
    figures, labels, different = [], [], 0
    for label in _plans(ground, walk, samples, pause, progress):
        figures.append(measures(room, label))
        different += not _same(problem, label, room.unit)
        labels += [label[room.atom]] if keep_labels else []
    return Ensemble(
        own=measures(room, room.unit),
        samples={term: np.array([one[term] for one in figures]) for term in TERMS},
        free=int(room.free.sum()),
        kept=int((~room.free).sum()),
        proposals=int(walk.met[PROPOSED]),
        changes=int(walk.met[CHANGED]),
        different=different,
        labels=np.stack(labels) if keep_labels else None,
    )


def _pause(room: Leeway, samples: int) -> int:
    """Give the proposals between two plans: a number of times each unit, more on small ground."""
    size = np.bincount(room.unit, minlength=len(room.free))[room.free]
    if not len(size):
        return 1
    atoms = 2 * int((size**2).sum()) / int(size.sum())
    steps = atoms * np.log2(1 + atoms) * samples * (1 + WARM)
    pace = min(max(LABOUR / steps, PACE * len(size)), SMALL_PACE * len(size), MOST_LABOUR / steps)
    return max(1, int(pace))


def _plans(
    ground: Net, walk: Walk, samples: int, pause: int, progress: Callable[[int, int], None] | None
) -> Iterator[Ints]:
    """Give the unit of each atom, plan after plan."""
    for done in range(1, samples + 1):
        wander(ground, walk, pause)
        if progress is not None:
            progress(done, samples)
        yield walk.label.copy()


def _same(problem: Problem, one: Ints, other: Ints) -> bool:
    """Tell whether two plans draw the same borders."""
    i, j = problem.i, problem.j
    return bool(((one[i] == one[j]) == (other[i] == other[j])).all())


def measures(room: Leeway, label: Ints) -> Mapping[str, float]:
    """Measure a plan by the terms of its score (`delineate.score`), from the atoms of a leeway."""
    problem, count = room.problem, len(room.free)
    inside = label[problem.i] == label[problem.j]
    outline = np.bincount(label, problem.outer, count)
    for end in (problem.i, problem.j):
        outline += np.bincount(label[end], np.where(inside, 0, problem.length), count)
    area = np.bincount(label, problem.area, count) * 1e4
    roundness = np.minimum(4 * np.pi * area / np.maximum(outline, 1.0) ** 2, 1.0)
    off = np.abs(np.bincount(label, room.weights[0], count) - room.aim) / room.aim
    return {
        "compactness_mean": float(roundness.mean()),
        "barrier_inside_m": float(room.barrier - problem.barrier[~inside].sum()) / 1000,
        "blocks_split": _blocks_split(room.blocks, label),
        "border_m": float(problem.length[~inside].sum()) / 1000,
        "within_10_percent": 100 * float((off <= TENTH).mean()),
        "mean_deviation_percent": 100 * float(off.mean()),
    }


def _blocks_split(blocks: Ints, label: Ints) -> int:
    """Count the street blocks that lie in more than one unit."""
    if not len(blocks):
        return 0
    begin = np.flatnonzero(np.diff(blocks[:, 0], prepend=-1))
    unit = label[blocks[:, 1]]
    return int((np.minimum.reduceat(unit, begin) < np.maximum.reduceat(unit, begin)).sum())


def place(ensemble: Ensemble) -> pd.DataFrame:
    """
    Say of each term where the plan stands among the random ones.

    Returns
    -------
    places
        In the order of `TERMS`: term, own, low, middle, high (of the random plans; 5, 50 and 95 in a hundred),
        worse_percent, same_percent, better_percent: shares of the random plans that do worse, as well and better.
    """
    rows = []
    for term, sign in TERMS.items():
        own, others = ensemble.own[term], ensemble.samples[term]
        ahead = sign * (own - others)
        same = np.abs(ahead) <= SAME * max(1.0, abs(own))
        low, middle, high = np.quantile(others, (0.05, 0.5, 0.95))
        shares = (ahead > 0) & ~same, same, (ahead < 0) & ~same
        rows.append((term, own, low, middle, high, *(100 * float(share.mean()) for share in shares)))
    columns = ["term", "own", "low", "middle", "high", "worse_percent", "same_percent", "better_percent"]
    return pd.DataFrame(rows, columns=columns)


def split_r_hat(values: Reals) -> float:
    """Compare the spread between two halves of a walk with that inside them; 1 where they are alike."""
    half = len(values) // 2
    if half < 2:  # noqa: PLR2004 - one value has no spread
        return float("inf")
    halves = np.stack([values[:half], values[-half:]])
    inside, between = halves.var(axis=1, ddof=1).mean(), half * halves.mean(axis=1).var(ddof=1)
    if inside <= 0:
        return 1.0 if between <= 0 else float("inf")
    return float(np.sqrt(((half - 1) / half * inside + between / half) / inside))


def effective(values: Reals) -> int:
    """Say how many independent values a walk is worth, from the spread of the means of its stretches."""
    length = len(values) // BATCHES
    if length < 2 or values.var() <= 0:  # noqa: PLR2004 - too short to say
        return len(values)
    means = values[: length * BATCHES].reshape(BATCHES, length).mean(axis=1)
    return int(min(len(values), max(1, BATCHES * values.var(ddof=1) / max(means.var(ddof=1), 1e-300))))
