"""Houses of a sample town: their outlines, doors and tags on the map, and what the office's register knows of them."""

from dataclasses import dataclass

import numpy as np

from govmap.sources.sample import ways
from govmap.sources.sample.canvas import Canvas
from govmap.sources.sample.ground import Points, closed, turned
from govmap.sources.sample.plan import House, Place, Tags, Town, tags
from govmap.sources.sample.shapes import doors, footprint
from govmap.sources.sample.village import Cottage, Village

BUILDING_TAGS = {
    "flats": "apartments",
    "flats+shops": "apartments",
    "homes": "house",
    "homes+shops": "house",
    "plain": "yes",
    "podium": "retail",
    "gone": "yes",
}
UNNUMBERED = 31  # one village house in so many has no number on the map
STATES = {"gone": "demolished", "construction": "new"}


@dataclass(frozen=True, kw_only=True)
class Dwelling:
    """
    What the register of the office knows of one building, and where it stands on the ground.

    `place` is the compound, village or street by which people look it up; `lane` and `number` are its own.
    """

    place: str
    lane: str
    number: str
    label: str
    households: int
    lives: tuple[float, ...]
    let: bool = False
    state: str = "standing"
    at: tuple[float, float]
    by_street: bool = False


def draw(canvas: Canvas, town: Town, place: Place) -> list[Dwelling]:
    """Draw the houses of a place with their doors, and give their rows of the register."""
    register = []
    for house in place.houses:
        outline = footprint(house.shape, house.width, house.depth)
        stairs = doors(outline, house.stairwells) if house.doors else outline[:0]
        fronts = _fronts(house)
        canvas.ring(_stand(town, house, _with(outline, np.vstack([stairs, fronts]))), _tags(town, place, house))
        for part in place.parts if house.use == "podium" else ():
            canvas.ring(_stand(town, house, part.ring), part.tags)
        _draw_doors(canvas, town, house, stairs)
        _draw_fronts(canvas, town, place, house, fronts)
        register += _row(town, place, house)
    return register


def draw_village(canvas: Canvas, town: Town, place: Place, village: Village) -> list[Dwelling]:
    """Draw the houses of a village, and give their rows of the register."""
    names = [name.partition("|")[0] for name in place.facts["village"]["names"]]
    register = []
    for order, house in enumerate(village.houses):
        ring = in_place(town, place, house.ring)
        canvas.ring(ring, _cottage_tags(house, names[house.lane], order))
        register.append(_cottage_row(town, place, house, names[house.lane], ring))
    return register


def in_place(town: Town, place: Place, local: Points) -> Points:
    """Lay points of a place's own plan on the ground, bent with it."""
    at, turn = np.array(place.facts["at"]), float(place.facts.get("turn", 0.0))
    return town.ground.lay(turned(local, turn) + at)


def _stand(town: Town, house: House, shape: Points) -> Points:
    return town.ground.stand(shape, house.at, house.turn)


def _with(outline: Points, marks: Points) -> Points:
    """Put doors on an outline as points of it."""
    return ways.threaded(closed(outline), [(float(x), float(y)) for x, y in marks])[:-1]


def _fronts(house: House) -> Points:
    """Give the doors on the street for the numbers of a house such as `13-19/2`; one number is the house's own."""
    count = len(_numbers(house.number))
    across = (np.arange(count) + 0.5) / max(count, 1) - 0.5
    fronts = np.column_stack([across * house.width, np.full(count, -house.depth / 2)])
    return fronts if count > 1 else fronts[:0]


def _numbers(text: str) -> list[int]:
    """Read `7`, or `13-19/2` as 13, 15, 17, 19."""
    span, _, step = text.partition("/")
    first, _, last = span.partition("-")
    if not first.isdigit():
        return []
    return list(range(int(first), int(last or first) + 1, int(step or 1)))


def _draw_doors(canvas: Canvas, town: Town, house: House, stairs: Points) -> None:
    for number, door in enumerate(_stand(town, house, stairs), 1):
        ref = town.facts["stairwell"].format(n=number)
        canvas.node(door, {"entrance": "staircase", "ref": ref, "addr:unit": ref})


def _draw_fronts(canvas: Canvas, town: Town, place: Place, house: House, fronts: Points) -> None:
    for number, front in zip(_numbers(house.number), _stand(town, house, fronts), strict=False):
        canvas.node(front, {"addr:street": _street(place), "addr:housenumber": str(number)})


def _street(place: Place) -> str:
    return str(place.facts.get("street", ""))


def _tags(town: Town, place: Place, house: House) -> Tags:
    told = {"building": BUILDING_TAGS.get(house.use, house.use), **_house_name(town, place, house)}
    if house.levels_known:
        told["building:levels"] = str(house.levels)
    return told


def _house_name(town: Town, place: Place, house: House) -> Tags:
    """Give a house the name the map knows it by; not every compound's are mapped."""
    if not house.number.isdigit():
        shown = house.number.replace("_", " ")
        return {} if house.number == "-" or _numbers(house.number) else tags(f"name={shown}", town.language)
    way = place.facts.get("numbering", "name")
    if way == "name":
        return {"name": town.facts["label"].format(n=house.number)}
    return {"addr:street": _street(place), "addr:housenumber": house.number} if way == "street" else {}


def _row(town: Town, place: Place, house: House) -> list[Dwelling]:
    """Give a house's row of the register; who lives nowhere has none, but what is gone or not yet done is noted."""
    if not house.households and house.use not in STATES:
        return []
    [at] = town.ground.lay(np.array([house.at]))
    numbers = _numbers(house.number)
    dwelling = Dwelling(
        place=place.name or _street(place),
        lane=_street(place),
        number=str(numbers[0]) if numbers else "",
        label=_label(town, place, house),
        households=0 if house.use in STATES else house.households,
        lives=tuple(place.facts.get("lives", town.facts["lives"])),
        state=STATES.get(house.use, "standing"),
        at=(float(at[0]), float(at[1])),
        by_street=bool(_street(place)),
    )
    return [dwelling]


def _label(town: Town, place: Place, house: House) -> str:
    """Give a house as the register calls it."""
    numbers = _numbers(house.number)
    if not numbers:
        return house.number.replace("_", " ").partition("|")[0]
    if _street(place):
        return str(town.facts["address"].format(street=_street(place), n=numbers[0]))
    return str(town.facts["label"].format(n=numbers[0]))


def _cottage_tags(house: Cottage, lane: str, order: int) -> Tags:
    """Most houses have their number on the map, few their floors."""
    told = {"building": "house" if order % 3 else "yes"}
    if order % UNNUMBERED:
        told |= {"addr:street": lane, "addr:housenumber": str(house.number)}
    if order % 17 == 0:
        told["building:levels"] = str(house.levels)
    return told


def _cottage_row(town: Town, place: Place, house: Cottage, lane: str, ring: Points) -> Dwelling:
    middle = ring.mean(axis=0)
    return Dwelling(
        place=place.name,
        lane=lane,
        number=str(house.number),
        label=town.facts["address"].format(street=lane, n=house.number),
        households=house.households,
        lives=tuple(place.facts["lives"]),
        let=True,
        at=(float(middle[0]), float(middle[1])),
        by_street=True,
    )
