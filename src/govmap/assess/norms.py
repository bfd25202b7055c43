"""Norms a head: how much of a service a community has beside what its standard asks for so many people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.assess.access import capacities
from govmap.assess.standards import Amount, Standard
from govmap.geometry import Floats, polygonal

IN_UNIT = {"ha": 10_000.0, "m2": 1.0}
COLUMNS = ("community_id", "category", "standard", "people", "have", "need", "short", "unit", "source")


@dataclass(frozen=True, eq=False)
class Ground:
    """What norms are held against: communities with people and households, sites and green areas inside them."""

    communities: pd.DataFrame
    people: Mapping[str, int]
    households: Mapping[str, int]
    sites: pd.DataFrame
    green: pd.DataFrame


def norms(standards: tuple[Standard, ...], ground: Ground, *, language: str) -> pd.DataFrame:
    """
    Give the rows of the table `norms`: one a community and standard that has a norm.

    `have` is missing where sites are there but do not say how large they are, or none is listed at all; `short` then is
    too. Green ground is measured inside the boundary alone. `source` says who asks for it, in one language.
    """
    rows = []
    for standard in standards:
        if standard.norm is None:
            continue
        held = _have(standard, standard.norm, ground)
        for community, have in zip(ground.communities["community_id"], held, strict=True):
            rows.append(_row(standard, standard.norm, ground, str(community), float(have), language))
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(list(COLUMNS[:3]), ignore_index=True)


def _row(
    standard: Standard, norm: Amount, ground: Ground, community: str, have: float, language: str
) -> dict[str, Any]:
    count = (ground.people if norm.of == "people" else ground.households).get(community, 0)
    need = norm.amount / norm.per * count
    short = max(0.0, need - have) if np.isfinite(have) else np.nan
    told: dict[str, Any] = {"community_id": community, "category": standard.category, "standard": standard.name}
    told |= {"people": ground.people.get(community, 0), "have": have, "need": need, "short": short}
    return {**told, "unit": norm.unit, "source": norm.source[language]}


def _have(standard: Standard, norm: Amount, ground: Ground) -> Floats:
    if norm.measure == "green":
        return _green_m2(ground) / IN_UNIT.get(norm.unit, 1.0)
    sites = ground.sites[ground.sites["category"].isin(standard.categories)]
    if norm.measure == "sites":
        return np.array([float((sites["community_id"] == one).sum()) for one in ground.communities["community_id"]])
    return np.array([_capacity(sites[sites["community_id"] == one], norm.unit) for one in _ids(ground)])


def _ids(ground: Ground) -> list[str]:
    return ground.communities["community_id"].astype(str).tolist()


def _capacity(sites: pd.DataFrame, unit: str) -> float:
    """Sum capacities; nan where no site is listed or one does not say."""
    held = capacities(sites, unit)
    return float(held.sum()) if len(held) else np.nan


def _green_m2(ground: Ground) -> Floats:
    """Measure the public green inside each community, what lies twice on the map once."""
    classes = catalog.layer("catchments")["green"]["classes"]
    green = ground.green[(ground.green["kind"] == "green") & ground.green["class"].isin(classes)]
    shapes = polygonal(green["geometry"].to_numpy()) if len(green) else np.array([], dtype=object)
    whole = shapely.union_all(shapes)
    return np.array(
        [
            float(shapely.area(shapely.intersection(shape, whole))) if len(shapes) else np.nan
            for shape in polygonal(ground.communities["geometry"].to_numpy())
        ]
    )
