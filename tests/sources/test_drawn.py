import json

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from govmap.crs import from_wgs84
from govmap.errors import InputError
from govmap.sources import drawn

METRIC = CRS.from_epsg(32650)
AREA = shapely.box(447_000, 4_429_000, 447_400, 4_429_300)
LINE = shapely.linestrings([(447_000, 4_429_000), (447_400, 4_429_300)])
GROUND = (446_000.0, 4_428_000.0, 449_000.0, 4_431_000.0)
TO_DEGREES = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)


def degrees(shape):
    return shapely.transform(shape, lambda xy: np.column_stack(TO_DEGREES.transform(xy[:, 0], xy[:, 1])))


def pairs(shape, comma=",") -> str:
    return " ".join(f"{x}{comma}{y}" for x, y in shapely.get_coordinates(shape))


def near(one, other) -> bool:
    return shapely.hausdorff_distance(one, other) < 1e-3


def in_gcj02(shape):
    return shapely.transform(shape, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], "gcj02")))


@pytest.mark.parametrize(
    ("given", "system"),
    [
        (AREA.wkt, None),
        (degrees(AREA).wkt, None),
        (f"SRID=4326;{degrees(AREA).wkt}", None),
        (shapely.to_geojson(degrees(AREA)), None),
        (pairs(AREA), None),
        (pairs(degrees(AREA), "， "), None),
        (pairs(shapely.get_exterior_ring(AREA))[: pairs(AREA).rindex(" ")], None),
        (shapely.get_exterior_ring(degrees(AREA)).wkt, None),
        (AREA.wkt, "EPSG:32650"),
        (in_gcj02(degrees(AREA)).wkt, "GCJ02"),
    ],
)
def test_an_area_is_read_however_it_was_written(given, system):
    assert near(drawn.area(given, METRIC, GROUND, system=system), AREA)


def test_files_are_read_and_say_their_system(tmp_path):
    feature = {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(AREA))}
    facts = {"type": "FeatureCollection", "features": [feature]}
    facts["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32650"}}
    file = tmp_path / "区域 1.geojson"
    file.write_text("\ufeff" + json.dumps(facts), "utf-8")
    assert near(drawn.area(str(file), METRIC, GROUND), AREA)
    text = tmp_path / "line.wkt"
    text.write_text(degrees(LINE).wkt, "utf-8")
    assert near(drawn.line(str(text), METRIC, GROUND), LINE)


def test_pieces_of_one_line_are_joined():
    halves = shapely.multilinestrings(
        [[(447_000, 4_429_000), (447_200, 4_429_150)], [(447_200, 4_429_150), (447_400, 4_429_300)]]
    )
    assert drawn.line(halves.wkt, METRIC, GROUND).geom_type == "LineString"
    assert drawn.line(shapely.to_geojson(degrees(halves)), METRIC, GROUND).geom_type == "LineString"


def test_a_bowtie_is_mended():
    given = "447000,4429000 447400,4429300 447400,4429000 447000,4429300"
    assert drawn.area(given, METRIC, GROUND).area == pytest.approx(2 * 0.5 * 300 * 200, rel=0.01)


@pytest.mark.parametrize(
    ("way", "given", "key"),
    [
        (drawn.area, "", "edit_shape_unreadable"),
        (drawn.area, "here and there", "edit_shape_unreadable"),
        (drawn.area, "POLYGON ((0 0, 1", "edit_shape_unreadable"),
        (drawn.area, "{not json", "edit_shape_unreadable"),
        (drawn.area, "nan,nan nan,nan", "edit_shape_unreadable"),
        (drawn.area, "1e999,2 3,4 5,6", "edit_shape_unreadable"),
        (drawn.area, "gone.geojson", "file_missing"),
        (drawn.area, "C:\\Users\\me\\gone.gpkg", "file_missing"),
        (drawn.area, LINE.wkt, "edit_shape_no_area"),
        (drawn.line, AREA.wkt, "edit_shape_no_line"),
        (drawn.line, "MULTILINESTRING ((447000 4429000, 447100 4429000), (447200 4429000, 447300 4429000))",
         "edit_shape_several_lines"),
        (drawn.line, "10,50 11,51", "edit_shape_elsewhere"),
        (drawn.line, pairs(shapely.transform(degrees(LINE), lambda xy: xy[:, ::-1])), "edit_shape_turned"),
        (drawn.area, shapely.Polygon().wkt, "edit_shape_unreadable"),
    ],
)  # fmt: skip
def test_what_is_no_shape_here_is_refused_in_one_sentence(way, given, key):
    with pytest.raises(InputError) as refused:
        way(given, METRIC, GROUND)
    assert refused.value.code == key
    assert len(str(refused.value)) < 400


def test_an_unknown_system_is_refused():
    with pytest.raises(InputError) as refused:
        drawn.line(LINE.wkt, METRIC, GROUND, system="EPSG:99")
    assert refused.value.code == "edit_shape_no_system"
