"""Where reports cluster: Getis and Ord's Gi* on three grounds, false discoveries held down, only stable clusters told.

One division of the ground may make a cluster or hide it. So the same reports are looked at on three: the levels of the
plan that have units enough, and blocks of like numbers of households. Only units hot on all three are called hot. For
the office alone: these are reports, not events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from govmap.assess.chance import Floats, false_discovery
from govmap.assess.reports import Ints, Reports, Tier

HOT, COLD, UNSTABLE, NONE, FEW = "hot", "cold", "unstable", "none", "few"
COLUMNS = ("unit_id", "level", "category", "z", "p", "q", "kind", "stable_levels", "quarter")


@dataclass(frozen=True, eq=False)
class Ground:
    """One division of the ground: its areas, the area of each part or -1, their households, and who is beside whom."""

    name: str
    of: Ints
    households: Floats
    beside: sparse.csr_array

    @property
    def areas(self) -> int:
        """How many areas have households."""
        return int((self.households > 0).sum())


@dataclass(frozen=True)
class Tested:
    """What a test says of each area: z, and p and q of the side that z is on; NaN where nobody lives."""

    z: Floats
    p: Floats
    q: Floats
    quarter: npt.NDArray[np.object_]

    def beyond(self, level: float, *, high: bool) -> npt.NDArray[np.bool_]:
        """Tell the areas that stand out to one side."""
        found: npt.NDArray[np.bool_] = (self.q <= level) & ((self.z > 0) if high else (self.z < 0))
        return found


@dataclass(frozen=True)
class Found:
    """The spots, and on which grounds each category was looked at."""

    spots: pd.DataFrame
    grounds: Mapping[str, tuple[str, ...]]


def residuals(counts: npt.ArrayLike, expected: npt.ArrayLike) -> Floats:
    """
    Give how far counts are from what is expected, on a scale where chance is alike for large areas and small ones.

    Freeman and Tukey (1950): sqrt(n) + sqrt(n + 1) - sqrt(4 m + 1), of variance near 1 whatever m. Rates themselves
    vary the more the fewer live in an area; small units would be hot by chance.
    """
    n, m = np.asarray(counts, dtype=float), np.asarray(expected, dtype=float)
    found: Floats = np.sqrt(n) + np.sqrt(n + 1) - np.sqrt(4 * m + 1)
    return found


def gi_star(values: npt.ArrayLike, beside: sparse.csr_array) -> Floats:
    """
    Give the z of Gi* (Ord and Getis 1995) of each area: do it and those beside it stand out together?

    Equal to `esda.G_Local(values, w, transform="B", star=True)`. 0 where all values are alike.

    Parameters
    ----------
    values
        One value an area.
    beside
        1 for each pair of neighbours; the diagonal is taken as 1 whatever stands there.
    """
    y = np.asarray(values, dtype=float)
    n = len(y)
    joined = _without_self(beside) + sparse.eye_array(n, format="csr")
    around = np.asarray(joined.sum(axis=1)).ravel()
    spread = float(np.sqrt((y**2).mean() - y.mean() ** 2)) if n else 0.0
    noise = spread * np.sqrt(around * (n - around) / max(n - 1, 1))
    above = joined @ y - around * (y.mean() if n else 0.0)
    found: Floats = np.divide(above, noise, out=np.zeros(n), where=noise > 1e-12 * max(abs(y).max(initial=0.0), 1e-300))
    return found


@dataclass(frozen=True)
class Local:
    """Local Moran: its value, expectation and variance by chance, and the quarter (HH, HL, LH, LL) of each area."""

    value: Floats
    expected: Floats
    variance: Floats
    quarter: npt.NDArray[np.object_]

    @property
    def z(self) -> Floats:
        """How far the value is from chance."""
        found: Floats = np.divide(
            self.value - self.expected,
            np.sqrt(self.variance),
            out=np.zeros(len(self.value)),
            where=self.variance > 0,
        )
        return found


def local_moran(values: npt.ArrayLike, beside: sparse.csr_array) -> Local:
    """
    Give Anselin's local Moran of each area, moments by Sokal et al. (1998, A7 and A8) given its own value.

    Equal to `esda.Moran_Local(values, w, transformation="r")`: `Is`, `EIc`, `VIc`. High among low (HL) and low among
    high (LH) are what Gi* does not tell apart. An area without neighbours has 0.
    """
    y = np.asarray(values, dtype=float)
    n = len(y)
    spread = y.std() if n else 0.0
    if n < 3 or spread == 0:  # noqa: PLR2004 - the variance divides by n - 2
        zero = np.zeros(n)
        return Local(zero, zero.copy(), zero.copy(), np.full(n, "", dtype=object))
    score = (y - y.mean()) / spread
    rows = _without_self(beside)
    around = np.asarray(rows.sum(axis=1)).ravel()
    share = np.divide(1.0, around, out=np.zeros(n), where=around > 0)
    lag = (rows @ score) * share
    total = (around > 0).astype(float)
    m2 = float((score * score).sum()) / n
    variance = (score / m2) ** 2 * (n / (n - 2)) * (share - total**2 / (n - 1)) * (m2 - score**2 / (n - 1))
    quarter = np.char.add(np.where(score > 0, "H", "L"), np.where(lag > 0, "H", "L")).astype(object)
    value = (n - 1) * score * lag / float((score * score).sum())
    return Local(value, -(score**2) * total / ((n - 1) * m2), variance, quarter)


def _without_self(beside: sparse.csr_array) -> sparse.csr_array:
    off = sparse.csr_array(beside - sparse.diags_array(beside.diagonal()))
    off.eliminate_zeros()
    return off


def tested(parts_of_reports: Ints, ground: Ground) -> Tested:
    """Test the areas of one ground; areas where nobody lives are no neighbours and have no answer."""
    from scipy.special import ndtr

    area = ground.of[parts_of_reports]
    lived = np.flatnonzero(ground.households > 0)
    counts = np.bincount(area[area >= 0], minlength=len(ground.households))[lived]
    people = ground.households[lived]
    expected = people * (counts.sum() / people.sum())
    values, beside = residuals(counts, expected), sparse.csr_array(ground.beside[lived][:, lived])
    score = gi_star(values, beside)
    high, low = ndtr(-score), ndtr(score)
    one = np.where(score >= 0, high, low)
    rate = np.where(score >= 0, false_discovery(high), false_discovery(low))
    z, p, q = (np.full(len(ground.households), np.nan) for _ in range(3))
    z[lived], p[lived], q[lived] = score, one, rate
    quarter = np.full(len(ground.households), "", dtype=object)
    quarter[lived] = local_moran(values, beside).quarter
    return Tested(z, p, q, quarter)


def spots(
    reports: Reports,
    tiers: Sequence[Tier],
    grounds: Mapping[str, Sequence[Ground]],
    *,
    households: Floats,
    rules: Mapping[str, Any],
) -> Found:
    """
    Say of each unit of every level whether reports cluster in it.

    Parameters
    ----------
    reports
        What counts, by part.
    tiers
        The levels of the plan.
    grounds
        For each category the grounds to look at it on (`lattices.grounds` gives them); too few: nothing is tested.
    households
        Of each part: they say where cold ground lies.
    rules
        `level` of false discovery, `supports` (on how many grounds), `share` (how much of a unit's reports must lie on
        hot ground, or of its households on cold ground).

    Returns
    -------
    found
        `spots`: unit_id, level, category; z, p and q of the unit where its level was tested, else of the block that has
        most of its reports; kind (hot, cold, unstable: not on all grounds, none, few: not tested); stable_levels: on
        how many grounds it stands out; quarter: high or low, among high or low (HH, HL, LH, LL). `grounds`: the names
        of the grounds of each category.
    """
    frames, named = [], {}
    for category in reports.every:
        part, looked = reports.of(category), tuple(grounds.get(category, ()))
        tests = [tested(part, ground) for ground in looked]
        named[category] = tuple(ground.name for ground in looked)
        frames += [_of_units(category, part, tier, looked, tests, households, rules) for tier in tiers]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    return Found(rows, named)


def _of_units(
    category: str,
    part: Ints,
    tier: Tier,
    looked: Sequence[Ground],
    tests: Sequence[Tested],
    households: Floats,
    rules: Mapping[str, Any],
) -> pd.DataFrame:
    """Give the rows of one level and category."""
    count = len(tier.units)
    rows = pd.DataFrame({"unit_id": tier.units, "level": tier.level, "category": category})
    if len(looked) < rules["supports"]:
        return rows.assign(z=np.nan, p=np.nan, q=np.nan, kind=FEW, stable_levels=0, quarter="")
    hot = np.zeros(count, dtype=np.int64)
    cold = np.zeros(count, dtype=np.int64)
    for ground, test in zip(looked, tests, strict=True):
        above, below = (_over(test.beyond(rules["level"], high=high), ground.of) for high in (True, False))
        hot += _share(tier, np.bincount(part, minlength=len(tier.of)), above) >= rules["share"]
        cold += _share(tier, households, below) >= rules["share"]
    hot[~_above(tier, part)] = 0
    kind = np.full(count, NONE, dtype=object)
    kind[(hot > 0) | (cold > 0)] = UNSTABLE
    kind[hot == len(looked)], kind[cold == len(looked)] = HOT, COLD
    own = _own(tier, looked, tests, part)
    return rows.assign(**own, kind=kind, stable_levels=np.maximum(hot, cold))


def _over(areas: npt.NDArray[np.bool_], of: Ints) -> npt.NDArray[np.bool_]:
    """Tell which parts lie in these areas."""
    return np.append(areas, False)[of]


def _share(tier: Tier, weights: npt.NDArray[Any], ground: npt.NDArray[np.bool_]) -> Floats:
    """Give the share of what each unit has, by part, that lies on the ground."""
    mine = tier.of >= 0
    count = len(tier.units)
    every = np.bincount(tier.of[mine], weights=weights[mine], minlength=count)
    there = np.bincount(tier.of[mine], weights=(weights * ground)[mine], minlength=count)
    return np.divide(there, every, out=np.zeros(count), where=every > 0)


def _above(tier: Tier, part: Ints) -> npt.NDArray[np.bool_]:
    """Tell which units have more reports than their households would let expect: a calm one beside is not hot."""
    unit = tier.of[part]
    counts = np.bincount(unit[unit >= 0], minlength=len(tier.units))
    total = tier.households.sum()
    found: npt.NDArray[np.bool_] = counts * total > tier.households * counts.sum()
    return found


def _own(tier: Tier, looked: Sequence[Ground], tests: Sequence[Tested], part: Ints) -> dict[str, npt.NDArray[Any]]:
    """Give z, p and q of each unit: its own where its level is a ground, else those of a block with most reports."""
    at = next((number for number, ground in enumerate(looked) if ground.name == tier.level), None)
    if at is not None:
        test = tests[at]
        return {"z": test.z, "p": test.p, "q": test.q, "quarter": test.quarter}
    ground, test = looked[len(looked) // 2], tests[len(looked) // 2]
    unit, area = tier.of[part], ground.of[part]
    rows = pd.DataFrame({"unit": unit, "area": area})[(unit >= 0) & (area >= 0)]
    most = rows.value_counts(["unit", "area"]).rename("reports").reset_index()
    most = most.sort_values(["unit", "reports", "area"], ascending=[True, False, True], kind="stable")
    first = most.drop_duplicates("unit").set_index("unit")["area"].reindex(range(len(tier.units)))
    area_of = np.where(first.isna(), len(test.z), first.fillna(0)).astype(np.int64)
    told = {name: np.append(getattr(test, name), np.nan)[area_of] for name in ("z", "p", "q")}
    return {**told, "quarter": np.full(len(tier.units), "", dtype=object)}
