"""What stands before a division: units of a former plan on every level, locked and exclusive ones, places set apart."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from govmap.delineate.criteria import Criteria
from govmap.delineate.problem import Flags, Ints, measured
from govmap.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Standing:
    """
    Units that stand before the division, on one level.

    `unit` is the number of each part's unit in `names`, -1 for none. `locked` units never change; `apart` ones are
    exclusive, beside the rule of the band. `kept` says whether the others are kept too as far as they can be.
    `sizes` is what each counted when its plan was made, -1 where nobody knows.
    """

    unit: Ints
    names: tuple[str, ...] = ()
    locked: Flags
    apart: Flags
    kept: bool = False
    sizes: Ints | None = None

    @classmethod
    def nothing(cls, parts: int) -> "Standing":
        """Begin with no unit at all."""
        none = np.zeros(0, dtype=bool)
        return cls(unit=np.full(parts, -1, dtype=np.int64), locked=none, apart=none)

    @property
    def held(self) -> Flags:
        """Flag the parts whose unit never changes."""
        return self._parts(self.locked)

    @property
    def beside(self) -> Flags:
        """Flag the parts of exclusive units."""
        return self._parts(self.apart)

    @property
    def exclusive(self) -> tuple[str, ...]:
        """Names of the exclusive units."""
        return tuple(name for name, beside in zip(self.names, self.apart, strict=True) if beside)

    def _parts(self, units: Flags) -> Flags:
        of_none = np.zeros(1, dtype=bool)  # the last, which -1 finds
        flags: Flags = np.concatenate([units, of_none])[self.unit]
        return flags


def standings(
    atoms: pd.DataFrame,
    criteria: Criteria,
    former: Plan | None = None,
    *,
    keep: bool = True,
    locked: Collection[str] = (),
    exclusive: Collection[str] = (),
    sizes: Mapping[str, int] | None = None,
) -> list[Standing]:
    """
    Give what stands on each level that is wanted, the topmost first.

    Levels of the former plan are known by their names, else by the sizes of their units. Places of the kinds that are
    to be exclusive become units of their own on the lowest level; on the others they are themselves.

    Parameters
    ----------
    atoms
        Parts sorted by id; `place_id` and `place_kind` where a part lies in a place that may become exclusive.
    """
    chain = criteria.chain
    found = [Standing.nothing(len(atoms)) for _ in chain]
    if former is not None:
        tiers = former.tiers()
        held = _locked_parts(tiers, locked, exclusive)
        for level, tier in _matched(tiers, chain, atoms, exclusive).items():
            lock = held[tier] if keep else held[tier] | set(exclusive)
            stands = _standing(tiers[tier], atoms, lock, exclusive, keep=keep)
            known = [-1 if sizes is None else sizes.get(name, -1) for name in stands.names]
            found[level] = replace(stands, sizes=None if sizes is None else np.array(known, dtype=np.int64))
    return _with_places(found, atoms, criteria.exclusive)


def _locked_parts(tiers: Sequence[Plan], locked: Collection[str], exclusive: Collection[str]) -> list[set[str]]:
    """Name the locked units of each level: what is locked, what lies in it, and what is exclusive."""
    inside = pd.Series(data=False, index=tiers[-1].parts.index)
    found = []
    for tier in tiers:
        inside |= tier.parts.isin([*locked, *exclusive])
        found.append(set(tier.parts[inside]))
    return found


def _matched(
    tiers: Sequence[Plan], chain: Sequence[Criteria], atoms: pd.DataFrame, exclusive: Collection[str]
) -> dict[int, int]:
    """Say which level of the former plan each wanted level goes on from."""
    names = [_level_name(tier, exclusive) for tier in tiers]
    wanted = [one.level for one in chain]
    by_name = {wanted.index(name): tier for tier, name in enumerate(names) if name in wanted}
    if by_name:
        return by_name
    if len(tiers) == 1:
        return {_most_in_band(tiers[0], chain, atoms): 0}
    both = min(len(tiers), len(chain))
    return {len(chain) - 1 - one: len(tiers) - 1 - one for one in range(both)}


def _level_name(tier: Plan, exclusive: Collection[str]) -> str | None:
    """Name the level of most of a plan's units."""
    names = [tier.levels.get(unit) for unit in tier.units if unit not in exclusive]
    known = sorted(name for name in names if name is not None)
    return max(known, key=known.count) if known else None


def _most_in_band(tier: Plan, chain: Sequence[Criteria], atoms: pd.DataFrame) -> int:
    """Find the level in whose band most units of a plan lie, the topmost of several."""
    unit = tier.parts.reindex(atoms["part_id"]).to_numpy(dtype=object)
    counts = []
    for one in chain:
        weight = measured(atoms, one.by)
        low, high = one.band(int(weight.sum()))
        counts.append(int(pd.Series(weight).groupby(unit).sum().between(low, high).sum()))
    return int(np.argmax(counts))


def _standing(
    tier: Plan, atoms: pd.DataFrame, locked: Collection[str], exclusive: Collection[str], *, keep: bool
) -> Standing:
    """Number the units of one level of a plan."""
    unit, names = pd.factorize(tier.parts.reindex(atoms["part_id"]), sort=True)
    return Standing(
        unit=unit.astype(np.int64),
        names=tuple(str(name) for name in names),
        locked=np.isin(names, list(locked)) if len(names) else np.zeros(0, dtype=bool),
        apart=np.isin(names, list(exclusive)) if len(names) else np.zeros(0, dtype=bool),
        kept=keep,
    )


def _with_places(found: Sequence[Standing], atoms: pd.DataFrame, kinds: Collection[str]) -> list[Standing]:
    """Set places of some kinds apart, each as an exclusive unit of its own; what is locked stays as it is."""
    if not kinds or "place_id" not in atoms:
        return list(found)
    chosen = atoms["place_kind"].isin(list(kinds)).to_numpy(dtype=bool)
    rows = np.flatnonzero(chosen & ~np.any([one.held for one in found], axis=0))
    key = atoms["community_id"].astype(str).iloc[rows] + "\0" + atoms["place_id"].astype(str).iloc[rows]
    place = pd.factorize(key, sort=True)[0].astype(np.int64)
    leads = atoms["part_id"].to_numpy(dtype=object)[rows[np.unique(place, return_index=True)[1]]]
    taken = {name for one in found for name in one.names}
    names = [_fresh_name(f"x{lead}", taken) for lead in leads]
    return [_and_places(one, rows, place, names) for one in found]


def _and_places(standing: Standing, rows: Ints, place: Ints, names: Sequence[str]) -> Standing:
    unit: Ints = standing.unit.copy()
    unit[rows] = len(standing.names) + place
    every = np.ones(len(names), dtype=bool)
    return replace(
        standing,
        unit=unit,
        names=(*standing.names, *names),
        locked=np.concatenate([standing.locked, every]),
        apart=np.concatenate([standing.apart, every]),
    )


def _fresh_name(name: str, taken: Collection[str]) -> str:
    return _fresh_name(f"{name}.", taken) if name in taken else name
