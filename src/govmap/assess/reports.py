"""What of the incidents counts, by part and category, and the units of every level over the parts.

Steps of this folder that look at reports share these: arrays over parts, so that any level and any lattice is a sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from govmap.assess.chance import Floats

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tier:
    """The units of one level: their ids, sorted, their households, and the number of the unit of each part or -1."""

    level: str
    units: npt.NDArray[np.object_]
    households: Floats
    of: Ints


@dataclass(frozen=True)
class Reports:
    """Reports that count: the number of the part of each, and the number of its category in `categories`, -1: other."""

    part: Ints
    category: Ints
    categories: tuple[str, ...]

    def of(self, category: str) -> Ints:
        """Give the parts of the reports of one category, or of all."""
        if category == ALL:
            return self.part
        found: Ints = self.part[self.category == self.categories.index(category)]
        return found

    @property
    def every(self) -> tuple[str, ...]:
        """All reports together first, then each category."""
        return (ALL, *self.categories)


def numbered(category: "pd.Series[Any]", categories: Sequence[str]) -> Ints:
    """Give the number of the category of each report, -1 where it is none of these."""
    codes, names = category.astype(object).factorize()
    known = {name: number for number, name in enumerate(categories)}
    found: Ints = np.array([*(known.get(name, -1) for name in names), -1], dtype=np.int64)[codes]
    return found


def categories_of(categories: "pd.Series[Any]", *, least: int, most: int) -> tuple[str, ...]:
    """Name the categories with enough reports to be looked at alone, sorted; of too many the most frequent."""
    counts = categories.dropna().astype(str).value_counts()
    counts = counts[(counts >= least) & (counts.index != ALL)]
    ranked = sorted(counts.items(), key=lambda one: (-one[1], str(one[0])))[:most]
    return tuple(sorted(str(name) for name, _ in ranked))
