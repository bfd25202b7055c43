"""The size that units of each level should have, as the plan's criteria say it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from govmap.render.place import Frame, column

STORED = {"households": "households", "residents": "residents", "buildings": "buildings"}


@dataclass(frozen=True)
class Band:
    """The least and most of a measure that a unit should have; `by` names the measure."""

    low: float
    high: float
    by: str

    @property
    def stored(self) -> bool:
        """Tell whether the table of units holds the measure."""
        return self.by in STORED

    def outside(self, units: Frame) -> "pd.Series[bool]":
        """Tell which units lie out of the band; what is withheld or exclusive is not judged."""
        value = pd.to_numeric(column(units, self.by), errors="coerce").astype(float)
        ours = column(units, "kind") != "exclusive"
        return ours & value.notna() & ((value < self.low) | (value > self.high))


def bands(plans: Frame) -> Mapping[str, Band]:
    """Give the band of each level; empty where the plan says none, as where it came in as a list."""
    stored = column(plans, "criteria").dropna()
    if stored.empty:
        return {}
    criteria: Mapping[str, Any] | None
    criteria = stored.iloc[0] if isinstance(stored.iloc[0], dict) else json.loads(stored.iloc[0])
    found: dict[str, Band] = {}
    while criteria:
        size = criteria.get("size")
        if size:
            found[str(criteria.get("level") or "base")] = Band(
                size[0], size[1], str(criteria.get("by") or "households")
            )
        criteria = criteria.get("finer")
    return found


def out_of_band(units: Frame, plans: Frame) -> "pd.Series[bool] | None":
    """Tell of every unit whether it lies out of the band of its level; None where no level has one we can look up."""
    known = {level: band for level, band in bands(plans).items() if band.stored}
    if not known:
        return None
    found = pd.Series(data=False, index=units.index)
    for level, band in known.items():
        found |= (column(units, "level").fillna("base") == level) & band.outside(units)
    return found
