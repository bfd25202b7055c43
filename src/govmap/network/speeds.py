"""Minutes from metres: the speeds at which people walk, each with its source in `layers/walking.toml`."""

from typing import Any

import numpy as np

from govmap import catalog

SPEED_M_S: dict[str, float] = {name: float(row["m_s"]) for name, row in catalog.layer("walking")["speeds"].items()}
SECONDS = 60.0


def minutes(distance_m: Any, speed: str = "general") -> Any:
    """
    Give the minutes it takes to walk some metres (a number or an array); inf stays inf.

    Parameters
    ----------
    distance_m
        Metres of way.
    speed
        A name of `SPEED_M_S`: general or elder.
    """
    return np.asarray(distance_m, np.float64)[()] / (SPEED_M_S[speed] * SECONDS)
