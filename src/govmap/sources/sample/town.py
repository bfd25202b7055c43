"""Draws a sample town from its plan: ground, streets, walls, water, houses, boundary; and keeps the register's rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import shapely
from shapely.ops import polygonize, unary_union

from govmap.sources.sample import houses, ways
from govmap.sources.sample.canvas import Canvas
from govmap.sources.sample.ground import Points, closed, smooth
from govmap.sources.sample.houses import Dwelling
from govmap.sources.sample.plan import Place, Stroke, Tags, Town, points, tags
from govmap.sources.sample.village import Village, build

LONG_RING = 60


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
    dwellings: list[Dwelling] = []
    for place in town.places:
        dwellings += houses.draw(canvas, town, place)
        if place.name in villages:
            dwellings += houses.draw_village(canvas, town, place, villages[place.name])
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


def _village(place: Place, seed: int) -> Village:
    return build(place.facts["village"], Random(f"{seed} {place.name}"))  # noqa: S311 - a drawing, not a secret


def _draw_areas(canvas: Canvas, town: Town) -> None:
    for place in town.places:
        for area in place.areas:
            canvas.ring(town.ground.line(closed(area.ring))[:-1], area.tags)
        if place.ring is not None and "tags" in place.facts:
            name = f"name={place.facts['name']};" if place.name else ""
            told = tags(f"{name}{place.facts['tags']};{town.facts['mark']}", town.language)
            canvas.ring(town.ground.line(closed(place.ring))[:-1], told)
    for line in _lines(town, "waterway"):
        if "_width" in line.tags:
            bed = shapely.get_coordinates(_bed(line))[:-1]
            canvas.ring(bed, tags(line.tags["_water"].replace(",", ";"), town.language))


def _bed(line: ways.Line) -> shapely.Polygon:
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
    beds = unary_union([_bed(line) for line in _lines(town, "waterway") if "_width" in line.tags])
    pieces = [one for line in knitted for one in (ways.bridged(line, beds, 2.5) if "highway" in line.tags else [line])]
    rails = _rails(town, [line for line in knitted if "highway" in line.tags])
    plain = pieces + rails + _lines(town, "waterway") + _lines(town, "natural") + _lines(town, "power")
    bare = [ways.Line(points=line.points, tags=_shown(line.tags)) for line in plain]
    ways.draw(canvas, bare, joints, knitted)


def _shown(told: Mapping[str, str]) -> Tags:
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
        ways.Line(points=town.ground.line(closed(place.ring)), tags=tags(place.facts["wall"], town.language))
        for place in town.places
        if place.ring is not None and "wall" in place.facts
    ]


def _lanes(town: Town, place: Place, villages: dict[str, Village]) -> list[ways.Line]:
    facts, village = place.facts["village"], villages[place.name]
    named = [{"highway": "footway", **tags(f"name={name}", town.language)} for name in facts["names"]]
    alley = {"highway": "path", "width": str(facts["alley"])}
    both = [*zip(village.lanes, named, strict=True), *((line, alley) for line in village.alleys)]
    return [ways.Line(points=houses.in_place(town, place, line), tags=told) for line, told in both]


def _rails(town: Town, streets: list[ways.Line]) -> list[ways.Line]:
    """Lead rails over the streets that cross them."""
    rails = _lines(town, "railway")
    under = [line.shape for line in streets if any(line.shape.intersects(rail.shape) for rail in rails)]
    crossings = unary_union([shapely.buffer(shape, 7) for shape in under])
    return [piece for rail in rails for piece in ways.bridged(rail, crossings, 2.0)]


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
    return rings + [town.ground.line(closed(points(text))) for text in facts.get("rings", [])]


def _sides(ring: Points) -> list[Points]:
    """Cut a long ring into several ways, as boundaries are drawn."""
    if len(ring) < LONG_RING:
        return [ring]
    cuts = np.linspace(0, len(ring) - 1, 5).astype(int)
    return [ring[start : end + 1] for start, end in pairwise(cuts)]


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
