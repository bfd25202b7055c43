"""What barriers are worth to a division: less where there are many, or where good borders lie elsewhere."""

import pytest

from govmap.delineate.search.portfolio import LEAST_KEPT, USUAL_ATOMS, USUAL_BARRIERS, WEIGHTS, _kept_to

WIDTHS = (0.0, 0.5, 1.0, 2.0, 4.0, 16.0)


@pytest.mark.parametrize("prefer", [None, "barriers", "balance"])
def test_barriers_weigh_less_the_more_of_them_there_are_but_never_nothing(prefer):
    kept = [_kept_to(prefer, widths, 20.0) for widths in WIDTHS]
    assert kept == sorted(kept, reverse=True)
    assert kept[-1] >= LEAST_KEPT


def test_where_units_hold_many_atoms_barriers_give_way_sooner():
    many = [_kept_to(None, 2 * USUAL_BARRIERS, atoms) for atoms in (4, USUAL_ATOMS, 40, 80)]
    assert many[0] == many[1] > many[2] > many[3]
    assert len({_kept_to(None, USUAL_BARRIERS / 2, atoms) for atoms in (4, 80)}) == 1


@pytest.mark.parametrize("prefer", ["compact", "blocks"])
def test_a_border_along_a_barrier_is_never_free_where_short_ones_are_wanted(prefer):
    assert all(WEIGHTS[prefer][0] * _kept_to(prefer, widths, 20.0) < 1 for widths in WIDTHS)
