"""Who lives where, part by part: people and age bands, and whether each number was counted or estimated."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from govmap.assess.standards import BANDS, EVERYONE
from govmap.geometry import Bools, Floats, Ints
from govmap.shares import share_out

ENOUGH = 200  # counted people from whom the shares of ages are taken for those nobody counted (own choice)


@dataclass(frozen=True, eq=False)
class People:
    """Households and people of each home, all and by age band, and which of the numbers are estimates."""

    households: Ints
    numbers: Mapping[str, Ints]
    guessed: Mapping[str, Bools]

    def __len__(self) -> int:
        return len(self.households)

    def of(self, whom: str) -> Ints:
        """Give the people of a group in each home: all, or an age band."""
        return self.numbers[whom]

    def estimated(self, whom: str) -> Bools:
        """Tell whose number is an estimate."""
        return self.guessed[whom]

    def counted(self, whom: str) -> bool:
        """Tell whether anybody counted this group anywhere."""
        return bool((~self.guessed[whom]).any())


def people(
    homes: pd.DataFrame,
    *,
    narrow: Mapping[str, Collection[str]],
    ages: Mapping[str, Any],
    household_size: float,
) -> People:
    """
    Count who lives in each home; what no register says is estimated and marked.

    People are residents where they are known, else households times the persons of a household. An age band that
    nobody counted is estimated by the share it has among those counted here (200 or more), else by the country's
    share; estimates are whole and add up (largest remainder).

    Parameters
    ----------
    homes
        building_id, households, residents, and age bands where registers know them; one row a home.
    narrow
        people or an age band -> buildings for which a register counts it by address, building or part; what is known
        of a wider area alone is spread, and so an estimate.
    ages
        Share of each age band, as `layers/ages.toml` gives it for a profile.
    household_size
        Persons a household where nothing is known.
    """
    households, every = _whole(homes["households"]), _whole(homes["residents"])
    wanting = (every == 0) & (households > 0)
    every[wanting] = share_out(round(float(households[wanting].sum()) * household_size), households[wanting])
    building = homes["building_id"]
    guessed = {EVERYONE: _lacks(building, narrow, "people") | wanting}
    numbers = {EVERYONE: every}
    for band in BANDS:
        told = _told(homes, band)
        guessed[band] = _lacks(building, narrow, band) | np.isnan(told)
        numbers[band] = _band(told, ~guessed[band], every, float(ages[band]))
    return People(households, numbers, guessed)


def _whole(column: "pd.Series[Any]") -> Ints:
    numbers: Ints = np.maximum(column.fillna(0).to_numpy(np.float64), 0).astype(np.int64)
    return numbers


def _lacks(building: "pd.Series[str]", narrow: Mapping[str, Collection[str]], what: str) -> Bools:
    lacks: Bools = ~building.isin(set(narrow.get(what, ()))).to_numpy(bool)
    return lacks


def _told(homes: pd.DataFrame, band: str) -> Floats:
    """Give what registers say of each home, nan where nothing."""
    if band not in homes:
        return np.full(len(homes), np.nan)
    return np.asarray(homes[band].to_numpy(np.float64, na_value=np.nan))


def _band(told: Floats, sure: Bools, every: Ints, share: float) -> Ints:
    """Fill in a band where no register tells it: its share among those counted, else the country's."""
    there = ~np.isnan(told)
    band = np.where(there, np.rint(np.where(there, told, 0.0)), 0.0).astype(np.int64)
    counted = int(every[sure].sum())
    if counted >= ENOUGH:
        share = min(1.0, float(band[sure].sum()) / counted)
    rest = every[~there]
    band[~there] = np.minimum(share_out(round(float(rest.sum()) * share), rest), rest)
    return band
