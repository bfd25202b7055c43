"""What a walk through an OSM file brings home: shapes chunk by chunk, what is waited for, and what failed and why."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from govmap.sources import courtyards
from govmap.sources.osm import dateline
from govmap.sources.osm.elements import Box, Elements, Failed, Ring, Tags, Things, name_of_id
from govmap.sources.osm.keys import Keys

if TYPE_CHECKING:
    from datetime import datetime

_CHUNK = 20_000


@dataclass
class Relations:
    """What relations say of their members, read before anything else."""

    members: set[int] = field(default_factory=set)
    bare: dict[int, list[int]] = field(default_factory=dict)
    outers: dict[int, list[int]] = field(default_factory=dict)
    rings: dict[int, tuple[Tags, list[int]]] = field(default_factory=dict)
    expected: dict[int, Tags] = field(default_factory=dict)
    streets_of: dict[str, str] = field(default_factory=dict)


@dataclass
class Shapes:
    """Things as they come in, shapes still as WKB; made and cut to the box chunk by chunk."""

    box: Box | None
    ids: list[str] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    refs: list[list[int]] = field(default_factory=list)
    shapes: list[np.ndarray] = field(default_factory=list)
    outside: int = 0
    _wkb: list[str] = field(default_factory=list)

    def add(self, id_: str, tags: Tags, wkb: str, refs: list[int] | None = None) -> None:
        """Take one thing; its shape as WKB in hexadecimal."""
        self.ids.append(id_)
        self.tags.append(tags)
        self._wkb.append(wkb)
        if refs is not None:
            self.refs.append(refs)
        if len(self._wkb) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Make the shapes of the last chunk and drop what lies outside the box."""
        shapes = shapely.from_wkb(np.array(self._wkb, dtype=object))
        start = len(self.ids) - len(shapes)
        self._wkb.clear()
        if self.box is not None and len(shapes):
            near = shapely.intersects(shapes, dateline.shape_of(self.box))
            self.outside += int((~near).sum())
            self._keep(start, near)
            shapes = shapes[near]
        self.shapes.append(shapes)

    def near(self, shape: Any) -> bool:
        """Tell whether a shape touches the box."""
        return self.box is None or bool(shapely.intersects(shape, dateline.shape_of(self.box)))

    def things(self) -> Things:
        """Give all of them."""
        self.flush()
        return Things(self.ids, self.tags, np.concatenate(self.shapes), self.refs)

    def _keep(self, start: int, near: np.ndarray) -> None:
        for column in (self.ids, self.tags, self.refs):
            if column:
                tail: list[Any] = [one for one, kept in zip(column[start:], near, strict=True) if kept]
                column[start:] = tail


class Found:
    """What has been found so far."""

    def __init__(self, keys: Keys, box: Box | None) -> None:
        self.keys = keys
        self.points, self.lines, self.areas = Shapes(box), Shapes(box), Shapes(box)
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

    def elements(self, relations: Relations, rings: list[Ring]) -> Elements:
        """Give everything, sorted by id."""
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

    def _with_holes(self, relations: Relations) -> Things:
        """Give areas their courtyards, and drop the relations whose outline ways already are those areas."""
        areas = self.areas.things()
        pierced, twins, lone = courtyards.pierced(areas, self.pierced, relations.bare, relations.outers)
        self.failed += [Failed(areas.ids[one], areas.tags[one], "twin_of_outline") for one in twins]
        keep = np.ones(len(areas), dtype=bool)
        keep[twins] = False
        more = [
            (name_of_id("r", one), self.outer_tags[outer], shape)
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
                self.failed.append(Failed(name_of_id("w", id_), tags, "no_area"))
            else:
                self.repaired += 1
                self.areas.add(name_of_id("w", id_), tags, shapely.to_wkb(mended, hex=True))

    def _name_failed_relations(self, relations: Relations) -> None:
        for id_, tags in sorted(relations.expected.items()):
            if id_ not in self.relations_done:
                self.failed.append(Failed(name_of_id("r", id_), tags, "incomplete_relation"))


def _in_order(things: Things) -> Things:
    """Sort by id, whatever the order of the file."""
    return things.take(np.argsort(np.array(things.ids, dtype=object), kind="stable"))


def _mended(wkb: str) -> Any:
    """Give the areas that a ring crossing itself encloses, None where it encloses none."""
    ring = shapely.from_wkb(wkb)
    mended = shapely.make_valid(shapely.polygons(shapely.get_coordinates(ring)))
    parts = [part for part in shapely.get_parts(mended) if part.geom_type == "Polygon" and part.area > 0]
    return shapely.multipolygons(parts) if parts else None
