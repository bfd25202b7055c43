"""Names of buildings on sheets."""

import pytest

from govmap.render.atlas.houses import with_compound


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
