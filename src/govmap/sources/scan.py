"""Reads an OSM file by pyosmium into elements: areas assembled, holes kept, what failed named with its reason.

Three ways through the file at most: relations first (who belongs to whom), then everything, then only the ways of
boundaries whose ring did not close. Only what `osm.keys` asks for reaches Python; with a box what touches it stays.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from osmium.filter import EntityFilter, GeoInterfaceFilter, IdFilter, KeyFilter
from osmium.osm import AREA, NODE, RELATION, WAY

from govmap.errors import InputError
from govmap.sources import courtyards
from govmap.sources.formats import is_sorted, recognise
from govmap.sources.osm.elements import Box, Elements, Failed, Ring, Tags, Things
from govmap.sources.osm.keys import Keys

Progress = Callable[[str, float], None]
_CHUNK = 20_000
_CLOSED_LEAST = 4
_MANY_WAYS = 3_000
_LOOSE_SHARE = 0.05
_AREA_RELATIONS = ("multipolygon", "boundary")


def scan(path: Path, keys: Keys, *, box: Box | None = None, progress: Progress | None = None) -> Elements:
    """
    Read one OSM file.

    Parameters
    ----------
    path
        A file that `formats.recognise` has named; its ending does not matter.
    keys
        The tag keys that make a point, a line or an area worth keeping.
    box
        West, south, east, north in degrees: what touches it is kept.
    progress
        Told what is done and how much of it, 0 to 1.

    Returns
    -------
    elements
        In degrees. Nothing is sorted yet.
    """
    form = recognise(path)
    with _faults_of(path), tempfile.TemporaryDirectory() as folder:
        if is_sorted(path, form):
            try:
                return _read(str(path), form, keys, box, progress or _silent)
            except RuntimeError as fault:
                if "out of order" not in str(fault):
                    raise
        return _read(_sorted_copy(path, form, Path(folder)), "pbf", keys, box, progress or _silent)


def _read(file: str, form: str, keys: Keys, box: Box | None, progress: Progress) -> Elements:
    found = _Found(keys, box)
    relations = _relations(file, form, found)
    _everything(file, form, found, relations, progress)
    _refuse_cut(file, form, found)
    return found.elements(relations, _open_rings(file, form, found, relations))


@dataclass
class _Relations:
    """What relations say of their members, read before anything else."""

    members: set[int] = field(default_factory=set)
    bare: dict[int, list[int]] = field(default_factory=dict)
    outers: dict[int, list[int]] = field(default_factory=dict)
    rings: dict[int, tuple[Tags, list[int]]] = field(default_factory=dict)
    expected: dict[int, Tags] = field(default_factory=dict)
    streets_of: dict[str, str] = field(default_factory=dict)


@dataclass
class _Shapes:
    """Things as they come in, shapes still as WKB; made and cut to the box chunk by chunk."""

    box: Box | None
    ids: list[str] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    refs: list[list[int]] = field(default_factory=list)
    shapes: list[np.ndarray] = field(default_factory=list)
    outside: int = 0
    _wkb: list[str] = field(default_factory=list)

    def add(self, id_: str, tags: Tags, wkb: str, refs: list[int] | None = None) -> None:
        self.ids.append(id_)
        self.tags.append(tags)
        self._wkb.append(wkb)
        if refs is not None:
            self.refs.append(refs)
        if len(self._wkb) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        shapes = shapely.from_wkb(np.array(self._wkb, dtype=object))
        start = len(self.ids) - len(shapes)
        self._wkb.clear()
        if self.box is not None and len(shapes):
            near = shapely.intersects(shapes, shapely.box(*self.box))
            self.outside += int((~near).sum())
            self._keep(start, near)
            shapes = shapes[near]
        self.shapes.append(shapes)

    def near(self, shape: Any) -> bool:
        """Tell whether a shape touches the box."""
        return self.box is None or bool(shapely.intersects(shape, shapely.box(*self.box)))

    def things(self) -> Things:
        self.flush()
        return Things(self.ids, self.tags, np.concatenate(self.shapes), self.refs)

    def _keep(self, start: int, near: np.ndarray) -> None:
        for column in (self.ids, self.tags, self.refs):
            if column:
                tail: list[Any] = [one for one, kept in zip(column[start:], near, strict=True) if kept]
                column[start:] = tail


class _Found:
    """What has been found so far."""

    def __init__(self, keys: Keys, box: Box | None) -> None:
        self.keys = keys
        self.points, self.lines, self.areas = _Shapes(box), _Shapes(box), _Shapes(box)
        self.failed: list[Failed] = []
        self.pending: dict[int, tuple[Tags, str]] = {}
        self.outer_tags: dict[int, Tags] = {}
        self.pierced: dict[int, str] = {}
        self.relations_done: set[int] = set()
        self.seen: Counter[str] = Counter()
        self.repaired = 0
        self.cut = 0
        self.no_relations = False
        self.newest: datetime | None = None
        self.replicated: datetime | None = None
        self.box: Box | None = None

    def elements(self, relations: _Relations, rings: list[Ring]) -> Elements:
        self._mend_pending()
        self._name_failed_relations(relations)
        areas = self._with_holes(relations)
        return Elements(
            points=_in_order(self.points.things()),
            lines=_in_order(self.lines.things()),
            areas=_in_order(areas),
            failed=sorted(self.failed, key=lambda one: (one.id, one.reason)),
            rings=rings,
            streets_of=relations.streets_of,
            outside={"points": self.points.outside, "lines": self.lines.outside, "areas": self.areas.outside},
            repaired=self.repaired,
            cut=self.cut,
            no_relations=self.no_relations,
            newest=self.replicated or self.newest,
            box=self.box,
        )

    def _with_holes(self, relations: _Relations) -> Things:
        """Give areas their courtyards, and drop the relations whose outline ways already are those areas."""
        areas = self.areas.things()
        pierced, twins, lone = courtyards.pierced(areas, self.pierced, relations.bare, relations.outers)
        self.failed += [Failed(areas.ids[one], areas.tags[one], "twin_of_outline") for one in twins]
        keep = np.ones(len(areas), dtype=bool)
        keep[twins] = False
        more = [
            (f"r{one}", self.outer_tags[outer], shape)
            for one, shape in lone
            if (outer := relations.bare[one][0]) in self.outer_tags and self.areas.near(shape)
        ]
        kept = pierced.take(keep)
        shapes = np.concatenate([kept.shapes, np.array([shape for *_, shape in more], dtype=object)])
        return Things(kept.ids + [id_ for id_, *_ in more], kept.tags + [tags for _, tags, _ in more], shapes)

    def _mend_pending(self) -> None:
        """Closed ways that gave no area cross themselves: repair them where something with an area is left."""
        for id_, (tags, wkb) in sorted(self.pending.items()):
            mended = _mended(wkb)
            if mended is None:
                self.failed.append(Failed(f"w{id_}", tags, "no_area"))
            else:
                self.repaired += 1
                self.areas.add(f"w{id_}", tags, shapely.to_wkb(mended, hex=True))

    def _name_failed_relations(self, relations: _Relations) -> None:
        for id_, tags in sorted(relations.expected.items()):
            if id_ not in self.relations_done:
                self.failed.append(Failed(f"r{id_}", tags, "incomplete_relation"))


def _in_order(things: Things) -> Things:
    """Sort by id, whatever the order of the file."""
    return things.take(np.argsort(np.array(things.ids, dtype=object), kind="stable"))


def _relations(file: Any, form: str, found: _Found) -> _Relations:
    relations = _Relations()
    for relation in osmium.FileProcessor(osmium.io.File(file, form), RELATION):
        found.seen["r"] += 1
        tags = dict(relation.tags)
        kind = tags.get("type")
        if kind in _AREA_RELATIONS:
            _note_area_relation(relation, tags, relations, found.keys)
        elif kind in {"associatedStreet", "street"} and tags.get("name"):
            _note_street_relation(relation, tags["name"], relations)
    return relations


def _note_area_relation(relation: Any, tags: Tags, relations: _Relations, keys: Keys) -> None:
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


def _note_street_relation(relation: Any, name: str, relations: _Relations) -> None:
    for member in relation.members:
        if member.role in {"house", "address", ""}:
            relations.streets_of.setdefault(f"{member.type}{member.ref}", name)


def _everything(file: Any, form: str, found: _Found, relations: _Relations, progress: Progress) -> None:
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
            found.points.add(f"n{thing.id}", thing.__geo_interface__["properties"], wkb.create_point(thing))
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


def _take_way(way: Any, tags: Tags, found: _Found, relations: _Relations, wkb: Any) -> None:
    try:
        line = wkb.create_linestring(way, osmium.geom.ALL)
    except (osmium.InvalidLocationError, RuntimeError):  # nodes that are not in the file; less than two nodes
        line = None
    if not found.keys.lines.isdisjoint(tags):
        _take_line(way, tags, line, found)
    if not found.keys.areas.isdisjoint(tags) and tags.get("area") != "no":
        _expect_area(way, tags, line, found, relations)


def _take_line(way: Any, tags: Tags, line: str | None, found: _Found) -> None:
    if line is not None and len(way.nodes) > 1:
        refs = [node.ref for node in way.nodes] if "highway" in tags else []
        found.lines.add(f"w{way.id}", tags, line, refs)
        return
    runs = list(_runs(way))
    found.cut += 1
    if not runs:
        found.failed.append(Failed(f"w{way.id}", tags, _reason(way, closed=False, line=line)))
    for refs, places in runs:
        found.lines.add(f"w{way.id}", tags, shapely.to_wkb(shapely.linestrings(places), hex=True), refs)


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


def _expect_area(way: Any, tags: Tags, line: str | None, found: _Found, relations: _Relations) -> None:
    """Wait for the area of a closed way, or say at once why there will be none."""
    closed = len(way.nodes) > 1 and way.is_closed()
    if closed and len(way.nodes) >= _CLOSED_LEAST and line is not None:
        found.pending[way.id] = (tags, line)
    elif way.id not in relations.members and not found.keys.surely_areas.isdisjoint(tags):
        found.failed.append(Failed(f"w{way.id}", tags, _reason(way, closed=closed, line=line)))


def _reason(way: Any, *, closed: bool, line: str | None) -> str:
    if len(way.nodes) < (_CLOSED_LEAST if closed else 2):
        return "too_few_points"
    return "missing_nodes" if line is None else "not_closed"


def _take_area(area: Any, found: _Found, relations: _Relations, wkb: Any) -> None:
    from_way, id_ = area.from_way(), area.orig_id()
    try:
        shape = wkb.create_multipolygon(area)
    except (RuntimeError, osmium.InvalidLocationError):
        return
    if from_way:
        tags = found.pending.pop(id_, (None, ""))[0]
        if tags is not None:
            found.areas.add(f"w{id_}", tags, shape)
        return
    found.relations_done.add(id_)
    tags = dict(area.tags)
    if not found.keys.areas.isdisjoint(tags):
        found.areas.add(f"r{id_}", tags, shape)
    elif id_ in relations.bare:
        found.pierced[id_] = shape


def _mended(wkb: str) -> Any:
    """Give the areas that a ring crossing itself encloses, None where it encloses none."""
    ring = shapely.from_wkb(wkb)
    mended = shapely.make_valid(shapely.polygons(shapely.get_coordinates(ring)))
    parts = [part for part in shapely.get_parts(mended) if part.geom_type == "Polygon" and part.area > 0]
    return shapely.multipolygons(parts) if parts else None


def _open_rings(file: Any, form: str, found: _Found, relations: _Relations) -> list[Ring]:
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
    near = shapely.box(*found.points.box)
    return [ring for ring in made if shapely.intersects(ring.lines, near).any()]


def _ring(id_: int, tags: Tags, ways: list[int], stretches: dict[int, list[Any]]) -> Ring:
    lines = [line for way in ways for line in stretches.get(way, ())]
    missing = sum(not stretches.get(way) for way in ways)
    return Ring(f"r{id_}", tags, np.array(lines, dtype=object), len(ways), missing)


def _refuse_cut(file: Any, form: str, found: _Found) -> None:
    """Refuse a file that ends where a block of it ends: such a cut is no error of the format."""
    if not found.seen["w"] and not found.seen["a"]:
        raise InputError("fetch_no_ways", points=found.seen["n"])
    if form == "pbf" and not found.seen["r"] and found.seen["w"] > _MANY_WAYS:
        found.no_relations = True
        share = _loose_share(file, form)
        if share > _LOOSE_SHARE:
            raise InputError("fetch_cut_short", share=round(100 * share))


def _loose_share(file: Any, form: str) -> float:
    """Give the share of points without tags that no way needs: next to none in a whole file."""
    used = osmium.IdTracker()
    for way in osmium.FileProcessor(osmium.io.File(file, form), WAY):
        used.add_references(way)
    total = sum(1 for _ in osmium.FileProcessor(osmium.io.File(file, form), NODE))
    needed = osmium.FileProcessor(osmium.io.File(file, form), NODE).with_filter(used.id_filter())
    tagged = osmium.FileProcessor(osmium.io.File(file, form), NODE).with_filter(osmium.filter.EmptyTagFilter())
    return (total - sum(1 for _ in needed) - sum(1 for _ in tagged)) / max(total, 1)


def _see_age(thing: Any, found: _Found) -> None:
    at = thing.timestamp
    if found.newest is None or at > found.newest:
        found.newest = at


def _read_header(header: Any, found: _Found) -> None:
    replicated = header.get("osmosis_replication_timestamp")
    if replicated:
        found.replicated = datetime.fromisoformat(replicated).astimezone(UTC)
    box = header.box()
    if box.valid():
        found.box = (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)


@contextmanager
def _faults_of(path: Path) -> Iterator[None]:
    """Make one sentence of every fault of the file."""
    try:
        yield
    except InputError as fault:
        fault.where = str(path)
        raise
    except (RuntimeError, osmium.InvalidLocationError) as fault:
        raise InputError("fetch_broken_file", where=str(path), reason=str(fault)) from fault


def _sorted_copy(path: Path, form: str, folder: Path) -> str:
    copy = str(folder / "sorted.osm.pbf")
    merged = osmium.MergeInputReader()
    merged.add_buffer(path.read_bytes(), form)
    with osmium.SimpleWriter(copy) as writer:
        merged.apply(writer)
    return copy


def _share(number: int) -> float:
    """Guess how far the reading is: nobody knows how many things a file holds, so it nears the end ever more slowly."""
    return number / (number + 200_000)


def _silent(key: str, share: float) -> None:
    """Tell nobody."""
    del key, share
