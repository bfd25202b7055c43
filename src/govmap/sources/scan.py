"""Reads an OSM file by pyosmium into elements: areas assembled, holes kept, what failed named with its reason.

Three ways through the file at most: relations first (who belongs to whom), then everything, then only the ways of
boundaries whose ring did not close. Only what `osm.keys` asks for reaches Python; with a box what touches it stays.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from osmium.filter import EntityFilter, GeoInterfaceFilter, IdFilter, KeyFilter
from osmium.osm import AREA, NODE, RELATION, WAY

from govmap.sources import whole
from govmap.sources.formats import recognise
from govmap.sources.gather import Found, Relations
from govmap.sources.osm import dateline
from govmap.sources.osm.elements import Box, Elements, Failed, Ring, Tags, name_of_id
from govmap.sources.osm.keys import Keys

Progress = Callable[[str, float], None]
_CHUNK = 20_000
_CLOSED_LEAST = 4
_AREA_RELATIONS = ("multipolygon", "boundary")


def scan(path: Path, keys: Keys, *, box: Box | None = None, progress: Progress | None = None) -> Elements:
    """
    Read one OSM file.

    Parameters
    ----------
    path
        A file of any of the formats; its ending does not matter, its order neither.
    keys
        The tag keys that make a point, a line or an area worth keeping.
    box
        West, south, east, north in degrees: what touches it is kept.
    progress
        Told what is done and how much of it, 0 to 1.

    Returns
    -------
    elements
        In degrees, sorted by id.
    """
    form = recognise(path)
    with whole.faults_of(path), tempfile.TemporaryDirectory() as folder:
        whole.refuse_history(str(path), form)
        if not whole.needs_order(path, form):
            try:
                return _read(str(path), form, keys, box, progress or _silent)
            except RuntimeError as fault:
                if not whole.is_disorder(fault):
                    raise
        copy = whole.ordered_copy(path, form, Path(folder))
        return replace(_read(copy, "pbf", keys, box, progress or _silent), reordered=True)


def _read(file: str, form: str, keys: Keys, box: Box | None, progress: Progress) -> Elements:
    found = Found(keys, box)
    relations = _relations(file, form, found)
    _everything(file, form, found, relations, progress)
    found.no_relations = whole.refuse_cut(file, form, found.seen)
    return found.elements(relations, _open_rings(file, form, found, relations))


def _relations(file: str, form: str, found: Found) -> Relations:
    relations = Relations()
    for relation in osmium.FileProcessor(osmium.io.File(file, form), RELATION):
        found.seen["r"] += 1
        tags = dict(relation.tags)
        kind = tags.get("type")
        if kind in _AREA_RELATIONS:
            _note_area_relation(relation, tags, relations, found.keys)
        elif kind in {"associatedStreet", "street"} and tags.get("name"):
            _note_street_relation(relation, tags["name"], relations)
    return relations


def _note_area_relation(relation: Any, tags: Tags, relations: Relations, keys: Keys) -> None:
    ways = [member.ref for member in relation.members if member.type == "w"]
    outers = [member.ref for member in relation.members if member.type == "w" and member.role != "inner"]
    relations.members.update(ways)
    if "boundary" in tags and (tags.get("name") or tags.get("name:zh")):
        relations.rings[relation.id] = (tags, ways)
    elif not keys.areas.isdisjoint(tags):
        relations.expected[relation.id] = tags
        relations.outers[relation.id] = outers
    else:
        relations.bare[relation.id] = outers


def _note_street_relation(relation: Any, name: str, relations: Relations) -> None:
    for member in relation.members:
        if member.role in {"house", "address", ""}:
            relations.streets_of.setdefault(name_of_id(member.type, member.ref), name)


def _everything(file: str, form: str, found: Found, relations: Relations, progress: Progress) -> None:
    """Go through nodes, ways and areas once."""
    processor = (
        osmium.FileProcessor(osmium.io.File(file, form))
        .with_areas()
        .with_filter(EntityFilter(NODE | WAY | AREA))
        .with_filter(_only_for(NODE, KeyFilter(*sorted(found.keys.points))))
        .with_filter(_only_for(NODE, GeoInterfaceFilter(tags=sorted(found.keys.of_points))))
        .with_filter(_only_for(WAY, KeyFilter(*sorted(found.keys.lines | found.keys.areas))))
    )
    _read_header(processor.header, found)
    wkb = osmium.geom.WKBFactory()
    outers = {way for ways in relations.bare.values() for way in ways}
    things: Iterator[Any] = iter(processor)
    for number, thing in enumerate(things):
        if number % _CHUNK == 0:
            progress("progress_read", _share(number))
        kind = thing.type_str()
        found.seen[kind] += 1
        if kind == "a":
            _take_area(thing, found, relations, wkb)
            continue
        _see_age(thing, found)
        if kind == "n":
            found.points.add(name_of_id("n", thing.id), thing.__geo_interface__["properties"], wkb.create_point(thing))
            continue
        tags = dict(thing.tags)
        if thing.id in outers:
            found.outer_tags[thing.id] = tags
        _take_way(thing, tags, found, relations, wkb)
    progress("progress_read", 1.0)


def _only_for(kind: Any, one: Any) -> Any:
    """Let a filter look at one kind of thing; the others pass."""
    one.enable_for(kind)
    return one


def _take_way(way: Any, tags: Tags, found: Found, relations: Relations, wkb: Any) -> None:
    try:
        line = wkb.create_linestring(way, osmium.geom.ALL)
    except (osmium.InvalidLocationError, RuntimeError):  # nodes that are not in the file; less than two nodes
        line = None
    if not found.keys.lines.isdisjoint(tags):
        _take_line(way, tags, line, found)
    if not found.keys.areas.isdisjoint(tags) and tags.get("area") != "no":
        _expect_area(way, tags, line, found, relations)


def _take_line(way: Any, tags: Tags, line: str | None, found: Found) -> None:
    if line is not None and len(way.nodes) > 1:
        refs = [node.ref for node in way.nodes] if "highway" in tags else []
        found.lines.add(name_of_id("w", way.id), tags, line, refs)
        return
    runs = list(_runs(way))
    found.cut += _concerns(way, found)
    if not runs and _concerns(way, found):
        found.failed.append(Failed(name_of_id("w", way.id), tags, _reason(way, closed=False, line=line)))
    for refs, places in runs:
        found.lines.add(name_of_id("w", way.id), tags, shapely.to_wkb(shapely.linestrings(places), hex=True), refs)


def _runs(way: Any) -> Iterator[tuple[list[int], list[tuple[float, float]]]]:
    """Give the stretches of a way whose nodes are in the file."""
    refs: list[int] = []
    places: list[tuple[float, float]] = []
    for node in [*way.nodes, None]:
        if node is not None and node.location.valid():
            refs.append(node.ref)
            places.append((node.lon, node.lat))
            continue
        if len(refs) > 1:
            yield refs, places
        refs, places = [], []


def _expect_area(way: Any, tags: Tags, line: str | None, found: Found, relations: Relations) -> None:
    """Wait for the area of a closed way, or say at once why there will be none."""
    closed = len(way.nodes) > 1 and way.is_closed()
    if closed and len(way.nodes) >= _CLOSED_LEAST and line is not None:
        found.pending[way.id] = (tags, line)
    elif way.id not in relations.members and not found.keys.surely_areas.isdisjoint(tags) and _concerns(way, found):
        found.failed.append(Failed(name_of_id("w", way.id), tags, _reason(way, closed=closed, line=line)))


def _concerns(way: Any, found: Found) -> bool:
    """Tell whether a way without a shape lies in the box; where no point of it is known it may."""
    box = found.points.box
    places = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
    if box is None or not places:
        return True
    return bool(shapely.intersects_xy(dateline.shape_of(box), np.array(places)).any())


def _reason(way: Any, *, closed: bool, line: str | None) -> str:
    if len(way.nodes) < (_CLOSED_LEAST if closed else 2):
        return "too_few_points"
    return "missing_nodes" if line is None else "not_closed"


def _take_area(area: Any, found: Found, relations: Relations, wkb: Any) -> None:
    from_way, id_ = area.from_way(), area.orig_id()
    try:
        shape = wkb.create_multipolygon(area)
    except (RuntimeError, osmium.InvalidLocationError):
        return
    if from_way:
        tags = found.pending.pop(id_, (None, ""))[0]
        if tags is not None:
            found.areas.add(name_of_id("w", id_), tags, shape)
        return
    found.relations_done.add(id_)
    tags = dict(area.tags)
    if not found.keys.areas.isdisjoint(tags):
        found.areas.add(name_of_id("r", id_), tags, shape)
    elif id_ in relations.bare:
        found.pierced[id_] = shape


def _open_rings(file: str, form: str, found: Found, relations: Relations) -> list[Ring]:
    """Read the ways of boundaries that did not close."""
    still = {id_: ring for id_, ring in relations.rings.items() if id_ not in found.relations_done}
    wanted = {way for _, ways in still.values() for way in ways}
    if not wanted:
        return []
    processor = (
        osmium.FileProcessor(osmium.io.File(file, form), NODE | WAY)
        .with_locations()
        .with_filter(EntityFilter(WAY))
        .with_filter(IdFilter(wanted))
    )
    stretches = {way.id: [shapely.linestrings(places) for _, places in _runs(way)] for way in processor}
    made = [_ring(id_, tags, ways, stretches) for id_, (tags, ways) in sorted(still.items())]
    if found.points.box is None:
        return made
    near = dateline.shape_of(found.points.box)
    return [ring for ring in made if shapely.intersects(ring.lines, near).any()]


def _ring(id_: int, tags: Tags, ways: list[int], stretches: dict[int, list[Any]]) -> Ring:
    lines = [line for way in ways for line in stretches.get(way, ())]
    missing = sum(not stretches.get(way) for way in ways)
    return Ring(name_of_id("r", id_), tags, np.array(lines, dtype=object), len(ways), missing)


def _see_age(thing: Any, found: Found) -> None:
    at = thing.timestamp
    if found.newest is None or at > found.newest:
        found.newest = at


def _read_header(header: Any, found: Found) -> None:
    replicated = header.get("osmosis_replication_timestamp")
    if replicated:
        found.replicated = datetime.fromisoformat(replicated).astimezone(UTC)
    box = header.box()
    if box.valid():
        found.box = (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)


def _share(number: int) -> float:
    """Guess how far the reading is: nobody knows how many things a file holds, so it nears the end ever more slowly."""
    return number / (number + 200_000)


def _silent(key: str, share: float) -> None:
    """Tell nobody."""
    del key, share
