"""Problems made of known towns are problems still, and a proof of the fewest agrees with trying everything."""

import importlib
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(BENCH))
    try:
        yield {name: importlib.import_module(name) for name in ("held_out", "fewest", "towns", "peers", "front")}
    finally:
        sys.path.remove(str(BENCH))
        for name in ("held_out", "fewest", "peers", "front"):
            sys.modules.pop(name, None)


def field(w=None, wide=12, high=10):
    """Square cells of 30 m, row by row, without barriers or blocks."""
    at = np.arange(wide * high)
    pairs = [(a, a + 1) for a in at if a % wide < wide - 1] + [(a, a + wide) for a in at[:-wide]]
    xy = np.column_stack([at % wide, at // wide]) * 30.0
    sizes = {"area": np.full(len(at), 900.0), "per": np.full(len(at), 120.0)}
    return {
        "w": 1 + at % 9 if w is None else w,
        "E": np.array(pairs),
        "L": np.full(len(pairs), 30.0),
        "xy": xy,
        **sizes,
    }


def test_a_crop_hangs_together_and_what_was_shared_becomes_outer(bench):
    town = bench["towns"].checked(field())
    piece = bench["held_out"].cropped(town, 0.4, (0.2, 0.5))
    assert len(piece) <= 0.4 * len(town)
    assert len(bench["held_out"].whole(piece)) == len(piece)
    shared = np.bincount(piece.E.ravel(), np.repeat(piece.L, 2), len(piece))
    np.testing.assert_allclose(shared + piece.ext, 120.0)


def test_turning_and_stretching_change_no_size_but_the_scale(bench):
    town, made = bench["towns"].checked(field()), bench["held_out"]
    label = (town.xy[:, 0] > 180).astype(int)
    figures = [
        bench["towns"].figures(one, label, target=840, low=700, high=1000)
        for one in (town, made.scaled(made.turned(town, 33.0), 2.0))
    ]
    assert figures[1]["polsby_popper_mean"] == figures[0]["polsby_popper_mean"]
    assert figures[1]["cut_km"] == pytest.approx(2 * figures[0]["cut_km"])
    assert figures[1]["inertia"] == pytest.approx(4 * figures[0]["inertia"])


def test_households_go_to_other_atoms_that_are_lived_in(bench):
    town = bench["towns"].checked(field(np.arange(120) % 7))
    other = bench["held_out"].reweighted(town, 5, 3.0)
    assert ((other.w > 0) == (town.w > 0)).all()
    assert other.w.sum() > 2 * town.w.sum()
    assert (other.w == bench["held_out"].reweighted(town, 5, 3.0).w).all()


def lattice(rng, wide=4, high=2):
    """Two units, west and east, on a few atoms; as `keep` lays a region out."""
    from govmap.delineate.exchange import Region

    at = np.arange(wide * high)
    near = [[b for b in at if abs(a % wide - b % wide) + abs(a // wide - b // wide) == 1] for a in at]
    start = (at % wide >= wide // 2).astype(np.int64)
    weight = rng.integers(1, 30, len(at))
    first = np.concatenate([[0], np.cumsum([len(one) for one in near])])
    flat = np.concatenate(near).astype(np.int64)
    held = np.bincount(start, weight)
    low, high_ = int(held.min()), int(held.max()) - 3
    joins, price = np.ones(len(flat), dtype=bool), np.zeros(len(flat), dtype=np.int64)
    region = Region(weight, weight, start, first, flat, joins, price, np.zeros(2, dtype=bool), low, high_)
    return region, start, int(np.argmax(held)), near


@pytest.mark.parametrize("seed", range(6))
def test_the_program_finds_the_fewest_that_trying_everything_finds(bench, seed):
    region, start, centre, near = lattice(np.random.default_rng(seed))
    wanted = None
    for tried in product((0, 1), repeat=len(start)):
        label = np.array(tried)
        held = np.bincount(label, region.weight, 2)
        if held.min() < region.low or held.max() > region.high or not all(_whole(label == one, near) for one in (0, 1)):
            continue
        moved = int(region.weight[label != start].sum())
        wanted = moved if wanted is None else min(wanted, moved)
    verdict, label = bench["fewest"].fewest(region, start, centre)
    assert verdict == ("impossible" if wanted is None else "least")
    assert wanted is None or int(region.weight[label != start].sum()) == wanted


def _whole(inside, near):
    atoms = np.flatnonzero(inside).tolist()
    found = atoms[:1]
    for atom in found:
        found += [other for other in near[atom] if inside[other] and other not in found]
    return 0 < len(found) == len(atoms)


def test_the_columns_in_which_a_plan_is_worse_leave_the_wished_one_out(bench):
    peers = bench["peers"]
    good = dict.fromkeys(peers.COLUMNS, 1.0)
    row = peers.Row("ours", good | {"cut_km": 2.0, "blocks_split": 2.0}, 0.0)
    assert peers.worse(row, peers.Row("METIS", good, 0.0), "blocks_split") == ["cut_km"]
