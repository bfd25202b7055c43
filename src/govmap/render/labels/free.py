"""What must stay free: places outside the map, on signs or on another house are no places, others cost more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from govmap.render.labels.candidates import Candidates, Floats, Ints, Shapes, protruding
from govmap.render.labels.task import AREA, Frame, Task
from govmap.render.labels.words import Obstacle

ON_OTHERS, MOST_ON_OTHERS = 12.0, 0.1  # a number beside its house must not stand on another house
SIGN_ON_AREA = 2.0
TOO_DEAR = 55.0


@dataclass(frozen=True)
class Ground:
    """What labels should not lie on: areas that have labels of their own, and obstacles."""

    areas: Shapes
    labels: Ints
    tree: shapely.STRtree
    others: tuple[tuple[shapely.STRtree, Shapes, float], ...]
    strokes: tuple[tuple[shapely.STRtree, Floats, float, float], ...]

    @classmethod
    def of(cls, task: Task, obstacles: Sequence[Obstacle]) -> "Ground":
        """Sort what must stay free, to be asked for by box."""
        labels = np.flatnonzero((shapely.get_dimensions(task.shapes) == AREA) & ~task.under)
        areas = task.shapes[labels]
        others, strokes = [], []
        for one in obstacles:
            shapes = np.asarray(list(one.shapes), dtype=object)
            shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
            if len(shapes) and one.wide_mm:
                ends = shapely.get_coordinates(shapes).reshape(-1, 2, 2)
                strokes.append((shapely.STRtree(shapes), ends, one.wide_mm, one.cost))
            elif len(shapes):
                others.append((shapely.STRtree(shapes), shapes, one.cost))
        return cls(areas, labels, shapely.STRtree(areas), tuple(others), tuple(strokes))


def priced(places: Candidates, task: Task, ground: Ground, frame: Frame) -> Candidates:
    """Leave out places outside the frame or on what must stay free, and make others dearer by what they lie on."""
    places = protruding(_off_others(places, task, ground), task.shapes)
    drawn = places.boxes()
    edge = shapely.bounds(drawn)
    kept = (edge[:, 0] >= frame[0]) & (edge[:, 1] >= frame[1]) & (edge[:, 2] <= frame[2]) & (edge[:, 3] <= frame[3])
    more, never = _on_others(places, drawn, task, ground)
    kept &= ~never
    for tree, shapes, cost in ground.others:
        at, which = tree.query(drawn, predicate="intersects")
        if not np.isfinite(cost):
            kept[at] = False
            continue
        more += np.bincount(at, cost * _covered(drawn[at], shapes[which]), minlength=len(drawn))
    for tree, ends, wide, cost in ground.strokes:
        at, which = tree.query(drawn)
        share = wide * _within(places.rows[at, 1:6], ends[which]) / (places.of("wide") * places.of("high"))[at]
        more += np.bincount(at, cost * np.minimum(share, 1.0), minlength=len(drawn))
    for tree, _, cost in ground.others:
        if not np.isfinite(cost):
            kept[tree.query(places.leaders(), predicate="intersects")[0]] = False
    return places.costlier(more).take(kept & (places.of("cost") + more < TOO_DEAR))


def _off_others(places: Candidates, task: Task, ground: Ground) -> Candidates:
    """Leave out places of areas whose middle lies on another area, before anything dearer is asked of them."""
    at, which = ground.tree.query(shapely.points(places.rows[:, 1:3]), predicate="intersects")
    label = places.of("label").astype(np.int64)
    foreign = (label[at] != ground.labels[which]) & (task.kinds[label[at]] == "area") & ~task.under[label[at]]
    kept = np.ones(len(places), dtype=bool)
    kept[at[foreign]] = False
    return places.take(kept)


def _on_others(places: Candidates, drawn: Shapes, task: Task, ground: Ground) -> tuple[Floats, Any]:
    """Say how much of each place lies on areas that are named otherwise, and where that would be misread."""
    at, which = ground.tree.query(drawn, predicate="intersects")
    label = places.of("label").astype(np.int64)
    foreign = label[at] != ground.labels[which]
    at, which = at[foreign], which[foreign]
    share = np.bincount(at, _covered(drawn[at], ground.areas[which]), minlength=len(drawn))
    kind, under = task.kinds[label], task.under[label]
    share[kind == "line"] = 0.0  # streets do not run through houses
    cost = np.where((kind == "area") & ~under, ON_OTHERS, SIGN_ON_AREA)
    return cost * share, (kind == "area") & ~under & (share > MOST_ON_OTHERS)


def _covered(drawn: Shapes, shapes: Shapes) -> Floats:
    """Say how much of a text lies on a shape: its share of the ground, or how far a line crosses it."""
    if not len(drawn):
        return np.zeros(0)
    common = shapely.intersection(drawn, shapes)
    lines = shapely.get_dimensions(shapes) == 1
    return np.where(
        lines,
        np.minimum(1.0, 2 * shapely.length(common) / np.sqrt(shapely.area(drawn))),
        shapely.area(common) / shapely.area(drawn),
    )


def _within(texts: Floats, ends: Floats) -> Floats:
    """Say how much of straight lines lies in rectangles of (x, y, wide, high, degrees clockwise), row by row."""
    turn = np.radians(texts[:, [4]])
    away = ends - texts[:, None, :2]
    cos, sin = np.cos(turn), np.sin(turn)
    turned = np.stack([away[..., 0] * cos + away[..., 1] * sin, away[..., 1] * cos - away[..., 0] * sin], axis=2)
    along = turned[:, 1] - turned[:, 0]
    half = texts[:, 2:4] / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        enter, leave = (-half - turned[:, 0]) / along, (half - turned[:, 0]) / along
    beside = (along == 0) & (np.abs(turned[:, 0]) > half)
    still = along == 0
    first = np.where(still, 0.0, np.minimum(enter, leave)).max(axis=1)
    last = np.where(still, 1.0, np.maximum(enter, leave)).min(axis=1)
    share = np.clip(last, 0, 1) - np.clip(first, 0, 1)
    return np.asarray(np.where(beside.any(axis=1), 0.0, np.maximum(share, 0.0)) * np.hypot(*along.T))
