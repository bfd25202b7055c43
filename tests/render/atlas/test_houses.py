"""Names of buildings on sheets."""

import pytest

from govmap.render.atlas.houses import Places, keyed, with_compound
from govmap.render.atlas.tables import Column, Table


@pytest.mark.parametrize(
    ("compound", "building", "told"),
    [
        ("幸福小区", "3号楼", "幸福小区3号楼"),
        ("Mill Court", "Block 1", "Mill Court Block 1"),
        (None, "12", "12"),
        ("Mill Court", None, "Mill Court"),
        (None, None, ""),
    ],
)
def test_a_building_is_named_after_its_compound_as_the_language_writes_it(compound, building, told):
    assert with_compound({"compound": compound, "building": building}) == told


def test_a_number_of_the_map_stands_before_what_it_means_and_is_never_cut():
    columns = [Column("map", 0.19, bold=True), Column("building", 0.62), Column("square", 0.19)]
    lines = [("7", "7 Mill Lane", "A1"), ("107–109A/111B", "Mill House", "A1"), (None, "Town Hall", "B2")]
    places = Places(Table(columns, lines, 2.75, least_mm=46), ["a", "b", "c"])
    told = keyed(places, {"a": 12, "b": 13, "c": 14}, [0, 1, 2])
    assert [line[0] for line in told] == ["12 = 7", "13 =", "14 ="]
    assert keyed(places, {}, [0, 1, 2]) == lines
