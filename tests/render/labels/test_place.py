"""Promises of labels on paper."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.render.labels import Labelling, Obstacle, Wanted, place
from govmap.render.svg import width_mm

FRAME = (0.0, 0.0, 120.0, 160.0)


def house(key: str, x: float, y: float, wide: float, high: float, **more) -> Wanted:
    more = {"text": key, "size_mm": 2.2, "least_mm": 1.6, "leader": True} | more
    return Wanted(label_id=f"b:{key}", anchor=shapely.box(x, y, x + wide, y + high), kind="area", **more)


def street(name: str, *points: tuple[float, float], **more) -> Wanted:
    return Wanted(label_id=f"s:{name}", text=name, anchor=shapely.LineString(points), kind="line", **more)


def sign(key: str, x: float, y: float, **more) -> Wanted:
    return Wanted(label_id=f"r:{key}", text=key, anchor=shapely.Point(x, y), kind="point", **more)


def overlapping(found: Labelling) -> int:
    boxes = np.array([one.box for one in found.placed], dtype=object)
    first, second = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    return int((first < second).sum())


def town(seed: int, count: int, side: float) -> list[Wanted]:
    """Houses of every size in rows, streets between them, signs anywhere."""
    rng = np.random.default_rng(seed)
    across = int(FRAME[2] // side)
    houses = [
        house(
            str(at + 1),
            at % across * side + 0.3,
            at // across * side + 0.3,
            *(side * rng.uniform(0.25, 0.9, 2)),
            keyed=bool(at % 3),
            text=f"{at + 1}" if at % 4 else f"幸福小区{at + 1}号楼",
        )
        for at in range(min(count, across * int(FRAME[3] // side)))
    ]
    streets = [street(f"{at} High Street", (0, at * 40.0), (120, at * 40.0 + rng.uniform(0, 30))) for at in range(4)]
    signs = [sign(f"Shop {at}", *rng.uniform(5, 110, 2), keyed=True) for at in range(12)]
    return houses + streets + signs


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 110), side=st.floats(4, 14))
def test_no_label_meets_another_leaves_the_frame_or_lies_on_what_must_stay_free(seed, count, side):
    asked = town(seed, count, side)
    legend = shapely.box(80, 120, 120, 160)
    found = place(asked, [Obstacle([legend])], FRAME)
    assert overlapping(found) == 0
    assert all(shapely.box(*FRAME).covers(one.box) and not legend.intersects(one.box) for one in found.placed)
    lines = [shapely.LineString(one.leader) for one in found.placed if one.leader]
    assert not any(line.intersects(one.box.buffer(-0.01)) for line in lines for one in found.placed)
    named = {one.label_id for one in found.placed}
    assert named | set(found.missed) == {one.label_id for one in asked}
    assert not named & set(found.missed)


def test_the_order_in_which_labels_are_given_says_nothing():
    asked = town(7, 100, 9)
    assert place(asked, [], FRAME) == place(asked[::-1], [], FRAME)


def test_of_the_numbers_of_a_dense_quarter_at_least_95_of_100_are_shown():
    asked = [one for one in town(3, 200, 8.5) if one.kind == "area"]
    found = place(asked, [], FRAME)
    assert len(asked) > 150
    assert len(found.missed) <= 0.05 * len(asked)


def test_a_number_stands_in_the_middle_of_a_house_that_has_room():
    found = place([house("12", 20, 30, 30, 8)], [], FRAME)
    (one,) = found.placed
    assert (one.box.centroid.x, one.box.centroid.y) == pytest.approx((35, 34), abs=0.01)
    assert one.y > one.box.centroid.y  # the base line is under the middle
    assert (one.angle, one.leader, one.key, one.size_mm) == (0, None, None, 2.2)


def test_a_number_beside_its_house_never_stands_on_another_house():
    tight = [house(f"{at}{at}{at}", 50 + 3 * (at % 4), 60 + 2 * (at // 4), 2.9, 1.9) for at in range(16)]
    found = place(tight, [], FRAME)
    assert len(found.placed) == 16
    for one in found.placed:
        others = [other.anchor for other in tight if other.label_id != one.label_id]
        assert all(one.box.intersection(other).area <= 0.1 * one.box.area for other in others)
    assert any(one.leader for one in found.placed)


def test_a_leader_starts_in_what_it_names_and_ends_at_its_label():
    small = [house(f"Long name {at}", 40 + 3 * (at % 5), 60 + 3 * (at // 5), 2.9, 2.9) for at in range(25)]
    led = [one for one in place(small, [], FRAME).placed if one.leader]
    own = {one.label_id: one.anchor for one in small}
    assert led
    for one in led:
        assert own[one.label_id].covers(shapely.Point(one.leader[0]))
        assert 0 < one.box.distance(shapely.Point(one.leader[1])) < 0.5


def test_names_too_long_for_their_houses_become_numbers_in_reading_order_and_equal_names_share_one():
    long = [
        house(
            str(at), 4 + 6 * (at % 19), 4 + 6 * (at // 19), 5.6, 5.6, text="Kindergarten by the river bend", keyed=True
        )
        if at % 2
        else house(
            str(at), 4 + 6 * (at % 19), 4 + 6 * (at // 19), 5.6, 5.6, text=f"House of the name {at:03d}", keyed=True
        )
        for at in range(19 * 12)
    ]
    found = place(long, [], FRAME)
    keyed = [one for one in found.placed if one.key]
    assert [number for number, _ in found.keys] == list(range(1, len(found.keys) + 1))
    assert len({text for _, text in found.keys}) == len(found.keys)
    assert all(dict(found.keys)[one.key] == next(w.text for w in long if w.label_id == one.label_id) for one in keyed)
    assert all(one.text == str(one.key) for one in keyed)
    first = [one for one in keyed if one.key == 1]
    assert min(one.box.centroid.y for one in first) < 20
    assert len(found.missed) <= 0.05 * len(long)


def test_a_street_is_named_along_its_line_and_never_upside_down():
    found = place([street("High Street", (100, 150), (20, 20)), street("Low Road", (10, 150), (10, 10))], [], FRAME)
    angles = {one.text: one.angle for one in found.placed}
    assert angles["High Street"] == pytest.approx(np.degrees(np.arctan2(130, 80)), abs=0.02)
    assert angles["Low Road"] == -90
    for one in found.placed:
        line = (
            shapely.LineString([(100, 150), (20, 20)])
            if one.text == "High Street"
            else shapely.LineString([(10, 150), (10, 10)])
        )
        assert line.distance(one.box.centroid) < 0.01


def test_a_long_street_is_named_again_but_not_within_a_short_way():
    (first, *_), every = place([street("Long Lane", (0, 80), (119, 80), every_mm=40)], [], FRAME).placed, 40
    again = place([street("Long Lane", (0, 80), (119, 80), every_mm=every)], [], FRAME).placed
    middles = sorted(one.box.centroid.x for one in again)
    assert len(again) == 2 or len(again) == 3
    assert min(np.diff(middles)) >= 0.7 * every - 0.01
    assert first.text == "Long Lane"


def test_a_street_in_many_pieces_is_one_street():
    pieces = shapely.MultiLineString([[(5 + 10 * at, 50), (15 + 10 * at, 50)] for at in range(9)])
    asked = Wanted(label_id="s:a", text="A name longer than any piece", anchor=pieces, kind="line")
    assert len(place([asked], [], FRAME).placed) == 1


def test_a_name_does_not_follow_a_hairpin():
    bend = street("The hairpin road", (10, 10), (12, 18), (14, 10), (16, 18), (18, 10))
    assert place([bend], [], FRAME).missed == ("s:The hairpin road",)


def test_the_more_important_label_keeps_its_place():
    low = sign("Lemonade stand", 60, 80, priority=0.5, size_mm=2.4, least_mm=2.4)
    walls = [Obstacle([shapely.box(0, 0, 120, 78), shapely.box(0, 82, 120, 160), shapely.box(0, 0, 60.5, 160)])]
    high = sign("Town hall", 60, 80.2, priority=5, size_mm=2.4, least_mm=2.4)
    found = place([low, high], walls, FRAME)
    assert [one.text for one in found.placed] == ["Town hall"]
    assert found.missed == ("r:Lemonade stand",)


def test_one_in_the_way_moves_when_that_serves_both():
    """The first takes the best place, which is the only one of the second."""
    only = shapely.box(61, 78.6, 80, 81.4).union(shapely.box(40, 78.6, 59, 81.4))
    walls = Obstacle([shapely.box(*FRAME).difference(only.union(shapely.box(58, 78.6, 62, 81.4)))])
    first = sign("aaaaaaaa", 60, 80, priority=2, least_mm=2.4)
    second = sign("bbbbbbbb", 60.05, 80, priority=1, least_mm=2.4)
    assert place([first, second], [walls], FRAME).missed == ()


def test_what_lies_outside_the_map_is_told_as_missed_and_nothing_at_all_is_no_fault():
    assert place([], [], FRAME) == Labelling((), (), ())
    outside = [house("1", 500, 500, 5, 5), sign("a", -5, 3), street("s", (200, 0), (200, 90))]
    assert place(outside, [], FRAME).missed == ("b:1", "r:a", "s:s")


def test_widths_are_those_of_the_font_that_is_given():
    def wide(text: str, size_mm: float, *, bold: bool = False) -> float:
        return 2 * width_mm(text, size_mm) * (1.1 if bold else 1)

    (plain,) = place([house("123", 20, 30, 40, 20)], [], FRAME).placed
    (wider,) = place([house("123", 20, 30, 40, 20, bold=True)], [], FRAME, measure=wide).placed
    span = [one.box.bounds[2] - one.box.bounds[0] for one in (plain, wider)]
    assert span[1] == pytest.approx(2.2 * span[0])


def test_labels_of_things_stand_on_the_ground_that_is_named_under_them():
    unit = Wanted(label_id="u:1", text="U001", anchor=shapely.box(5, 5, 95, 65), kind="area", size_mm=5, under=True)
    houses = [
        Wanted(
            label_id=f"b:{at}",
            text=str(at),
            anchor=shapely.box(x, y, x + 12, y + 6),
            kind="area",
            bold=True,
            leader=True,
        )
        for at, (x, y) in enumerate((x, y) for x in range(8, 80, 18) for y in range(8, 56, 12))
    ]
    found = place([unit, *houses], [], (0.0, 0.0, 100.0, 70.0))
    assert found.missed == ()
    mine = {one.label_id: one for one in found.placed}
    inside = [mine[one.label_id].box.within(one.anchor) for one in houses]
    assert np.mean(inside) > 0.9
    assert all(one.leader is None for one in mine.values())


def test_the_name_of_a_lake_stands_on_it_or_nowhere():
    lake = house("Long Narrow Lake", 50, 70, 3, 3, leader=False)
    beside, within = (place([replace(lake, within=one)], [], FRAME) for one in (False, True))
    assert [one.label_id for one in beside.placed] == ["b:Long Narrow Lake"] == list(within.missed)
    large = house("Lake", 10, 70, 60, 12, leader=False, within=True)
    assert large.anchor.covers(place([large], [], FRAME).placed[0].box)
