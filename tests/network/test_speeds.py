import numpy as np
import pytest

from govmap import catalog
from govmap.network import SPEED_M_S, minutes


def test_every_speed_says_where_it_is_from() -> None:
    rows = catalog.layer("walking")["speeds"]
    assert set(rows) == set(SPEED_M_S) >= {"general", "elder"}
    assert all(row["source"] and set(row["title"]) == {"zh", "en"} for row in rows.values())


def test_the_old_take_longer_and_what_is_out_of_reach_stays_so() -> None:
    assert minutes(300, "elder") == pytest.approx(6.25)
    assert minutes(660) == pytest.approx(10)
    assert minutes(np.array([66, np.inf])).tolist() == pytest.approx([1, np.inf])
