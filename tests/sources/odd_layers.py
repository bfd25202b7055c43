# ruff: noqa: E501 - each file is written out where its case stands
"""Odd layers."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import nasty
import shapely
from cases import CASES, POINT, Case, Outcome, case, feature, said
from nasty import CRS, LAT, LON, ORIGIN

# layers --------------------------------------------------------------------------------------------------------------
X, Y = ORIGIN
SPOT = {"name": "站", "category": "公园"}


def kml(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'


PLACEMARK = f"<Placemark><name>公园</name><description><![CDATA[<b>公园</b>]]></description><Point><coordinates>{LON},{LAT},0</coordinates></Point></Placemark>"
said("KML with a description in CDATA", "resources", (1, 0), kml(PLACEMARK), "a.kml")
said(
    "KML with a link to the network",
    "resources",
    (0, 0),
    kml("<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"),
    "a.kml",
)
said(
    "KML in folders",
    "resources",
    "file_several_layers",
    kml(f"<Folder><name>一</name>{PLACEMARK}</Folder><Folder><name>二</name>{PLACEMARK}</Folder>"),
    "a.kml",
)
said("KML cut short", "resources", "file_layer_broken", kml(PLACEMARK)[:-40], "a.kml")
said(
    "GPX",
    "resources",
    (1, 0),
    f'<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="{LAT}" lon="{LON}"><name>公园</name></wpt></gpx>',
    "a.gpx",
)
said(
    "GML",
    "resources",
    "file_kind_unknown",
    '<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>',
    "a.gml",
)
said("SVG", "resources", "file_kind_unknown", '<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg")
said("DXF", "buildings", "file_is_a_drawing", "  0\nSECTION\n  2\nENTITIES\n  0\nENDSEC\n  0\nEOF\n", "a.dxf")
said("DWG", "buildings", "file_is_a_drawing", b"AC1027" + bytes(200), "a.dwg")
said("a picture of a map", "buildings", "file_is_a_picture", b"II*\0" + bytes(200), "a.tif")


def geojson(name: str, table: str, outcome: Outcome, content: object) -> None:
    said(name, table, outcome, content if isinstance(content, str) else json.dumps(content), "a.geojson")


def collection(*features: object, **more: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features), **more}


RING = [[LON, LAT], [LON, LAT + 1e-4], [LON + 1e-4, LAT + 1e-4], [LON + 1e-4, LAT], [LON, LAT]]
geojson("GeoJSON of one feature", "resources", (1, 0), feature(POINT, **SPOT))
geojson("GeoJSON of a bare shape", "communities", (1, 0), {"type": "Polygon", "coordinates": [RING]})
geojson("GeoJSON with a null feature", "resources", (1, 1), collection(feature(POINT, **SPOT), None))
geojson(
    "GeoJSON of null shapes", "buildings", (2, 0), collection(feature(None, name="1号楼"), feature(None, name="2号楼"))
)
geojson("GeoJSON in lines", "resources", (2, 0), "\n".join(json.dumps(feature(POINT, **SPOT)) for _ in range(2)))
geojson(
    "GeoJSON with marks of records",
    "resources",
    (2, 0),
    "".join(f"\x1e{json.dumps(feature(POINT, **SPOT))}\n" for _ in range(2)),
)
geojson(
    "GeoJSON with NaN",
    "resources",
    (1, 1),
    json.dumps(collection(feature(POINT, **SPOT), feature({"type": "Point", "coordinates": [1, 2]}, **SPOT))).replace(
        "[1, 2]", "[NaN, Infinity]"
    ),
)
geojson("GeoJSON with huge numbers", "resources", (0, 1), collection(feature(POINT, **SPOT, id=10**30, n=1e308)))
geojson(
    "GeoJSON with a key twice",
    "resources",
    (1, 0),
    json.dumps(collection(feature(POINT, **SPOT))).replace('"name"', '"name": "x", "name"'),
)
geojson(
    "GeoJSON wound the other way",
    "communities",
    (1, 0),
    collection(feature({"type": "Polygon", "coordinates": [RING[::-1]]}, name="社区")),
)
geojson(
    "GeoJSON with a collection",
    "communities",
    (1, 0),
    collection(
        feature(
            {"type": "GeometryCollection", "geometries": [POINT, {"type": "Polygon", "coordinates": [RING]}]},
            name="社区",
        )
    ),
)
geojson(
    "GeoJSON of another system",
    "communities",
    (1, 0),
    collection(
        feature({"type": "Polygon", "coordinates": [[[X, Y], [X, Y + 9], [X + 9, Y + 9], [X, Y]]]}, name="社区"),
        crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32650"}},
    ),
)
geojson(
    "GeoJSON of nested facts", "resources", (1, 0), collection(feature(POINT, **SPOT, tags={"a": [1, {"b": None}]}))
)
geojson(
    "GeoJSON with an open ring",
    "communities",
    (0, 1),
    collection(feature({"type": "Polygon", "coordinates": [RING[:-1]]}, name="社区")),
)
geojson(
    "GeoJSON of ESRI",
    "resources",
    (1, 0),
    {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 4326},
        "fields": [{"name": "name", "type": "esriFieldTypeString", "alias": "name"}],
        "features": [{"attributes": {"name": "公园"}, "geometry": {"x": LON, "y": LAT}}],
    },
)
geojson(
    "TopoJSON",
    "communities",
    "import_crs_unknown",
    {
        "type": "Topology",
        "objects": {
            "a": {
                "type": "GeometryCollection",
                "geometries": [{"type": "Polygon", "arcs": [[0]], "properties": {"name": "社区"}}],
            }
        },
        "arcs": [RING],
    },
)
geojson(
    "GeoJSON with latitudes first",
    "resources",
    "import_swapped",
    collection(*[feature({"type": "Point", "coordinates": [LAT, LON]}, **SPOT)] * 3),
)
said(
    "GeoJSON written in GBK",
    "resources",
    (1, 0),
    json.dumps(collection(feature(POINT, **SPOT)), ensure_ascii=False).encode("gbk"),
    "a.geojson",
)
said(
    "GeoJSON with a mark of UTF-8",
    "resources",
    (1, 0),
    b"\xef\xbb\xbf" + json.dumps(collection(feature(POINT, **SPOT))).encode(),
    "a.geojson",
)


def database(
    name: str, table: str, outcome: Outcome, change: Callable[[sqlite3.Connection], object], count: int = 2
) -> None:
    def write(folder: Path) -> Path:
        path = nasty.layer(folder / "a.gpkg", nasty.points(name=["一"] * count, category=["公园"] * count), "GPKG")
        with closing(sqlite3.connect(path)) as opened, opened:
            change(opened)
        return path

    CASES.append(Case(name, table, write, outcome))


database(
    "a GeoPackage with a view as a layer",
    "resources",
    (2, 0),
    lambda base: base.executescript(
        "CREATE VIEW v AS SELECT * FROM a; INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) SELECT 'v', 'features', 'v', srs_id FROM gpkg_contents WHERE table_name = 'a'"
    ),
)
database(
    "a GeoPackage of attributes alone",
    "resources",
    (2, 0),
    lambda base: base.executescript(
        "CREATE TABLE t (fid INTEGER PRIMARY KEY, 名称 TEXT, 类别 TEXT); INSERT INTO t VALUES (1, '一', '公园'), (2, '二', '公园');"
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('t', 'attributes', 't'); DELETE FROM a"
    ),
)
database(
    "a GeoPackage with a broken index", "resources", (2, 0), lambda base: base.execute("DELETE FROM rtree_a_geom_node")
)
database(
    "a GeoPackage without a system",
    "resources",
    "import_crs_unknown",
    lambda base: base.executescript(
        "UPDATE gpkg_geometry_columns SET srs_id = -1; UPDATE gpkg_contents SET srs_id = -1"
    ),
)
database(
    "a GeoPackage with a shape of noise",
    "resources",
    (1, 1),
    lambda base: base.executescript(
        "DROP TRIGGER IF EXISTS rtree_a_geom_update6; DROP TRIGGER IF EXISTS rtree_a_geom_update7; DROP TRIGGER IF EXISTS rtree_a_geom_update2;"
        "DROP TRIGGER IF EXISTS rtree_a_geom_update4; DROP TRIGGER IF EXISTS rtree_a_geom_update5; UPDATE a SET geom = x'47500001' WHERE fid = 1"
    ),
)
database("a GeoPackage with no rows", "resources", (0, 0), lambda base: base.execute("DELETE FROM a"))


@case("a GeoPackage that another program is writing", "resources", (2, 0))
def _wal(folder: Path) -> Path:
    path = nasty.layer(folder / "a.gpkg", nasty.points(name=["一", "二"], category=["公园"] * 2), "GPKG")
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
    return path


@case("FlatGeobuf cut short", "resources", "file_cut_off")
def _fgb(folder: Path) -> Path:
    path = nasty.layer(folder / "a.fgb", nasty.points(name=["一"] * 300, category=["公园"] * 300), "FlatGeobuf")
    path.write_bytes(path.read_bytes()[:6000])
    return path


@case("a Shapefile with rows that have no shape", "resources", (2, 0))
def _null_shapes(folder: Path) -> Path:
    frame = gpd.GeoDataFrame(
        {"name": ["一", "二"], "category": ["公园"] * 2}, geometry=[shapely.Point(X, Y), None], crs=CRS
    )
    nasty.layer(folder / "a.shp", frame, "ESRI Shapefile")
    return folder / "a.shp"


@case("MapInfo", "resources", (2, 0))
def _tab(folder: Path) -> Path:
    frame = nasty.points(name=["一", "二"], category=["公园"] * 2).to_crs(4326)
    nasty.layer(folder / "a.tab", frame, "MapInfo File", encoding="UTF-8")
    return folder / "a.tab"


@case("a geodatabase in an archive", "resources", (2, 0))
def _gdb(folder: Path) -> Path:
    nasty.layer(folder / "a.gdb", nasty.points(name=["一", "二"], category=["公园"] * 2), "OpenFileGDB")
    members = {f"a.gdb/{one.name}": one.read_bytes() for one in sorted((folder / "a.gdb").iterdir())}
    for one in (folder / "a.gdb").iterdir():
        one.unlink()
    (folder / "a.gdb").rmdir()
    return nasty.zipped(folder / "a.gdb.zip", members)
