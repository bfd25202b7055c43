"""Random plans, in machine code: two neighbouring units are put together and cut apart anew, again and again.

A walk over plans (ReCom; DeFord, Duchin, Solomon, Harvard Data Science Review 3.1, 2021) that is reversible, so that
one knows what it converges to: a plan is met in proportion to the product, over its units, of the number of spanning
trees of each (Cannon, Duchin, Randall, Rule, arXiv 2210.01401; Autry, Carter, Herschlag, Hunter, Mattingly, Multiscale
Modeling & Simulation 19.4, 2021). That is the usual yardstick: it favours compact plans and knows no other wish.

A step: a border between two units is drawn among all `c` of them, and a tree on each side of it, each tree of its unit
alike (Wilson 1996). The two trees and the border are one tree of the ground of both, with `b` edges at which it could
be cut so that both sides lie in their bands. Another tree of the same ground is drawn, and one of its `b'` such edges.
The plan it gives has `c'` borders between units, and is taken with chance `c b' / (c' b)`. Plan, tree and edge together
were met in proportion to `1 / c` and drawn with chance `1 / b'`: each step leaves those chances as they are.
"""

from typing import NamedTuple

import numpy as np

from govmap.delineate.problem import Ints
from govmap.delineate.search.kernel import draw, share
from govmap.delineate.search.lists import put_in, take_out
from govmap.geometry import compiled


class Net(NamedTuple):
    """What the walk does not change: weights by measure and atom, their bands, and who borders whom."""

    weight: Ints
    low: Ints
    high: Ints
    i: Ints
    j: Ints
    first: Ints
    near: Ints
    edge: Ints


class Walk(NamedTuple):
    """
    What the walk changes: the unit of each atom, chains of the atoms of each unit, and the borders between units.

    `met` counts proposals, trees that could be cut, and changes made.
    """

    label: Ints
    head: Ints
    next: Ints
    cut: Ints
    place: Ints
    cuts: Ints
    turn: Ints
    mark: Ints
    parent: Ints
    order: Ints
    branch: Ints
    side: Ints
    under: Ints
    met: Ints
    chance: np.ndarray


PROPOSED, CUT, CHANGED = 0, 1, 2


def net(weight: Ints, low: Ints, high: Ints, i: Ints, j: Ints) -> Net:
    """Lay out borders for the walk: of every atom one behind the other."""
    here, there = np.concatenate([i, j]), np.concatenate([j, i])
    order = np.lexsort((there, here))
    first = np.zeros(weight.shape[1] + 1, dtype=np.int64)
    np.add.at(first, here + 1, 1)
    edge = np.concatenate([np.arange(len(i))] * 2)[order]
    return Net(weight, low, high, i, j, np.cumsum(first), there[order], edge)


def begin(ground: Net, label: Ints, units: int, seed: int) -> Walk:
    """Stand at a plan; `label` is numbered from 0 to `units` - 1, and every unit must hang together."""
    n, edges = len(label), len(ground.i)
    none = np.full(n, -1, dtype=np.int64)
    walk = Walk(
        label=label.astype(np.int64),
        head=np.full(units, -1, dtype=np.int64),
        next=none.copy(),
        cut=np.zeros(edges, dtype=np.int64),
        place=np.full(edges, -1, dtype=np.int64),
        cuts=np.zeros(1, dtype=np.int64),
        turn=np.zeros(1, dtype=np.int64),
        mark=none.copy(),
        parent=none.copy(),
        order=none.copy(),
        branch=none.copy(),
        side=np.zeros(n, dtype=np.int64),
        under=np.zeros_like(ground.weight),
        met=np.zeros(3, dtype=np.int64),
        chance=np.array([(88172645463325252 + 7919 * seed) % 2**64], dtype=np.uint64),
    )
    _enter(ground, walk)
    return walk


@compiled
def _enter(ground: Net, walk: Walk) -> None:
    """Chain the atoms of each unit and list the borders between units."""
    for atom in range(len(walk.label) - 1, -1, -1):
        _hold(walk, atom)
    for edge in range(len(ground.i)):
        _list_cut(ground, walk, edge)


@compiled
def _hold(walk: Walk, atom: int) -> None:
    unit = walk.label[atom]
    walk.next[atom] = walk.head[unit]
    walk.head[unit] = atom


@compiled
def _list_cut(ground: Net, walk: Walk, edge: int) -> None:
    """Keep the list of borders between units."""
    if walk.label[ground.i[edge]] != walk.label[ground.j[edge]]:
        put_in(walk.cut, walk.place, walk.cuts, edge)
    else:
        take_out(walk.cut, walk.place, walk.cuts, edge)


@compiled
def _any(chance: np.ndarray, end: int) -> int:
    """Draw a whole number from 0 to end - 1 without a division: this is most of what a step costs."""
    return int(((draw(chance) >> np.uint64(32)) * np.uint64(end)) >> np.uint64(32))


@compiled
def wander(ground: Net, walk: Walk, proposals: int) -> None:
    """Go on by so many proposals."""
    for _ in range(proposals):
        if walk.cuts[0] == 0:
            return
        walk.met[PROPOSED] += 1
        edge = walk.cut[_any(walk.chance, walk.cuts[0])]
        here, there = ground.i[edge], ground.j[edge]
        one, other = walk.label[here], walk.label[there]
        count = _draw_tree(ground, walk, here, -1, one, other, 0)
        good = _good_cuts(ground, walk, count)
        if good > 0:
            walk.met[CUT] += 1
            _cut_off(ground, walk, count, _any(walk.chance, good))
            borders = walk.cuts[0] + _more_borders(ground, walk, one, other, count)
            half = _draw_tree(ground, walk, here, -1, one, one, 0)
            _draw_tree(ground, walk, there, here, other, other, half)
            before = _good_cuts(ground, walk, count)
            if share(walk.chance) * borders * before < walk.cuts[0] * good:
                _apply(ground, walk, one, other, count)
                walk.met[CHANGED] += 1


@compiled
def _draw_tree(ground: Net, walk: Walk, root: int, above: int, one: int, other: int, count: int) -> int:
    """
    Draw a spanning tree of two units (or of one, given twice), every tree with the same chance.

    It is written behind the `count` atoms that stand in `order`, from the root on; the root hangs from `above`. Gives
    how many atoms stand there then.
    """
    walk.turn[0] += 1
    turn = walk.turn[0]
    walk.mark[root], walk.parent[root], walk.order[count] = turn, above, root
    count += 1
    for turned in range(1 if one == other else 2):
        start = walk.head[other if turned else one]
        while start >= 0:
            atom = start
            while walk.mark[atom] != turn:
                walk.parent[atom] = _any_neighbour(ground, walk, atom, one, other)
                atom = walk.parent[atom]
            # Once more along the way, without its loops: that is the branch.
            atom, steps = start, 0
            while walk.mark[atom] != turn:
                walk.mark[atom] = turn
                walk.branch[steps] = atom
                steps += 1
                atom = walk.parent[atom]
            for step in range(steps):
                walk.order[count + step] = walk.branch[steps - 1 - step]
            count += steps
            start = walk.next[start]
    return count


@compiled
def _any_neighbour(ground: Net, walk: Walk, atom: int, one: int, other: int) -> int:
    start = ground.first[atom]
    ways = ground.first[atom + 1] - start
    while True:
        near = ground.near[start + _any(walk.chance, ways)]
        if walk.label[near] == one or walk.label[near] == other:
            return int(near)


@compiled
def _good_cuts(ground: Net, walk: Walk, count: int) -> int:
    """Sum up what hangs below each atom of the tree, and count the edges at which it can be cut."""
    for place in range(count):
        atom = walk.order[place]
        for measure in range(len(ground.low)):
            walk.under[measure, atom] = ground.weight[measure, atom]
    root, found = walk.order[0], 0
    for place in range(count - 1, 0, -1):
        atom = walk.order[place]
        for measure in range(len(ground.low)):
            walk.under[measure, walk.parent[atom]] += walk.under[measure, atom]
    for place in range(1, count):
        found += _good_cut(ground, walk, root, walk.order[place])
    return found


@compiled
def _good_cut(ground: Net, walk: Walk, root: int, atom: int) -> bool:
    """Tell whether both sides of a cut above an atom lie in their bands."""
    for measure in range(len(ground.low)):
        part = walk.under[measure, atom]
        rest = walk.under[measure, root] - part
        low, high = ground.low[measure], ground.high[measure]
        if part < low or part > high or rest < low or rest > high:
            return False
    return True


@compiled
def _cut_off(ground: Net, walk: Walk, count: int, which: int) -> None:
    """Mark what hangs below one of the good cuts by `side`."""
    root, top = walk.order[0], 0
    while which >= 0:
        top += 1
        which -= _good_cut(ground, walk, root, walk.order[top])
    for place in range(top):
        walk.side[walk.order[place]] = 0
    walk.side[walk.order[top]] = 1
    for place in range(top + 1, count):
        atom = walk.order[place]
        walk.side[atom] = walk.side[walk.parent[atom]]


@compiled
def _more_borders(ground: Net, walk: Walk, one: int, other: int, count: int) -> int:
    """Count the borders between units that there would be more."""
    more = 0
    for place in range(count):
        atom = walk.order[place]
        for way in range(ground.first[atom], ground.first[atom + 1]):
            near = ground.near[way]
            if near > atom and (walk.label[near] == one or walk.label[near] == other):
                more += (walk.side[near] != walk.side[atom]) - (walk.label[near] != walk.label[atom])
    return more


@compiled
def _apply(ground: Net, walk: Walk, one: int, other: int, count: int) -> None:
    """Give each side its number: the one that holds more of the first unit stays the first."""
    stay = 0
    for place in range(count):
        atom = walk.order[place]
        stay += 1 if (walk.label[atom] == one) == (walk.side[atom] == 1) else -1
    first = 1 if stay > 0 else 0
    walk.head[one], walk.head[other] = -1, -1
    for place in range(count):
        atom = walk.order[place]
        walk.label[atom] = one if walk.side[atom] == first else other
        _hold(walk, atom)
    for place in range(count):
        atom = walk.order[place]
        for way in range(ground.first[atom], ground.first[atom + 1]):
            if ground.near[way] > atom:
                _list_cut(ground, walk, ground.edge[way])
