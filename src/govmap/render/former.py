"""A plan beside the one before it, for the web map: which buildings lie in another unit now, and in which they lay."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from govmap.publish import Released
from govmap.render.compact import Pack
from govmap.render.place import column

Places = Mapping[str, int]


def moves(now: Released, before: Released, building_at: Places, place: Places, was: Places) -> Pack:
    """
    Pack every building that lies in another unit than before.

    A unit goes on under its code: a building that stays in the unit of one code did not move, whatever the plans call
    the unit inside. Buildings of several units are told by the unit that holds most of them, as on the map.

    Parameters
    ----------
    building_at
        The row of each building on the page.
    place, was
        The row of each unit of today, and of each unit before.
    """
    today, then = (
        one.tables["buildings"].set_index("building_id")["unit_id"].dropna().sort_index() for one in (now, before)
    )
    both = pd.DataFrame({"to": today, "from": then}).dropna()
    moved = both[both["to"].map(_codes(now)) != both["from"].map(_codes(before))]
    rows = pd.DataFrame(
        {
            "building": [building_at.get(one) for one in moved.index],
            "from": moved["from"].map(was).to_numpy(),
            "to": moved["to"].map(place).to_numpy(),
        }
    ).dropna()
    rows = rows.astype(np.int64).sort_values("building", kind="stable")
    pack = Pack(len(rows))
    for name in ("building", "from", "to"):
        pack.numbers(name, rows[name])
    return pack


def _codes(released: Released) -> Mapping[str, str]:
    """Give the code under which a unit goes on."""
    units = released.tables["units"]
    return dict(zip(units["unit_id"], column(units, "code").fillna(units["unit_id"]), strict=True))
