"""Pages: round scales, nothing in the outer 6 mm, a place drawn as large as the paper allows, tiles without holes."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.errors import InputError
from govmap.render.atlas import paper

REACH_MM = 6.0
LENGTHS = st.floats(20, 30_000)


@given(wide=LENGTHS, high=LENGTHS, name=st.sampled_from(sorted(paper.SIZES)))
@settings(max_examples=60, deadline=None)
def test_a_place_fits_its_map_at_a_round_scale_and_nothing_stands_where_printers_cannot_reach(wide, high, name):
    page, scale = paper.best(name, (0, 0, wide, high), right=60, below=60)
    assert scale in (*paper.SCALES, *paper.COARSER)
    sheet = paper.sheet((0, 0, wide, high), page.map, scale)
    assert 1000 / sheet.mm_per_m == pytest.approx(scale)
    assert shapely.box(*sheet.window).contains(shapely.box(0, 0, wide, high))
    for box in (page.head, page.map, page.panel, page.foot):
        assert min(box.x, box.y, page.wide - box.right, page.high - box.low) >= REACH_MM
    assert page.map.low <= page.foot.y


@given(wide=LENGTHS, high=LENGTHS)
@settings(max_examples=40, deadline=None)
def test_further_maps_cover_the_whole_place_and_overlap(wide, high):
    frame = paper.layout("A4", wide=False, panel="none", room=0).map
    sheets = paper.tiles((0, 0, wide, high), frame, 5000)
    covered = shapely.union_all([shapely.box(*one.window) for one in sheets])
    assert covered.buffer(1e-6).contains(shapely.box(0, 0, wide, high))
    if len(sheets) > 1:
        assert sum(shapely.box(*one.window).area for one in sheets) > covered.area * 1.02


def test_an_unknown_paper_is_told_with_those_that_are_known():
    with pytest.raises(InputError) as told:
        paper.size("A7")
    assert "Letter" in str(told.value)


@given(places=st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 2000)), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_no_further_map_is_kept_that_shows_nothing_of_its_own_and_no_place_is_lost(places):
    frame = paper.layout("A4", wide=False, panel="none", room=0).map
    some = paper.tiles((0, 0, 3000, 2000), frame, 2500)
    points = shapely.points(places)
    kept = paper.needed(some, points, 3.2)
    shows = [set(shapely.STRtree(points).query(shapely.box(*one.window), "intersects")) for one in kept]
    assert set().union(*shows) == set(range(len(places)))
    assert [one for one in some if one in kept] == kept
    for at, mine in enumerate(shows):
        inside = shapely.box(*kept[at].window).buffer(-3.2 / kept[at].mm_per_m)
        others = [shapely.box(*one.window).buffer(-3.2 / one.mm_per_m) for one in kept if one is not kept[at]]
        assert any(not any(one.intersects(points[place]) for one in others) for place in mine) or inside.is_empty
