"""The exact division of a little ground, against every division there is."""

from collections.abc import Callable
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.delineate.problem import components
from govmap.delineate.search.exact import split_exactly


def ground(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A random tree with a few borders more; some atoms weigh nothing."""
    rng = np.random.default_rng(seed)
    ends = {(int(rng.integers(atom)), atom) for atom in range(1, n)}
    ends |= {tuple(sorted(rng.choice(n, 2, replace=False).tolist())) for _ in range(n // 2)}
    i, j = np.array(sorted(ends)).T
    return rng.integers(0, 9, n), i, j, rng.integers(-9, 20, len(i))


def whole(label: np.ndarray, i: np.ndarray, j: np.ndarray) -> bool:
    same = label[i] == label[j]
    return len(np.unique(components(len(label), i[same], j[same]))) == len(np.unique(label))


def half(i: np.ndarray, j: np.ndarray, cost: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Half of the costs of a unit's borders: the other half is its neighbour's."""
    return lambda inside: (inside[:, i] != inside[:, j]) @ cost / 2


def cheapest(weight, i, j, cost, number, low, high) -> int | None:
    """The least cost of all divisions, by trying every one."""
    best = None
    for rest in product(range(number), repeat=len(weight) - 1):
        label = np.array((0, *rest))
        held = np.bincount(label, weight, number)
        if len(np.unique(label)) < number or (held < low).any() or (held > high).any() or not whole(label, i, j):
            continue
        cut = int(cost[label[i] != label[j]].sum())
        best = cut if best is None else min(best, cut)
    return best


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(3, 7), number=st.integers(1, 3), slack=st.integers(0, 6))
def test_nothing_is_cheaper(seed: int, n: int, number: int, slack: int) -> None:
    weight, i, j, cost = ground(seed, n)
    low, high = int(weight.sum() // number - slack), int(weight.sum() // number + slack)
    label, proven = split_exactly(weight, i, j, half(i, j, cost), number, low, high)
    best = cheapest(weight, i, j, cost, number, low, high)
    assert proven
    assert (label is None) == (best is None)
    if label is not None:
        held = np.bincount(label, weight, number)
        assert whole(label, i, j)
        assert len(np.unique(label)) == number
        assert ((held >= low) & (held <= high)).all()
        assert int(cost[label[i] != label[j]].sum()) == best


def test_twenty_atoms_are_divided_with_proof() -> None:
    at = np.arange(20).reshape(4, 5)
    i = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    j = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    label, proven = split_exactly(np.full(20, 10), i, j, half(i, j, np.ones(len(i))), 4, 50, 50)
    assert proven
    assert (np.bincount(label) == 5).all()
    assert int((label[i] != label[j]).sum()) <= 15


def test_what_cannot_be_is_proven_so() -> None:
    line = np.arange(5)
    i, j = line[:-1], line[1:]
    label, proven = split_exactly(np.array([1, 9, 1, 1, 1]), i, j, half(i, j, np.ones(4)), 2, 6, 7)
    assert label is None
    assert proven
