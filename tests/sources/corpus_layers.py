"""Broken layers."""

import json
from pathlib import Path

import geopandas as gpd
import nasty
import shapely
from cases import CASES, POINT, Case, Outcome, case, feature, said
from nasty import CRS, LAT, LON, ORIGIN

# layers --------------------------------------------------------------------------------------------------------------
X, Y = ORIGIN
HOUSE = shapely.box(X, Y, X + 20, Y + 10)
BOWTIE = shapely.Polygon([(X, Y), (X + 20, Y + 20), (X + 20, Y), (X, Y + 20)])


def shapes(
    name: str,
    outcome: Outcome,
    *found: object,
    driver: str = "GPKG",
    file: str = "a.gpkg",
    crs: str | None = CRS,
    names: list[object] | None = None,
) -> None:
    def write(folder: Path) -> Path:
        facts = {"name": names or [f"{n}号楼" for n in range(len(found))]}
        frame = gpd.GeoDataFrame(facts, geometry=list(found), crs=crs)
        return nasty.layer(folder / file, frame, driver)

    CASES.append(Case(name, "buildings", write, outcome))


shapes("a house", (1, 0), HOUSE)
shapes("a bowtie", (2, 0), HOUSE, BOWTIE)
shapes("no shape at all", (2, 0), HOUSE, None)
shapes("an empty shape", (1, 1), HOUSE, shapely.Polygon())
shapes("a shape with height", (2, 0), HOUSE, shapely.force_3d(shapely.box(X + 40, Y, X + 50, Y + 9), 7.0))
shapes(
    "a shape of several kinds",
    (1, 1),
    HOUSE,
    shapely.GeometryCollection([shapely.Point(X, Y), shapely.LineString([(X, Y), (X + 1, Y)])]),
)
shapes("lines for houses", (1, 1), HOUSE, shapely.LineString([(X, Y), (X + 30, Y)]))
shapes("a shape the size of a needle", (2, 0), HOUSE, shapely.box(X, Y, X + 1e-9, Y + 1e-9))
shapes("a shape on the other side of the world", (1, 1), HOUSE, shapely.box(X - 9e5, Y - 2e6, X - 9e5 + 9, Y - 2e6 + 9))
shapes(
    "names that would be a program",
    (3, 0),
    HOUSE,
    shapely.box(X + 40, Y, X + 50, Y + 9),
    shapely.box(X + 60, Y, X + 70, Y + 9),
    names=["<script>alert(1)</script>", "'; DROP TABLE buildings; --", "{{ 7*7 }}${7*7}"],
)
shapes("FlatGeobuf", (2, 0), HOUSE, shapely.box(X + 40, Y, X + 50, Y + 9), driver="FlatGeobuf", file="a.fgb")
shapes("GeoJSON without a system, in metres", "import_crs_unknown", HOUSE, driver="GeoJSON", file="a.geojson", crs=None)
shapes("a layer without a system, in metres", "import_crs_unknown", HOUSE, crs=None)


def geojson(name: str, outcome: Outcome, table: str, *features: object, top: object | None = None) -> None:
    said(
        name,
        table,
        outcome,
        json.dumps(top or {"type": "FeatureCollection", "features": list(features)}).encode(),
        "a.geojson",
    )


geojson("GeoJSON", (1, 0), "resources", feature(POINT, name="站", category="公园"))
geojson("GeoJSON without features", "file_empty", "resources")
geojson(
    "GeoJSON with a point of words",
    (1, 1),
    "resources",
    feature(POINT, name="站", category="公园"),
    feature({"type": "Point", "coordinates": ["a", "b"]}, name="站", category="公园"),
)
geojson(
    "GeoJSON with a ring of two points",
    (1, 1),
    "buildings",
    feature(
        {"type": "Polygon", "coordinates": [[[LON, LAT], [LON + 1e-4, LAT], [LON + 1e-4, LAT + 1e-4], [LON, LAT]]]},
        name="1",
    ),
    feature({"type": "Polygon", "coordinates": [[[LON, LAT], [LON, LAT]]]}, name="2"),
)
geojson("JSON that is no layer", "file_json_no_layer", "resources", top={"a": [1, 2, {"b": None}]})
said(
    "GeoJSON cut short",
    "resources",
    "file_layer_broken",
    json.dumps({"type": "FeatureCollection", "features": [feature(POINT, name="站", category="公园")] * 20}).encode()[
        :-200
    ],
    "a.geojson",
)
said(
    "JSON as deep as a well",
    "resources",
    "file_layer_broken",
    b'{"type":"FeatureCollection","features":' + b"[" * 100_000,
    "a.geojson",
)
said(
    "KML with an entity that reads a file",
    "resources",
    "file_trap",
    b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&x;</name><Point><coordinates>117,31</coordinates></Point></Placemark></kml>',
    "a.kml",
)


@case("a GeoPackage with a trigger", "resources", (2, 0))
def _trigger(folder: Path) -> Path:
    import sqlite3
    from contextlib import closing

    path = nasty.layer(folder / "a.gpkg", nasty.points(name=["一", "二"], category=["公园", "公园"]), "GPKG")
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END")
        opened.execute("CREATE VIEW v AS SELECT load_extension('x')")
    return path


@case("a GeoPackage with flipped bits", "resources", "file_layer_broken")
def _flipped(folder: Path) -> Path:
    path = nasty.layer(folder / "a.gpkg", nasty.points(name=["一"] * 50, category=["公园"] * 50), "GPKG")
    content = bytearray(path.read_bytes())
    for at in range(100, len(content), 97):
        content[at] ^= 0xFF
    path.write_bytes(content)
    return path


@case("a layer whose columns are called like commands", "resources", (2, 0))
def _columns(folder: Path) -> Path:
    frame = nasty.points(
        **{"name": ["一", "二"], "category": ["公园"] * 2, 'x"; DROP TABLE a; --': [1, 2], "../../x": [1, 2]}
    )
    return nasty.layer(folder / "a.fgb", frame, "FlatGeobuf")


for gone in (".shx", ".dbf", ".prj"):

    @case(
        f"a Shapefile without its {gone}",
        "resources",
        {".shx": (3, 0), ".dbf": "import_shapes_alone", ".prj": "import_crs_unknown"}[gone],
    )
    def _lacking(folder: Path, gone: str = gone) -> Path:
        parts = nasty.gbk_shapefile(folder)
        for name in parts:
            (folder / name).unlink()
        return nasty.zipped(
            folder / "a.zip", {name: content for name, content in parts.items() if not name.endswith(gone)}
        )


for label in (None, "UTF-8", "ISO-8859-1"):

    @case(f"a Shapefile in GBK whose .cpg says {label}", "resources", (3, 0))
    def _gbk(folder: Path, label: str | None = label) -> Path:
        parts = nasty.gbk_shapefile(folder, cpg=label)
        for name in [one.name for one in folder.glob("poi.*")]:
            (folder / name).unlink()
        return nasty.zipped(folder / "a.zip", parts)
