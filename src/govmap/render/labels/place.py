"""Place all labels of a map: settle what stands well where it is, then look for places for the rest, step by step."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from govmap.render.labels import candidates as around
from govmap.render.labels.candidates import Candidates, Floats, Ints
from govmap.render.labels.free import Ground, priced
from govmap.render.labels.measure import Measure, extent
from govmap.render.labels.solve import NONE, meetings, solve
from govmap.render.labels.streets import numbered
from govmap.render.labels.task import Frame, Task, task_of
from govmap.render.labels.words import Labelling, Obstacle, Placed, Wanted
from govmap.render.svg import width_mm

APART = 0.7  # of the distance after which a street is named again
KEY_ROW_MM = 12.0
MOST_A_STEP = 28  # places of one label and step that are kept, the cheapest


def place(
    wanted: Sequence[Wanted],
    obstacles: Sequence[Obstacle],
    frame: Frame,
    *,
    measure: Measure = lambda text, size_mm, bold=False: width_mm(text, size_mm),  # noqa: ARG005 - about so
    key_from: int = 1,
) -> Labelling:
    """
    Find a place for every label, none on another.

    Labels are settled in three steps, each for those alone that the one before left without a good place: in or at what
    they name; beside it, smaller, or turned; at the end of a leader line, or as a number told in a list. The order in
    which labels are given says nothing.

    Parameters
    ----------
    wanted
        The labels, in millimetres of paper, y downward.
    obstacles
        What labels should not, or never, lie on. Areas that have labels are obstacles to all others' anyway.
    frame
        West, north, east and south edge of the map on paper; no label crosses it.
    measure
        How wide a text is.
    key_from
        The first number of the list of keys.
    """
    if not wanted:
        return Labelling((), (), ())
    task = task_of(sorted(wanted, key=lambda one: one.label_id), frame, measure, key_from)
    ground = Ground.of(task, obstacles)
    found = priced(_near(task, measure), task, ground, frame)
    chosen = _solved(found, task)
    for more in (_aside, _far):
        restless = _restless(found, chosen, task)
        if not restless:
            break
        added = around.cheapest(priced(more(restless, task, measure), task, ground, frame), MOST_A_STEP)
        found = around.joined([found, added])
        chosen = _solved(found, task)
    return _told(found, chosen, task, key_from)


# the steps ------------------------------------------------------------------------------------------------------------
def _near(task: Task, measure: Measure) -> Candidates:
    """Give places in areas, around points and along streets."""
    found = []
    for at, (row, shape) in enumerate(zip(task.owner, task.shapes, strict=True)):
        one = task.wanted[row]
        if one.kind == "line":
            found.append(numbered(task.streets[at], at))
        elif shape is not None and one.kind == "point":
            found.append(Candidates(around.around(at, one, measure, [one.size_mm])))
        elif shape is not None:
            wide, high = around.sized(one, one.text, one.size_mm, measure)
            rows = [at, *task.poles[at], wide, high, 0.0, one.size_mm, 0.0, np.nan, np.nan, 0.0, 0.0]
            found.append(Candidates(np.array([rows])))
    return around.joined(found)


def _aside(labels: Sequence[int], task: Task, measure: Measure) -> Candidates:
    """Give more places in areas and right beside them, and smaller ones around points."""
    found = []
    for at in labels:
        one, shape = task.wanted[task.owner[at]], task.shapes[at]
        if shape is None:
            continue
        sizes = sorted({one.size_mm, one.least_mm}, reverse=True)
        if one.kind == "point":
            found += [Candidates(around.around(at, one, measure, sizes[1:]))] if sizes[1:] else []
            continue
        pole = task.poles[at]
        found.append(Candidates(around.inside(at, one, measure, shape, pole)))
        if not one.within:
            found.append(Candidates(around.beside(at, one, measure, pole, around.reaches(shape, pole), sizes)))
    return around.joined(found)


def _far(labels: Sequence[int], task: Task, measure: Measure) -> Candidates:
    """Give places at the ends of leader lines, and numbers."""
    found = []
    for at in labels:
        one, shape, pole = task.wanted[task.owner[at]], task.shapes[at], task.poles[at]
        if shape is None:
            continue
        if one.leader:
            reach = around.reaches(shape, pole) + (one.clear_mm if one.kind == "point" else 0.0)
            found.append(Candidates(around.led(at, one, measure, pole, reach)))
        if one.keyed and one.kind == "area":
            found.append(Candidates(around.inside(at, one, measure, shape, pole, number=task.number)))
    return around.joined(found)


def _restless(found: Candidates, chosen: Ints, task: Task) -> list[int]:
    """Name the labels without a place, or with one that costs more than a good one."""
    cost = found.of("cost")
    return [
        at
        for at, place_ in enumerate(chosen.tolist())
        if task.wanted[task.owner[at]].kind != "line" and (place_ == NONE or cost[place_] > around.PROTRUDING)
    ]


def _solved(found: Candidates, task: Task) -> Ints:
    return solve(found, task.drop, task.order, meetings(found, _too_near(found, task)))


def _too_near(found: Candidates, task: Task) -> tuple[Ints, Ints] | None:
    """Give the places at which the same street would be named twice within a short way."""
    label = found.of("label").astype(np.int64)
    owner = task.owner[label]
    many = np.flatnonzero(np.bincount(task.owner, minlength=len(task.wanted)) > 1)
    pairs = []
    for one in many.tolist():
        mine = np.flatnonzero(owner == one)
        points = found.rows[mine][:, 1:3]
        gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        first, second = np.nonzero(gaps < APART * task.wanted[one].every_mm)
        pairs.append(np.stack([mine[first], mine[second]]))
    if not pairs:
        return None
    every = np.concatenate(pairs, axis=1)
    return every[0], every[1]


# what is told ---------------------------------------------------------------------------------------------------------
def _told(found: Candidates, chosen: Ints, task: Task, key_from: int) -> Labelling:
    """Number the keys in reading order and say where every text stands."""
    taken = [int(one) for one in chosen if one != NONE]
    rows = found.rows[taken]
    owners = task.owner[rows[:, 0].astype(np.int64)]
    keys = _keys(rows, owners, task, key_from)
    drawn, lines = found.take(taken).boxes(), found.take(taken).leaders()
    placed = [
        _placed(task.wanted[owner], row, box, line, keys)
        for owner, row, box, line in zip(owners.tolist(), rows, drawn, lines, strict=True)
    ]
    missed = sorted({one.label_id for one in task.wanted} - {one.label_id for one in placed})
    return Labelling(tuple(placed), tuple((number, text) for text, number in keys.items()), tuple(missed))


def _keys(rows: Floats, owners: Ints, task: Task, key_from: int) -> dict[str, int]:
    """Give each text that a number stands for its number: row by row, from left to right; equal texts the same."""
    keyed = np.flatnonzero(rows[:, around.COLUMNS.index("keyed")] == 1)
    order = sorted(keyed.tolist(), key=lambda one: (int(rows[one, 2] // KEY_ROW_MM), rows[one, 1], owners[one]))
    texts = dict.fromkeys(task.wanted[int(owners[one])].text for one in order)
    return {text: number for number, text in enumerate(texts, key_from)}


def _placed(wanted: Wanted, row: Floats, box: Any, line: Any, keys: dict[str, int]) -> Placed:
    _, x, y, _, high, angle, size, _, _, _, keyed, _ = (float(one) for one in row)
    key = keys[wanted.text] if keyed else None
    _, below = extent("88" if keyed else wanted.text)
    down = high / 2 - below * size
    turn = np.radians(angle)
    return Placed(
        label_id=wanted.label_id,
        text=wanted.text if key is None else str(key),
        x=round(float(x - down * np.sin(turn)), 4),
        y=round(float(y + down * np.cos(turn)), 4),
        angle=angle,
        size_mm=size,
        bold=wanted.bold,
        kind=wanted.kind,
        box=box,
        leader=None if line is None else tuple((round(a, 4), round(b, 4)) for a, b in line.coords),  # type: ignore[arg-type] # two
        key=key,
    )
