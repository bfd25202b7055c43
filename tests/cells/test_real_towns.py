"""The laws on real extracts: party walls, overlaps, relations, harbours, stations, as people drew them."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from test_tessellation import fingerprint, ids_told

from govmap import contiguity
from govmap.cells import divide, tessellate
from govmap.geometry import polygonal
from govmap.sources import extract

TOWNS = ["helsinki_center", "hongkong_tst", "taipei_linsen", "beijing_xueyuanlu"]
MARGIN_M = 30.0


def read(shared, name):
    found = extract.read(shared / "data" / f"{name}.osm.pbf")
    west, south, east, north = found.tables["buildings"].total_bounds
    box = shapely.box(west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    return found.tables, gpd.GeoDataFrame({"community_id": ["c1"]}, geometry=[box], crs=found.crs)


@pytest.fixture(scope="module", params=TOWNS)
def town(request):
    shared = request.getfixturevalue("shared")
    tables, bounds = read(shared, request.param)
    made = tessellate(tables["buildings"], tables["barriers"], bounds, streets=tables["streets"])
    return tables, bounds, made


def test_cells_of_a_town_cover_it_and_each_is_one_piece(town):
    _, bounds, made = town
    shapes = made.cells.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()
    assert (shapely.get_type_id(shapes) == 3).all()
    assert shapely.area(shapes).sum() == pytest.approx(bounds.area.sum(), rel=1e-9)
    assert made.figures["mixed"] == 0


def test_footprints_of_a_town_lie_in_their_cells_or_are_told(town):
    tables, _, made = town
    lead = made.cells.dropna(subset=["building_id"]).set_index("building_id").geometry
    prints = polygonal(tables["buildings"].set_index("building_id").geometry.loc[lead.index].to_numpy())
    beyond = shapely.area(shapely.difference(prints, lead.to_numpy())) / shapely.area(prints)
    told = ids_told(made, "cells_straddle", "cells_overlap", "cells_over_boundary", "cells_apart")
    assert set(lead.index[beyond > 0.01]) <= told


def test_no_cell_of_a_town_crosses_a_closed_barrier(town):
    tables, bounds, made = town
    used = tables["barriers"][(tables["barriers"]["strength"] >= 1) & tables["barriers"]["on_ground"]]
    net = shapely.union_all([*used.geometry, *shapely.boundary(bounds.geometry.to_numpy())])
    faces = shapely.buffer(shapely.get_parts(shapely.polygonize(shapely.get_parts(net))), -0.01)
    cells = made.cells[~made.cells["straddles"]]
    face, cell = shapely.STRtree(shapely.buffer(cells.geometry.to_numpy(), -0.01)).query(faces, predicate="intersects")
    assert len(face) == len(np.unique(cell))


def test_a_town_is_the_same_whatever_the_order_of_its_rows(town):
    tables, bounds, made = town
    mixed = {name: tables[name].sample(frac=1, random_state=1) for name in ("buildings", "barriers", "streets")}
    again = tessellate(mixed["buildings"], mixed["barriers"], bounds, streets=mixed["streets"], threads=2)
    assert fingerprint(again) == fingerprint(made)


def test_the_graph_of_a_town_is_the_same_after_a_file_and_fits_the_cells(town):
    tables, _, made = town
    graph = contiguity.borders(made.cells, tables["barriers"], tables["streets"])
    shapes = gpd.GeoSeries(shapely.from_wkb(shapely.to_wkb(made.cells.geometry.to_numpy())), crs=made.cells.crs)
    again = contiguity.borders(made.cells.set_geometry(shapes), tables["barriers"], tables["streets"])
    for one, other in zip(vars(graph).values(), vars(again).values(), strict=True):
        assert np.array_equal(one, other)
    around = shapely.length(made.cells.geometry.to_numpy()).sum()
    rim = shapely.length(shapely.coverage_union_all(made.cells.geometry.to_numpy()))
    assert 2 * graph.shared_m.sum() == pytest.approx(around - rim, rel=1e-9)
    assert ((graph.strength >= 0) & (graph.strength <= 1)).all()
    assert (graph.barrier_m <= graph.shared_m + 1e-6).all()


def test_towers_of_a_town_can_be_divided(town):
    tables, _, made = town
    rows = (
        tables["buildings"].drop(columns=["community_id", "cell_id", "reason"]).merge(made.buildings, on="building_id")
    )
    rows["households"] = (shapely.area(rows.geometry.to_numpy()) / 15).astype(int)
    found = divide(made.cells, rows, tables["entrances"], split_above=100)
    shapes = found.cells.geometry.to_numpy()
    assert len(found.parts) > len(made.cells)
    assert shapely.coverage_is_valid(shapes)
    assert (shapely.get_type_id(shapes) == 3).all()
    assert found.parts["households"].sum() == rows["households"][rows["cell_id"].notna()].sum()
