"""Addresses are found again however they are written: the bench on a small register, its bars held."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from govmap.addresses import parse
from govmap.attach.gazetteer import Gazetteer

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(name="bench", scope="module")
def fixture_bench():
    sys.path.insert(0, str(BENCH))
    try:
        yield importlib.import_module("addresses")
    finally:
        sys.path.remove(str(BENCH))


def test_a_chinese_register_in_eight_styles(bench) -> None:
    town, told = bench.register(1600, seed=5)
    gazetteer = Gazetteer(town["buildings"], town["addresses"], town["compounds"])
    found = np.array([gazetteer.find(text).building_id for text in told["text"]], dtype=object)
    assert told["style"].nunique() == 8
    right = found == told["truth"].to_numpy(object)
    assert right.sum() / (found != None).sum() >= 0.995  # noqa: E711 - elementwise
    assert told.assign(right=right.astype(float)).groupby("style")["right"].mean().min() >= 0.97
    doors = np.array([parse(text).entrance for text in told["text"]], dtype=object)
    assert (doors == told["door"].to_numpy(object)).mean() >= 0.97


@pytest.mark.parametrize(
    ("write", "text", "written"),
    [("letter_apart", "Saxogade 12A", "Saxogade 12 a"), ("shortened", "Saxogade 12", "Saxog. 12")],
)
def test_the_ways_of_writing_change_what_they_say(bench, write: str, text: str, written: str) -> None:
    assert bench.WAYS  # all of them are asked
    assert getattr(bench, write)(text, np.random.default_rng(1)) == written


def test_one_letter_wrong_leaves_the_number_alone(bench) -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        assert bench.mistyped("Vesterbrogade 12", rng).endswith(" 12")
