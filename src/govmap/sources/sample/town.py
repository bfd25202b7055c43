"""Draws a sample town from its plan: ground, streets, walls, water, houses, boundary; and keeps the register's rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import shapely
from shapely.ops import polygonize, unary_union

from govmap.sources.sample import ways
from govmap.sources.sample.canvas import Canvas
from govmap.sources.sample.ground import Points, smooth, turned
from govmap.sources.sample.plan import House, Place, Stroke, Tags, Town, points, tags
from govmap.sources.sample.shapes import doors, footprint
from govmap.sources.sample.village import Cottage, Village, build

BUILDING_TAGS = {
    "flats": "apartments",
    "flats+shops": "apartments",
    "homes": "house",
    "homes+shops": "house",
    "plain": "yes",
    "podium": "retail",
}
LONG_RING = 60


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


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A town on its canvas, and its register."""

    canvas: Canvas
    dwellings: tuple[Dwelling, ...]


def draw(town: Town, seed: int) -> Drawn:
    """Draw a whole town."""
    canvas = Canvas(town.ground)
    villages = {place.name: _village(place, seed) for place in town.places if "village" in place.facts}
    _draw_areas(canvas, town)
    _draw_lines(canvas, town, villages)
    dwellings = [one for place in town.places for one in _draw_houses(canvas, town, place)]
    for place in town.places:
        if place.name in villages:
            dwellings += _draw_village(canvas, town, place, villages[place.name])
    _draw_spots(canvas, town)
    _draw_boundaries(canvas, town)
    return Drawn(canvas=canvas, dwellings=tuple(dwellings))


def streets(town: Town) -> dict[str, shapely.LineString]:
    """Give the named streets' middle lines on the ground."""
    return {line.tags["name"]: line.shape for line in _lines(town, "highway") if "name" in line.tags}


def ground_of(town: Town) -> shapely.Geometry:
    """Give the ground of the community, or communities, that the sample is about."""
    wanted = town.facts["community"].split(",")
    rings = [
        ring
        for facts in town.facts["boundary"]
        if tags(facts["tags"], town.language)["name"] in wanted
        for ring in _rings(town, facts)
    ]
    return unary_union([shapely.Polygon(ring) for ring in rings])


# --- ground ---------------------------------------------------------------------------------------------------------


def _draw_areas(canvas: Canvas, town: Town) -> None:
    for place in town.places:
        for area in place.areas:
            canvas.ring(town.ground.line(_closed(area.ring))[:-1], area.tags)
        if place.ring is not None and "tags" in place.facts:
            named = {"name": place.facts["name"]} if place.name else {}
            text = ";".join(f"{key}={value}" for key, value in named.items())
            told = tags(f"{text};{place.facts['tags']};{town.facts['mark']}", town.language)
            canvas.ring(town.ground.line(_closed(place.ring))[:-1], told)
    for line in _lines(town, "waterway"):
        if "_width" in line.tags:
            canvas.ring(_water(line).exterior.coords[:-1], tags(line.tags["_water"].replace(",", ";"), town.language))


def _closed(ring: Points) -> Points:
    return np.vstack([ring, ring[:1]])


def _water(line: ways.Line) -> shapely.Polygon:
    """Give the bed of a canal."""
    width = float(line.tags["_width"])
    return shapely.simplify(shapely.buffer(line.shape, width / 2, cap_style="flat"), 0.1)


# --- lines ----------------------------------------------------------------------------------------------------------


def _lines(town: Town, kind: str) -> list[ways.Line]:
    return [
        ways.Line(points=_laid(town, stroke), tags=stroke.tags, level=int(stroke.tags.get("layer", "0")))
        for place in town.places
        for stroke in place.strokes
        if kind in stroke.tags
    ]


def _laid(town: Town, stroke: Stroke) -> Points:
    """Lay a line; water, rails and named streets run in curves."""
    curved = {"waterway", "railway"} & set(stroke.tags) or "name" in stroke.tags
    return town.ground.line(smooth(stroke.line) if curved else stroke.line)


def _draw_lines(canvas: Canvas, town: Town, villages: dict[str, Village]) -> None:
    streets = [one for line in _lines(town, "highway") for one in _carriageways(line)]
    streets += [one for place in town.places if place.name in villages for one in _lanes(town, place, villages)]
    walls = _walls(town) + _lines(town, "barrier")
    knitted, joints = ways.knit(streets + walls)
    beds = unary_union([_water(line) for line in _lines(town, "waterway") if "_width" in line.tags])
    pieces = [one for line in knitted for one in (ways.bridged(line, beds, 2.5) if "highway" in line.tags else [line])]
    rails = _rails(town, [line for line in knitted if "highway" in line.tags])
    plain = pieces + rails + _lines(town, "waterway") + _lines(town, "natural") + _lines(town, "power")
    bare = [ways.Line(points=line.points, tags=_shown(line.tags)) for line in plain]
    ways.draw(canvas, bare, joints, knitted)


def _shown(told: Tags) -> Tags:
    return {key: value for key, value in told.items() if not key.startswith("_")}


def _carriageways(line: ways.Line) -> list[ways.Line]:
    """Give the ways by which a street is drawn: one or two carriageways, and its pavements."""
    drawn = [line]
    if "_hidden" in line.tags:
        drawn = []
    elif "_dual" in line.tags:
        half = float(line.tags["_dual"])
        told = {**line.tags, "oneway": "yes"}
        right, left = (ways.beside(line.points, side) for side in (-half, half))
        drawn = [ways.Line(points=right, tags=told), ways.Line(points=left[::-1], tags=told)]
    for side in (1, -1) if "_pavement" in line.tags else ():
        edge = ways.beside(line.points, side * float(line.tags["_pavement"]))
        drawn.append(ways.Line(points=edge, tags={"highway": "footway", "footway": "sidewalk"}))
    return drawn


def _walls(town: Town) -> list[ways.Line]:
    return [
        ways.Line(points=town.ground.line(_closed(place.ring)), tags=tags(place.facts["wall"], town.language))
        for place in town.places
        if place.ring is not None and "wall" in place.facts
    ]


def _lanes(town: Town, place: Place, villages: dict[str, Village]) -> list[ways.Line]:
    facts, village = place.facts["village"], villages[place.name]
    named = [{"highway": "footway", **tags(f"name={name}", town.language)} for name in facts["names"]]
    alley = {"highway": "path", "width": str(facts["alley"])}
    both = [*zip(village.lanes, named, strict=True), *((line, alley) for line in village.alleys)]
    return [ways.Line(points=_in_place(town, place, line), tags=told) for line, told in both]


def _rails(town: Town, streets: list[ways.Line]) -> list[ways.Line]:
    """Lead rails over the streets that cross them."""
    rails = _lines(town, "railway")
    under = [line.shape for line in streets if any(line.shape.intersects(rail.shape) for rail in rails)]
    beneath = shapely.convex_hull(shapely.union_all([shapely.buffer(shape, 7) for shape in under]))
    crossings = unary_union([shapely.buffer(shape, 7) for shape in under]) if under else beneath
    return [piece for rail in rails for piece in ways.bridged(rail, crossings, 2.0)]


# --- houses ---------------------------------------------------------------------------------------------------------


def _draw_houses(canvas: Canvas, town: Town, place: Place) -> list[Dwelling]:
    register = []
    for house in place.houses:
        outline = footprint(house.shape, house.width, house.depth)
        stairs, fronts = doors(outline, house.stairwells), _fronts(house)
        ring = _with(outline, np.vstack([stairs, *fronts]) if house.doors or len(fronts) else outline[:0], house)
        canvas.ring(_stand(town, house, ring), _house_tags(town, place, house))
        for part in place.parts if house.use == "podium" else ():
            canvas.ring(_stand(town, house, part.ring), part.tags)
        _draw_doors(canvas, town, place, house, stairs if house.doors else outline[:0], fronts)
        register += _register(town, place, house)
    return register


def _stand(town: Town, house: House, shape: Points) -> Points:
    return town.ground.stand(shape, house.at, house.turn)


def _with(outline: Points, marks: Points, house: House) -> Points:
    """Put doors on an outline as points of it."""
    if not len(marks):
        return outline
    used = marks if house.doors else marks[house.stairwells :]
    return ways.threaded(_closed(outline), [(float(x), float(y)) for x, y in used])[:-1]


def _fronts(house: House) -> list[Points]:
    """Give the doors on the street for the numbers of a house such as `13-19/2`."""
    numbers = _numbers(house.number)
    if len(numbers) < 2:  # noqa: PLR2004 - one number belongs to the house itself
        return []
    across = -house.width / 2 + house.width * (np.arange(len(numbers)) + 0.5) / len(numbers)
    return [np.array([[x, -house.depth / 2]]) for x in across]


def _numbers(text: str) -> list[int]:
    """Read `7`, or `13-19/2` as 13, 15, 17, 19."""
    span, _, step = text.partition("/")
    first, _, last = span.partition("-")
    if not first.isdigit():
        return []
    return list(range(int(first), int(last or first) + 1, int(step or 1)))


def _draw_doors(
    canvas: Canvas, town: Town, place: Place, house: House, stairs: Points, fronts: list[Points]
) -> None:
    for number, door in enumerate(_stand(town, house, stairs) if len(stairs) else [], 1):
        ref = town.facts["stairwell"].format(n=number)
        canvas.node(door, {"entrance": "staircase", "ref": ref, "addr:unit": ref})
    for number, front in zip(_numbers(house.number), fronts, strict=False):
        street = tags(f"addr:street={place.facts['street']}", town.language)["addr:street"]
        canvas.node(_stand(town, house, front)[0], {"addr:street": street, "addr:housenumber": str(number)})


def _house_tags(town: Town, place: Place, house: House) -> Tags:
    use = house.use.removesuffix("!")
    told = {"building": BUILDING_TAGS.get(use, use), **_house_name(town, place, house)}
    if use == "gone":
        told["building"] = place.facts.get("gone", "yes")
    if use == "construction":
        told |= {"landuse": "construction"}
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
    if way == "street":
        return {"addr:street": place.facts["street"].partition("|")[0], "addr:housenumber": house.number}
    return {"addr:housenumber": house.number} if way == "number" else {}


def _register(town: Town, place: Place, house: House) -> list[Dwelling]:
    states = {"gone": "demolished", "construction": "new"}
    if not house.households and house.use not in states:
        return []
    street = place.facts.get("street", "").partition("|")[0]
    name, numbers = house.number.replace("_", " ").partition("|")[0], _numbers(house.number)
    label = town.facts["address"].format(street=street, n=numbers[0]) if street else name
    [at] = town.ground.lay(np.array([house.at]))
    dwelling = Dwelling(
        place=place.name or street,
        lane=street,
        number=str(numbers[0]) if numbers else "",
        label=label if street or not numbers else town.facts["label"].format(n=numbers[0]),
        households=0 if house.use in states else house.households,
        lives=tuple(place.facts.get("lives", town.facts["lives"])),
        state=states.get(house.use, "standing"),
        at=(float(at[0]), float(at[1])),
        by_street=bool(street),
    )
    return [dwelling]


# --- villages -------------------------------------------------------------------------------------------------------


def _village(place: Place, seed: int) -> Village:
    return build(place.facts["village"], Random(f"{seed} {place.name}"))  # noqa: S311 - a drawing, not a secret


def _in_place(town: Town, place: Place, local: Points) -> Points:
    at, turn = np.array(place.facts["at"]), float(place.facts.get("turn", 0.0))
    return town.ground.lay(turned(local, turn) + at)


def _draw_village(canvas: Canvas, town: Town, place: Place, village: Village) -> list[Dwelling]:
    names = [name.partition("|")[0] for name in place.facts["village"]["names"]]
    register = []
    for order, house in enumerate(village.houses):
        ring = _in_place(town, place, house.ring)
        canvas.ring(ring, _cottage_tags(house, names[house.lane], order))
        register.append(_cottage_row(town, place, house, names[house.lane], ring))
    return register


def _cottage_tags(house: Cottage, lane: str, order: int) -> Tags:
    """Most houses have their number on the map, few their floors."""
    told = {"building": "house" if order % 3 else "yes"}
    if order % 11:
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


# --- points and boundaries ------------------------------------------------------------------------------------------


def _draw_spots(canvas: Canvas, town: Town) -> None:
    for place in town.places:
        for spot in place.spots:
            canvas.node(town.ground.lay(spot.at[None, :])[0], spot.tags)


def _draw_boundaries(canvas: Canvas, town: Town) -> None:
    for facts in town.facts["boundary"]:
        rings = _rings(town, facts)
        told = {"type": "boundary", "boundary": "administrative", **tags(facts["tags"], town.language)}
        edge = {"boundary": "administrative", "admin_level": told["admin_level"]}
        members = [("way", canvas.way(side, edge), "outer") for ring in rings for side in _sides(ring)]
        canvas.relation(members, {**told, **tags(town.facts["mark"], town.language)})


def _rings(town: Town, facts: Mapping[str, Any]) -> list[Points]:
    """Give a boundary's rings: the face between the streets it names, and those drawn by hand."""
    rings = [_face(town, facts)] if "sides" in facts else []
    return rings + [town.ground.line(_closed(points(text))) for text in facts.get("rings", [])]


def _sides(ring: Points) -> list[Points]:
    """Cut a long ring into several ways, as boundaries are drawn."""
    if len(ring) < LONG_RING:
        return [ring]
    cuts = np.linspace(0, len(ring) - 1, 5).astype(int)
    return [ring[start : end + 1] for start, end in zip(cuts[:-1], cuts[1:], strict=True)]


def _face(town: Town, facts: Mapping[str, Any]) -> Points:
    """Give the ring of the face that named lines make round a point."""
    named = [
        line.shape
        for kind in ("highway", "railway", "waterway")
        for line in _lines(town, kind)
        if line.tags.get("name") in facts["sides"] and "_spur" not in line.tags
    ]
    inside = shapely.Point(town.ground.lay(points(facts["inside"]))[0])
    [face] = [face for face in polygonize(unary_union(named)) if face.contains(inside)]
    return shapely.get_coordinates(face.exterior)
