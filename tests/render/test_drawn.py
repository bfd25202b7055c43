"""What the page reads out of its packs is what was released, seen by a browser."""

import numpy as np
import pandas as pd
import pytest
import shapely

from govmap.messages import Voice
from govmap.render import symbology, webmap
from govmap.render.place import placed

if not (symbology.STATIC / "map.js").is_file():
    pytest.skip("needs the built page: npm --prefix web run build", allow_module_level=True)

HALF_A_METRE = 0.5 / 111_195
READ = """() => {
  const { desk } = govmap, { buildings } = desk.tables, { x, y, rowStart, pathStart } = buildings.shapes;
  const ring = (path) => Array.from(x.subarray(pathStart[path], pathStart[path + 1]),
    (one, at) => desk.origin.degrees(one, y[pathStart[path] + at]));
  const rings = (row) => Array.from({ length: rowStart[row + 1] - rowStart[row] }, (_, at) => ring(rowStart[row] + at));
  return Array.from({ length: buildings.rows }, (_, row) =>
    ({ name: buildings.text("name", row), door: buildings.text("door", row), rings: rings(row) }));
}"""


@pytest.fixture
def read(town, released, chromium, tmp_path):
    """Buildings of a town that stand askew, as released and as a page reads them: by name."""
    tables = town()
    tables["buildings"]["geometry"] = [
        shapely.affinity.rotate(shape, at * 7) for at, shape in enumerate(tables["buildings"].geometry)
    ]
    addresses = tables["addresses"]
    more = addresses.iloc[[0] * 4].assign(
        address_id=[f"b{at}" for at in range(4)],
        house_number=["12", "9", "10a", None],
        full=["Row 12", None, "10a", "Mill"],
    )
    tables["addresses"] = pd.concat([addresses, more], ignore_index=True)
    let_through = released("planner", tables)
    file = tmp_path / "town.html"
    file.write_text(webmap.build(let_through, Voice("en"), title="Well"), "utf-8")
    tab = chromium.new_page()
    tab.goto(file.as_uri())
    tab.wait_for_selector("[data-ready]")
    yield let_through, {one["name"]: one for one in tab.evaluate(READ)}, tab
    tab.close()


def test_every_building_is_drawn_where_it_stands_and_every_door_is_told(read):
    let_through, seen, tab = read
    buildings = let_through.tables["buildings"]
    shapes = placed(let_through).degrees(buildings.geometry.to_numpy())
    assert len(seen) == len(buildings) > 20
    for name, shape in zip(buildings["name"], shapes, strict=True):
        drawn = shapely.union_all([shapely.LinearRing(ring) for ring in seen[name]["rings"]])
        assert drawn.hausdorff_distance(shapely.boundary(shape)) < HALF_A_METRE, name
    told = let_through.tables["addresses"]
    first = told["building_id"].iloc[0]
    assert seen[buildings.set_index("building_id")["name"][first]]["door"] == "1, 9, 10a …"
    rows = "Array.from({length: govmap.desk.tables.addresses.rows}, (_, row) => row)"
    full = tab.evaluate(f"{rows}.map((row) => govmap.desk.tables.addresses.text('full', row))")
    assert sorted(one for one in full if one) == sorted(told["full"].dropna())
    assert np.isfinite(tab.evaluate("govmap.desk.tables.addresses.shapes.middle(0)")).all(), (
        "stands where its building does"
    )
