"""Lines that meet are tied together: streets at their crossings, gates in walls, bridges over water and rail."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely
from shapely.ops import substring

from govmap.sources.sample.canvas import Canvas, Tags
from govmap.sources.sample.ground import Points

TIE_M = 2.5
SAME_M = 0.6
STUB_M = 9.0
SHORTEST_M = 0.1
FOOT = frozenset({"footway", "path", "pedestrian", "steps", "cycleway"})
MAIN = frozenset({"trunk", "primary", "secondary"})
BUSY = MAIN | {"tertiary"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line on the ground; lines of different levels do not meet where they cross."""

    points: Points
    tags: Tags
    level: int = 0

    @property
    def shape(self) -> shapely.LineString:
        """The line as a shape."""
        return shapely.LineString(self.points)


@dataclass(frozen=True, kw_only=True)
class Joint:
    """Where two lines meet."""

    at: tuple[float, float]
    lines: tuple[int, int]


def knit(lines: list[Line]) -> tuple[list[Line], list[Joint]]:
    """Tie loose ends to the line beside them and give lines that cross a common point."""
    tied, ends = _tie(lines)
    joints = _merged(ends + _crossings(tied))
    at: list[list[tuple[float, float]]] = [[] for _ in lines]
    for joint in joints:
        for line in joint.lines:
            at[line].append(joint.at)
    return [_joined(line, here) for line, here in zip(tied, at, strict=True)], joints


def threaded(line: Points, joints: list[tuple[float, float]]) -> Points:
    """Put points on a line; its own points close beside them give way."""
    if not joints:
        return line
    shape, new = shapely.LineString(line), np.array(sorted(set(joints)))
    free = np.array([np.hypot(*(new - point).T).min() > SAME_M for point in line])
    along = np.concatenate([_along(line)[free], shapely.line_locate_point(shape, shapely.points(new))])
    points = np.vstack([line[free], new])[np.argsort(along, kind="stable")]
    return np.vstack([points, points[:1]]) if _closed(line) and not _closed(points) else points


def meeting(joint: Joint, lines: list[Line]) -> Tags:
    """Give the tags of a node where two lines meet: a gate, a crossing, signals, nothing."""
    one, other = (lines[number].tags for number in joint.lines)
    streets = {tags["highway"] for tags in (one, other) if "highway" in tags}
    if "barrier" in one or "barrier" in other:
        return _gate(streets)
    if streets & FOOT and streets & BUSY:
        return {"highway": "crossing", "crossing": "traffic_signals" if streets & MAIN else "zebra"}
    if len(streets & MAIN) and streets <= MAIN and one.get("name") != other.get("name"):
        return {"highway": "traffic_signals"}
    return {}


def bridged(line: Line, under: shapely.Geometry, margin_m: float) -> list[Line]:
    """Cut a line where it passes over something: before, the bridge, after."""
    shape = line.shape
    over = shapely.intersection(shape, shapely.buffer(under, margin_m))
    if over.is_empty:
        return [line]
    ends = np.vstack([shapely.get_coordinates(piece)[[0, -1]] for piece in shapely.get_parts(over)])
    along = shapely.line_locate_point(shape, shapely.points(ends))
    marks = np.unique(np.concatenate([[0.0, shape.length], along]))
    return [_span(line, over, start, end) for start, end in pairwise(marks) if end - start > SHORTEST_M]


def beside(line: Points, distance_m: float) -> Points:
    """Give the line that runs beside another, to the left for a positive distance, in the same direction."""
    return shapely.get_coordinates(shapely.offset_curve(shapely.LineString(line), distance_m, join_style="mitre"))


def draw(canvas: Canvas, lines: Iterable[Line], joints: Iterable[Joint], knitted: list[Line]) -> None:
    """Draw lines and what stands where they meet."""
    for line in lines:
        canvas.way(line.points, line.tags)
    for joint in joints:
        told = meeting(joint, knitted)
        if told:
            canvas.node(joint.at, told)


def _joined(line: Line, joints: list[tuple[float, float]]) -> Line:
    """Put joints on a line; a footway that ends a few metres beyond its last joint ends there."""
    points = threaded(line.points, joints)
    if len(joints) > 1 and not _closed(points) and line.tags.get("highway") in FOOT:
        joint = np.array([tuple(point) in set(joints) for point in points])
        first, last = np.flatnonzero(joint)[[0, -1]]
        along = _along(points)
        start = first if along[first] < STUB_M else 0
        end = last if along[-1] - along[last] < STUB_M else len(points) - 1
        points = points[start : end + 1]
    return replace(line, points=points)


def _span(line: Line, over: shapely.Geometry, start: float, end: float) -> Line:
    piece = shapely.get_coordinates(substring(line.shape, start, end))
    middle = shapely.line_interpolate_point(line.shape, (start + end) / 2)
    if shapely.distance(middle, over) > SHORTEST_M:
        return replace(line, points=piece)
    return replace(line, points=piece, tags={**line.tags, "bridge": "yes", "layer": "1"}, level=1)


def _gate(streets: set[str]) -> Tags:
    if not streets:
        return {}
    if streets & FOOT:
        return {"barrier": "gate", "foot": "yes", "motor_vehicle": "no"}
    return {"barrier": "lift_gate", "foot": "yes", "access": "private"}


def _tie(lines: list[Line]) -> tuple[list[Line], list[Joint]]:
    """Move each end that lies close beside another line onto it."""
    shapes = np.array([line.shape for line in lines])
    tree = shapely.STRtree(shapes)
    tied, joints = list(lines), []
    for number, line in enumerate(lines):
        if "highway" not in line.tags:
            continue
        points = line.points.copy()
        for end in (0, -1):
            found = _beside(tree, shapes, lines, number, points[end])
            if found is not None:
                points[end] = found[1]
                joints.append(Joint(at=(float(found[1][0]), float(found[1][1])), lines=(number, found[0])))
        tied[number] = replace(line, points=points)
    return tied, joints


def _beside(
    tree: shapely.STRtree, shapes: np.ndarray, lines: list[Line], number: int, end: Points
) -> tuple[int, Points] | None:
    point = shapely.points(end)
    near = [one for one in tree.query(point, "dwithin", TIE_M) if one != number and "highway" in lines[one].tags]
    if not near:
        return None
    nearest = min(near, key=lambda one: (round(float(shapely.distance(point, shapes[one])), 3), one))
    on = shapely.line_interpolate_point(shapes[nearest], shapely.line_locate_point(shapes[nearest], point))
    return int(nearest), shapely.get_coordinates(on)[0]


def _crossings(lines: list[Line]) -> list[Joint]:
    shapes = np.array([line.shape for line in lines])
    pairs = shapely.STRtree(shapes).query(shapes, "intersects").T
    joints = []
    for i, j in sorted((int(a), int(b)) for a, b in pairs if a < b):
        if lines[i].level == lines[j].level and "highway" in {**lines[i].tags, **lines[j].tags}:
            cut = shapely.intersection(shapes[i], shapes[j])
            points = [part for part in shapely.get_parts(cut) if part.geom_type == "Point"]
            joints += [Joint(at=(part.x, part.y), lines=(i, j)) for part in points]
    return joints


def _merged(joints: list[Joint]) -> list[Joint]:
    """Let joints closer than a step share their place: the first one's."""
    kept: list[tuple[float, float]] = []
    merged = []
    for joint in joints:
        near = [at for at in kept if np.hypot(at[0] - joint.at[0], at[1] - joint.at[1]) < SAME_M]
        kept += [] if near else [joint.at]
        merged.append(replace(joint, at=near[0] if near else joint.at))
    return merged


def _closed(line: Points) -> bool:
    return bool((line[0] == line[-1]).all())


def _along(line: Points) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
