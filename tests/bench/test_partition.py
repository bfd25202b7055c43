"""The bench reads any file of the format, and what it gives does not depend on how the file is ordered."""

import importlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(BENCH))
    try:
        yield importlib.import_module("partition")
    finally:
        sys.path.remove(str(BENCH))


@pytest.fixture(scope="module")
def towns(bench):
    return bench.towns


def facts(wide=12, high=10):
    """A lattice of 30 m cells in blocks of four by five, with a barrier between its halves."""
    at = np.arange(wide * high)
    x, y = at % wide, at // wide
    east = np.column_stack([at, at + 1])[x < wide - 1]
    north = np.column_stack([at, at + wide])[y < high - 1]
    ends = np.concatenate([east, north])
    bar = np.concatenate([x[x < wide - 1] == wide // 2 - 1, np.zeros(len(north), dtype=bool)])
    outer = 30.0 * ((x == 0).astype(int) + (x == wide - 1) + (y == 0) + (y == high - 1))
    return {
        "w": 10 + (7 * x + 5 * y) % 9,
        "E": ends,
        "L": np.full(len(ends), 30.0),
        "bar": bar,
        "xy": np.column_stack([x, y]) * 30.0 + 15,
        "area": np.full(len(at), 900.0),
        "per": np.full(len(at), 120.0),
        "ext": outer,
        "comp": x // 4 + y // 5 * 3,
    }


def wanted(bench, **choices):
    return bench.Wanted(**{"target": 160.0, "low": 120, "high": 200, "seed": 1, **choices})


def test_figures_are_those_counted_by_hand(towns):
    town = towns.checked(facts())
    halves = (town.xy[:, 0] > 180).astype(int)
    found = towns.figures(town, halves, target=840, low=700, high=1000)
    assert found["units"] == 2
    assert found["units_in_pieces"] == 0
    assert found["cut_km"] == 0.3
    assert found["barrier_inside_km"] == 0
    assert found["blocks_split"] == 2
    assert found["polsby_popper_mean"] == round(4 * np.pi * 54_000 / 960**2, 3)
    stripes = town.xy[:, 0] // 30 % 2
    assert towns.figures(town, stripes, target=840, low=700, high=1000)["units_in_pieces"] == 2


@pytest.mark.parametrize("seed", [1, 2])
def test_another_order_of_atoms_and_borders_gives_the_same_town(bench, towns, seed):
    found = facts()
    found["xy"][5] = found["xy"][6]  # told apart by their neighbours alone
    found["w"][5] = found["w"][6]
    town = towns.checked(found)
    order = np.random.default_rng(seed).permutation(len(town))
    first, other = (towns.permuted(one, towns.canonical(one)) for one in (town, bench.shuffled(town, order, seed)))
    assert all((getattr(first, key) == getattr(other, key)).all() for key in towns.KEYS)


def test_what_must_hold_for_every_input_holds_for_a_small_town(bench, towns):
    wish = wanted(bench)
    assert bench.verify(towns.checked(facts()), replace(wish, processes=1)) == []


def test_odd_inputs_are_divided_all_the_same(bench, towns):
    found = facts()
    found["w"] = found["w"].astype(float)
    found["w"][:9] = 0
    found["E"] = np.concatenate([found["E"], found["E"][:20, ::-1], [[3, 3]]])
    found["L"] = np.concatenate([found["L"], found["L"][:20], [5.0]])
    found["bar"] = np.concatenate([found["bar"], found["bar"][:20], [False]])
    found["xy"][40:44] = found["xy"][40]
    found["comp"][:] = -1
    lone = (found["E"] != 119).all(axis=1)
    town = towns.checked({**found, "E": found["E"][lone], "L": found["L"][lone], "bar": found["bar"][lone]})
    wish = wanted(bench)
    label = bench.solve(town, wish)
    assert len(label) == 120
    assert label.max() + 1 == wish.units(int(town.w.sum()))
    # The atom that borders nothing is joined by name; no other unit lies in pieces.
    assert towns.figures(town, label, target=160, low=120, high=200)["units_in_pieces"] <= 1


def test_a_border_that_stands_there_twice_has_the_metres_of_both(towns):
    found = facts()
    twice = {**found, "E": np.concatenate([found["E"], found["E"][:1, ::-1]])}
    twice |= {"L": np.append(found["L"], 12.0), "bar": np.append(found["bar"], False)}
    once, other = towns.checked(found), towns.checked(twice)
    assert (other.E == once.E).all()
    assert other.L.sum() == once.L.sum() + 12


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("w", np.full(120, 2.5), "whole numbers"),
        ("w", np.full(120, -1), "whole numbers"),
        ("E", np.full((len(facts()["E"]), 2), 120), "0 to 119"),
        ("L", np.array([1.0]), "same number of rows"),
        ("xy", np.full((120, 2), np.nan), "xy and area"),
        ("ext", np.zeros(3), "ext must hold"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(towns, key, value, says):
    with pytest.raises(towns.TownError, match=says):
        towns.checked({**facts(), key: value})


def test_tiles_hang_together_and_are_copies(towns):
    town = towns.checked(facts())
    many = towns.tiled(town, 5)
    assert len(many) == 5 * len(town)
    assert many.w.sum() == 5 * town.w.sum()
    assert towns.figures(many, np.zeros(len(many)), target=1, low=1, high=1)["units_in_pieces"] == 0
    assert len(np.unique(many.xy, axis=0)) == len(many)
    assert many.comp.max() + 1 == 5 * (town.comp.max() + 1)


def test_the_program_writes_labels_and_one_line_of_json(tmp_path, towns):
    np.savez(tmp_path / "town.npz", **facts())
    words = ["--target", "160", "--low", "120", "--high", "200", "--prefer", "blocks", "-o", str(tmp_path / "l.npy")]
    command = [sys.executable, str(BENCH / "partition.py"), str(tmp_path / "town.npz"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    label = np.load(tmp_path / "l.npy")
    assert told["units"] == told["units_wanted"] == len(np.unique(label)) == round(facts()["w"].sum() / 160)
    assert told["units_in_pieces"] == 0
    assert told["cpu_s"] > 0
    assert told["blocks_must_split"] == 6
    missing = subprocess.run([*command[:2], str(tmp_path / "none.npz")], capture_output=True, text=True, check=False)
    assert missing.returncode == 1
    assert "cannot be read" in missing.stderr
    assert "Traceback" not in missing.stderr
