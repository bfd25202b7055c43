"""Where streets of other names cross a line, and the stretch between two crossings on which a block is known to lie.

A resident says that a place lies on a block where it lies between the two cross streets that bound it. A number that is
known tells for certain between which; how much of the hundred is built on one side of a crossing it does not tell.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from govmap.attach.lines import BLOCK, Numbering
from govmap.attach.parallels import Numbered

Floats = npt.NDArray[np.float64]
# Two carriageways meet the same street twice: so near each other the meetings are one crossing.
ONE_CORNER_M, FROM_CORNER_M = 30.0, 12.0


def corners(lines: Sequence[Numbered]) -> list[Floats]:
    """Give for each line its crossings with streets of other names: metres of their beginnings and ends, in rows."""
    cores: dict[str, set[str]] = defaultdict(set)
    for one in lines:
        for node in one.line.nodes:
            cores[str(node)].add(one.name.core)
    found = []
    for one in lines:
        crossed = np.array([bool(cores[str(node)] - {one.name.core}) for node in one.line.nodes], dtype=bool)
        found.append(_runs(np.sort(one.line.metres[crossed])))
    return found


def _runs(metres: Floats) -> Floats:
    """Join the places that are nearer to each other than one crossing is wide."""
    if not len(metres):
        return np.zeros((0, 2))
    held = np.split(metres, np.flatnonzero(np.diff(metres) > ONE_CORNER_M) + 1)
    return np.array([(run[0], run[-1]) for run in held])


def on_stretch(metres: float, numbers: Numbering, low: int, crossings: Floats) -> float:
    """
    Move a place of a block onto the stretch between cross streets on which its known numbers stand.

    Parameters
    ----------
    metres
        Where the middle of the block is thought to lie along the line.
    numbers, low
        The known numbers of the line, and the lowest number of the block: without one of its own nothing is moved.
    crossings
        What `corners` gives for the line.

    Returns
    -------
    metres
        The same place, or the nearest to it on the stretch, a little away from the crossing.
    """
    known = np.sort(numbers.metres[_of_block(numbers, low)])
    outside = known[~_at_corners(known, crossings)]
    if not len(outside):
        return metres
    # Of the numbers one or the other may be set off to a corner: the middle one stands on the block.
    first, last = _stretch(float(outside[len(outside) // 2]), crossings)
    away = min(FROM_CORNER_M, (last - first) / 4)
    return float(np.clip(metres, first + away, last - away))


def contradicted(metres: float, numbers: Numbering, low: int, crossings: Floats) -> bool:
    """Tell whether the stretch between crossings around a place has known numbers, but none of the block."""
    first, last = _stretch(metres, crossings)
    here = (numbers.metres > first) & (numbers.metres < last)
    return bool(here.any() and not (here & _of_block(numbers, low)).any())


def _of_block(numbers: Numbering, low: int) -> npt.NDArray[np.bool_]:
    return (numbers.numbers >= low) & (numbers.numbers < low + BLOCK)


def _at_corners(metres: Floats, crossings: Floats) -> npt.NDArray[np.bool_]:
    first, last = crossings[:, 0, np.newaxis], crossings[:, 1, np.newaxis]
    return np.asarray(((metres >= first) & (metres <= last)).any(axis=0))


def _stretch(metres: float, crossings: Floats) -> tuple[float, float]:
    """Give where the crossing before a place ends and the one behind it begins; infinite where there is none."""
    before, behind = crossings[crossings[:, 1] < metres, 1], crossings[crossings[:, 0] > metres, 0]
    return float(before.max(initial=-np.inf)), float(behind.min(initial=np.inf))
