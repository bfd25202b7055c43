"""A list whose members know their place in it, in machine code: one is put in or taken out in one step."""

from govmap.delineate.problem import Ints
from govmap.geometry import inlined


@inlined
def put_in(members: Ints, place: Ints, count: Ints, one: int) -> None:
    """Put one at the end, if it is not there; `place` is -1 for what is not, `count` holds the number of members."""
    if place[one] < 0:
        place[one] = count[0]
        members[count[0]] = one
        count[0] += 1


@inlined
def take_out(members: Ints, place: Ints, count: Ints, one: int) -> None:
    """Take one out, if it is there: the last takes its place."""
    if place[one] >= 0:
        last = members[count[0] - 1]
        members[place[one]] = last
        place[last] = place[one]
        place[one] = -1
        count[0] -= 1
