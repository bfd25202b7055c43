import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govmap.shares import share_out


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=60), st.integers(0, 10_000))
def test_shares_are_whole_and_add_up_and_stay_near(weights: list[float], total: int) -> None:
    shares = share_out(total, np.array(weights))
    assert int(shares.sum()) == total
    assert (shares >= 0).all()
    largest = max(weights)
    part = [weight / largest if largest else 1.0 for weight in weights]
    near = [total * one / sum(part) for one in part]
    assert all(abs(share - wanted) <= 1 + 1e-6 for share, wanted in zip(shares, near, strict=True))


@pytest.mark.parametrize("total", [0, 7])
def test_without_weights_there_are_no_shares(total: int) -> None:
    assert len(share_out(total, [])) == 0


def test_ties_go_to_the_first() -> None:
    assert share_out(4, [1, 1, 1]).tolist() == [2, 1, 1]
