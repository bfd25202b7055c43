"""Open ground at the edge of units, looked at last: a verge goes to the unit it is most part of.

While ground is divided a verge follows one building (`verges`), wherever the edge of a unit comes to lie. Once that is
known, some would trail along a street past units they do not belong to; those change over, and nobody moves with them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from govmap.delineate.problem import Flags, Ints, Problem, numbered
from govmap.delineate.quarter import ways_of

# A unit with more of its outline in one neighbour, the border of the whole ground counted in, lies inside that one.
AROUND = 0.75


class _Move(NamedTuple):
    """What a part's change to another unit saves: price and metres of border; how it is sorted is how it is taken."""

    dearer: int
    longer: int
    part: int
    unit: int


@dataclass(frozen=True)
class _Ground:
    """Parts with their borders one behind the other; `label` changes, parts that are `fast` do not."""

    problem: Problem
    first: Ints
    near: Ints
    way: Ints
    label: Ints
    fast: Flags

    @classmethod
    def of(cls, problem: Problem, label: Ints, fast: Flags) -> "_Ground":
        """Begin with a division."""
        here, there = np.concatenate([problem.i, problem.j]), np.concatenate([problem.j, problem.i])
        order = np.lexsort((there, here))
        first = np.searchsorted(here[order], np.arange(len(problem) + 1)).astype(np.int64)
        return cls(problem, first, there[order], np.tile(np.arange(len(problem.i)), 2)[order], label.copy(), fast)

    def moves(self, part: int) -> Iterator[_Move]:
        """Give the changes of one part that save price and do not make the borders of units longer."""
        ways = slice(self.first[part], self.first[part + 1])
        near, way, own = self.near[ways], self.way[ways], int(self.label[part])
        unit = self.label[near]
        joins, problem = self.problem.joins[way], self.problem
        sums = np.column_stack([problem.price[way], problem.length[way], problem.barrier[way]])
        here = sums[unit == own].sum(axis=0).tolist()
        for other in np.unique(unit[joins & ~self.fast[near] & (unit != own)]).tolist():
            there = sums[unit == other].sum(axis=0).tolist()
            dearer, longer, stronger = here[0] - there[0], here[1] - there[1], there[2] * here[1] - here[2] * there[1]
            if dearer < 0 and longer <= 0 and stronger <= 0:
                yield _Move(dearer, longer, part, other)

    def stays_whole(self, part: int) -> bool:
        """Tell whether what joins a part in its unit hangs together without it, and is there at all."""
        left = set(self._joined(part))
        todo = [left.pop()] if left else []
        seen = {part, *todo}
        while todo and left:
            found = [one for one in self._joined(todo.pop()) if one not in seen]
            seen.update(found)
            left.difference_update(found)
            todo += found
        return not left and len(seen) > 1

    def divides_block(self, move: _Move, blocks: "_Blocks") -> bool:
        """Tell whether a change would bring a block into one unit more."""
        held = self.label[blocks.of(int(self.problem.block[move.part]))]
        return not (held == move.unit).any() and int((held == self.label[move.part]).sum()) > 1

    def encloses(self, move: _Move) -> bool:
        """Tell whether the unit that gives a part would then lie inside the one that takes it."""
        own, problem = self.label[move.part], self.problem
        left = np.flatnonzero(self.label == own)
        left = left[left != move.part]
        ways = ways_of(self.first, left)
        near, length = self.near[ways], problem.length[self.way[ways]]
        taken = (self.label[near] == move.unit) | (near == move.part)
        inside = (self.label[near] == own) & ~taken
        outline = int(length[~inside].sum() + problem.outer[left].sum())
        return bool(int(length[taken].sum()) > AROUND * outline)

    def _joined(self, part: int) -> list[int]:
        """Name the parts of the same unit that a part joins."""
        ways = slice(self.first[part], self.first[part + 1])
        near = self.near[ways][self.problem.joins[self.way[ways]]]
        found: list[int] = near[self.label[near] == self.label[part]].tolist()
        return found


@dataclass(frozen=True)
class _Blocks:
    """The parts of each street block."""

    parts: Ints
    block: Ints

    @classmethod
    def laid_out(cls, block: Ints) -> "_Blocks":
        """Sort the parts by block."""
        order = np.argsort(block, kind="stable")
        return cls(order, block[order])

    def of(self, block: int) -> Ints:
        """Name the parts of a block; ground without one has none."""
        first, last = np.searchsorted(self.block, [block, block + 1])
        return self.parts[first:last] if block >= 0 else self.parts[:0]


def trimmed_labels(atoms: pd.DataFrame, problem: Problem, label: Ints, standing: int) -> Ints:
    """
    Let open ground change to a neighbouring unit where both the price and the metres of borders fall.

    No unit gets more pieces or comes to lie inside another, no compound and no street block is divided by it, and no
    size changes: what moves bears nothing that is counted. The greatest saving comes first.

    Parameters
    ----------
    atoms
        Parts sorted by id: `building_id`, `compound_id`.
    problem
        The parts as they are, with the prices of their borders.
    label
        The unit of each part; units with a number below `standing` were there before and do not change.

    Returns
    -------
    label
        Of each part.
    """
    ground = _Ground.of(problem, label, label < standing)
    blocks = _Blocks.laid_out(problem.block)
    todo = np.flatnonzero(_free(atoms, problem) & ~ground.fast)
    while len(todo):
        moved = [part for move in _savings(ground, todo) if (part := _taken(ground, blocks, move)) is not None]
        todo = todo if moved else todo[:0]
    return ground.label


def _free(atoms: pd.DataFrame, problem: Problem) -> Flags:
    """Flag open ground outside compounds that bears nothing of what is counted."""
    free = atoms["building_id"].isna().to_numpy(dtype=bool) & (problem.weight == 0)
    if problem.more is not None:
        free &= (problem.more.weight == 0).all(axis=0)
    found: Flags = free & (numbered(atoms["compound_id"]) < 0)
    return found


def _savings(ground: _Ground, parts: Ints) -> list[_Move]:
    """Give the best change of each part that has one, the greatest saving first."""
    found = (min(ground.moves(int(part)), default=None) for part in parts)
    return sorted(move for move in found if move is not None)


def _taken(ground: _Ground, blocks: _Blocks, move: _Move) -> int | None:
    """Let a part change over, if that still saves as much now that others have; say which did."""
    if move not in ground.moves(move.part) or not ground.stays_whole(move.part):
        return None
    if ground.divides_block(move, blocks) or ground.encloses(move):
        return None
    ground.label[move.part] = move.unit
    return move.part
