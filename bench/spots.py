"""How often clusters of reports are seen where there are none, and found where they were planted.

Towns are drawn at random: homes, units round them, reports by chance. On pure noise no unit should be called hot; a
group of neighbouring units with three times the rate should be found. Beside noise of chance alone two harder ones are
shown: homes that report unlike one another for no reason of place (scatter as large as the mean), and units that do so
(scatter of half the mean; where units are too few to be tested themselves that is a true cluster, and left out).
"""

import argparse
import time
from dataclasses import dataclass, field

import numpy as np
import shapely

from govmap import catalog
from govmap.assess import lattices, spots
from govmap.assess.reports import ALL, Reports, Tier

TRIALS = 200
TRIALS_A_TOWN = 20
ROUNDS = 4
FACTOR = 3.0
FEW = 30


@dataclass(frozen=True)
class Town:
    """Homes with their place and households, and the units over them."""

    xy: np.ndarray
    households: np.ndarray
    tier: Tier
    near: object
    made: dict = field(default_factory=dict)

    @property
    def units(self) -> int:
        return len(self.tier.units)


def town(rng: np.random.Generator, units: int, homes_a_unit: int) -> Town:
    """Draw a town: a third of the homes in dense quarters, households unlike, units of about as many homes."""
    count = units * homes_a_unit
    side = 100.0 * np.sqrt(units)
    middle = rng.random((max(units // 8, 1), 2)) * side
    dense = middle[rng.integers(len(middle), size=count // 3)] + rng.normal(0, 60, (count // 3, 2))
    xy = np.clip(np.vstack([rng.random((count - len(dense), 2)) * side, dense]), 0, side)
    households = np.maximum(1, rng.lognormal(1.8, 0.7, count)).astype(float)
    seeds, of = _divided(rng, xy, units)
    box = shapely.box(0, 0, side, side)
    shapes = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=box, ordered=True))
    shapes = shapely.intersection(shapes, box)
    held = np.bincount(of, weights=households, minlength=units)
    ids = np.array([f"u{one:04d}" for one in range(units)], dtype=object)
    return Town(xy, households, Tier("base", ids, held, of.astype(np.int64)), lattices.beside(shapes))


def _divided(rng: np.random.Generator, xy: np.ndarray, units: int) -> tuple[np.ndarray, np.ndarray]:
    from scipy.spatial import cKDTree

    seeds = xy[rng.choice(len(xy), units, replace=False)] + rng.normal(0, 0.01, (units, 2))
    for _ in range(ROUNDS):
        of = cKDTree(seeds).query(xy)[1]
        seeds = np.array([xy[of == one].mean(0) if (of == one).any() else seeds[one] for one in range(units)])
    return seeds, cKDTree(seeds).query(xy)[1]


def planted(rng: np.random.Generator, town_: Town, size: int) -> np.ndarray:
    """Choose so many neighbouring units."""
    chosen = np.zeros(town_.units, dtype=bool)
    chosen[rng.integers(town_.units)] = True
    while chosen.sum() < size:
        beside = np.flatnonzero((town_.near @ chosen > 0) & ~chosen)
        chosen[rng.choice(beside)] = True
    return chosen


def hot(rng: np.random.Generator, town_: Town, reports: float, unlike: str, cluster: np.ndarray) -> np.ndarray:
    """Draw reports, `reports` a unit on the mean, and give the units called hot."""
    rate = np.full(len(town_.xy), reports * town_.units / town_.households.sum())
    if unlike == "homes":
        rate *= rng.gamma(1.0, 1.0, len(rate))
    if unlike == "units":
        rate *= rng.gamma(4.0, 0.25, town_.units)[town_.tier.of]
    rate *= np.where(cluster, FACTOR, 1.0)[town_.tier.of]
    part = np.repeat(np.arange(len(town_.xy)), rng.poisson(rate * town_.households))
    drawn = Reports(part, np.full(len(part), -1), ())
    rules = catalog.layer("reports")["spots"]
    told = {"xy": town_.xy, "households": town_.households, "rules": rules, "made": town_.made}
    grounds = lattices.grounds(drawn, [town_.tier], [town_.near], **told)
    found = spots.spots(drawn, [town_.tier], grounds, households=town_.households, rules=rules)
    assert len(found.grounds[ALL]) == rules["supports"], found.grounds
    return (found.spots["kind"] == spots.HOT).to_numpy()


def measure(
    units: int,
    homes: int,
    reports: float,
    *,
    unlike: str = "",
    cluster: int = 0,
    trials: int = TRIALS,
    seed: int = 1,
) -> dict[str, float]:
    """
    Draw maps and count: `any` the share with a hot unit, `found` with a hot unit in the cluster, `of_cluster` the share
    of its units, `beside` hot units outside it on the mean.
    """
    rng = np.random.default_rng([seed, units, cluster, len(unlike)])
    sums = dict.fromkeys(("any", "found", "of_cluster", "beside"), 0.0)
    for trial in range(trials):
        if trial % TRIALS_A_TOWN == 0:
            drawn = town(rng, units, homes)
        where = planted(rng, drawn, cluster) if cluster else np.zeros(units, dtype=bool)
        flagged = hot(rng, drawn, reports, unlike, where)
        sums["any"] += flagged.any()
        sums["found"] += (flagged & where).any()
        sums["of_cluster"] += (flagged & where).sum() / max(cluster, 1)
        sums["beside"] += (flagged & ~where).sum()
    return {name: round(float(value) / trials, 3) for name, value in sums.items()}


CASES = (  # units, homes a unit, reports a unit, units in the cluster
    (15, 60, 40.0, 1),
    (20, 60, 40.0, 2),
    (60, 8, 10.0, 5),
    (60, 8, 20.0, 5),
    (200, 8, 10.0, 5),
    (500, 8, 10.0, 5),
)


def main() -> None:
    """Print the shares for towns of several sizes."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--trials", type=int, default=TRIALS)
    trials = reader.parse_args().trials
    began = time.process_time()
    print("units reports/unit  noise: chance       homes       units | cluster found  of its units  hot beside it")
    for units, homes, reports, cluster in CASES:
        kinds = ("", "homes", "units") if units >= FEW else ("", "homes")
        noise = [measure(units, homes, reports, unlike=one, trials=trials)["any"] for one in kinds]
        told = measure(units, homes, reports, cluster=cluster, trials=trials)
        shares = "".join(f"{one:12.3f}" for one in noise)
        rest = f"{cluster:6d} {told['found']:7.3f} {told['of_cluster']:13.3f} {told['beside']:14.3f}"
        print(f"{units:5d} {reports:12.0f} {shares:36} | {rest}", flush=True)
    print(f"{time.process_time() - began:.0f} cpu s, {trials} maps each, clusters have {FACTOR:g} times the rate")


if __name__ == "__main__":
    main()
