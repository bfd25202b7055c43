"""A small town on paper for maps, and one browser for all tests that look at them."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from govmap.publish import Released, release

CRS = "EPSG:32650"
EAST, NORTH = 500_000.0, 2_550_000.0
WIDE, HIGH = 6, 4
AT = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)
CLINIC = "cn_15min/health_station"
UNITS = [f"U{at:03d}" for at in range(1, 7)]
FIX = {
    "key": "fix_new_site",
    "facts": {
        "place": "Lime Hall",
        "kind": {"en": "public building", "zh": "公共建筑"},
        "service": {"en": "Clinic", "zh": "卫生服务站"},
        "people": 300,
    },
}
SHORT = [0, 40, 200, 400, 100, 0]
BROWSER = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip


def square(column: float, row: float, side: float = 20.0) -> shapely.Polygon:
    east, north = EAST + column * 40, NORTH + row * 40
    return shapely.box(east, north, east + side, north + side)


def frame(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def tables(name: Callable[[str], str] = lambda plain: plain) -> dict[str, pd.DataFrame]:
    """24 buildings in 6 units of 4, one with a courtyard, one in two pieces; `name` turns every text into another."""
    places = [(column, row) for row in range(HIGH) for column in range(WIDE)]
    ids = [f"w{at}" for at in range(len(places))]
    units = [f"U{column // 2 * 2 + row // 2 + 1:03d}" for column, row in places]
    shapes: list[Any] = [square(*place) for place in places]
    shapes[0] = shapes[0].difference(shapely.buffer(shapes[0].centroid, 5))
    shapes[1] = shapely.MultiPolygon([square(1, 0, 8), square(1.3, 0.3, 8)])
    cells = [
        shapely.box(EAST + x * 40 - 10, NORTH + y * 40 - 10, EAST + x * 40 + 30, NORTH + y * 40 + 30) for x, y in places
    ]
    grounds = gpd.GeoSeries(cells).groupby(units).agg(lambda some: shapely.union_all(some.to_numpy()))
    codes = sorted(set(units))
    whole = shapely.union_all(cells)
    homes = [40] * len(ids)
    return {
        "communities": frame([shapely.MultiPolygon([whole])], community_id=["c1"], name=[name("Well")], name_zh=["井"]),
        "buildings": frame(
            [*shapes, square(-3, 0)],
            building_id=[*ids, "w99"],
            community_id=["c1"] * 24 + [None],
            cell_id=[*ids, None],
            compound_id=["k1"] * 4 + [None] * 21,
            name=[name(f"House {at}") for at in range(25)],
            use=["apartments"] * 25,
            levels=[6.0] * 25,
            households=[*homes, 0],
            residents=[104] * 24 + [0],
            households_source=["estimated"] * 25,
            status=["standing"] * 25,
        ),
        "addresses": frame(
            [shapely.centroid(shape) for shape in shapes[:6]],
            address_id=[f"a{at}" for at in range(6)],
            building_id=ids[:6],
            street=["High Street"] * 6,
            house_number=[str(at + 1) for at in range(6)],
            full=[name(f"{at + 1} High Street") for at in range(6)],
        ),
        "compounds": frame(
            [square(0, 0, 150)], compound_id=["k1"], name=[name("Willow Court")], name_zh=["柳园"], kind=["residential"]
        ),
        "parts": pd.DataFrame(
            {"part_id": ids, "building_id": ids, "cell_id": ids, "households": homes, "residents": 104}
        ),
        "plan_parts": pd.DataFrame({"plan_id": "p1", "part_id": ids, "unit_id": units}),
        "units": frame(
            [grounds[code] for code in codes],
            plan_id="p1",
            unit_id=codes,
            community_id="c1",
            code=codes,
            parent_unit_id=None,
            level="base",
            kind="base",
            name=[name(f"Quarter {code}") for code in codes],
            households=160,
            residents=416,
            buildings=4,
            area_m2=6400.0,
            out_of_band_reason=[None, None, None, name("one house is too big"), None, None],
            meeting_place=name("the hall"),
        ),
        "features": frame(
            [
                square(0, 5, 200),
                shapely.LineString([(EAST, NORTH - 8), (EAST + 230, NORTH - 8)]),
                shapely.Point(EAST + 100, NORTH),
            ],
            feature_id=["f1", "f2", "f3"],
            kind=["water", "road", "label"],
            **{"class": ["water", "residential", "square"]},
            name=[name("Mill Pond"), name("High Street"), name("Market")],
            name_zh=["磨坊塘", "大街", "集市"],
        ),
        "resources": frame(
            [shapely.Point(EAST + 15, NORTH + 45), shapely.Point(EAST + 95, NORTH + 15)],
            resource_id=["r1", "r2"],
            category=["clinic", "playground"],
            name=[name("Dr Example"), None],
            hours=[name("9-17"), None],
        ),
        "incidents": frame(
            [shapely.Point(EAST + 30 * at % 200, NORTH + 50) for at in range(20)],
            incident_id=[f"i{at}" for at in range(20)],
            kind=name("event"),
            category=name("noise"),
            sensitive=False,
            severity="low",
            stage="closed",
            reported_at=pd.Timestamp("2026-02-01", tz="UTC"),
            closed_at=None,
            building_id="w0",
            responsible="Incident Person",
        ),
        "workers": pd.DataFrame(
            {
                "worker_id": ["k1"],
                "name": ["Worker Person"],
                "office_phone": ["000-4711"],
                "role": ["head"],
                "organisation": [name("Centre")],
            }
        ),
        "duties": pd.DataFrame(
            {"worker_id": ["k1"], "plan_id": "p1", "unit_id": ["U001"], "role": ["head"], "share": 1.0}
        ),
    }


def gaps() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "plan_id": "p1", "level": "base", "unit_id": UNITS, "category": "clinic", "standard": CLINIC,
            "people": [416, 300, 500, 416, 416, 200], "people_short": SHORT,
            "share_short": [short / 416 for short in SHORT], "reason": ["none" if short else None for short in SHORT],
            "site_id": "r1", "distance_m": 420.0, "walk_min": 6.4,
            "fixes": [[], [], [], [FIX], [], []],
        }
    )  # fmt: skip


def cases(incidents: pd.DataFrame) -> pd.DataFrame:
    """20 reports, the first twelve of January and closed in two weeks; of eight of February three are late."""
    late = pd.Timestamp("2026-02-20", tz="UTC")
    reported = [pd.Timestamp("2026-01-10", tz="UTC")] * 12 + [pd.Timestamp("2026-02-10", tz="UTC")] * 8
    closed = [pd.Timestamp("2026-01-24", tz="UTC")] * 12 + [None] * 8
    due = [pd.Timestamp("2026-01-20", tz="UTC")] * 12 + [late] * 3 + [pd.Timestamp("2026-04-01", tz="UTC")] * 5
    stage = ["closed"] * 12 + ["filed"] * 8
    places = incidents.geometry.to_list()
    incidents = incidents.set_geometry([*places[:-1], places[-2]], crs=incidents.crs)
    return incidents.assign(reported_at=reported, closed_at=closed, due_at=due, stage=stage, duplicate_of=None)


@pytest.fixture
def town() -> Callable[..., dict[str, pd.DataFrame]]:
    """Give the town's tables; the argument turns its names into others."""
    return tables


@pytest.fixture
def assessed() -> Callable[[], dict[str, pd.DataFrame]]:
    """Give the town's tables with what lacks a clinic, and with cases that are open, late and closed."""

    def give() -> dict[str, pd.DataFrame]:
        town = tables()
        return town | {"gaps": gaps(), "incidents": cases(town["incidents"])}

    return give


@pytest.fixture
def released() -> Callable[..., Released]:
    """Let the town through the gate."""

    def let(audience: str = "public", some: dict[str, pd.DataFrame] | None = None) -> Released:
        return release(tables() if some is None else some, audience=audience, plan_id="p1", edition=1, at=AT)  # type: ignore[arg-type]

    return let


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser, started once; the file:// pages of the tests need no server."""
    sync = pytest.importorskip("playwright.sync_api", reason="needs playwright to steer a browser")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs a Chromium on the path to look at maps")
    with sync.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=path, args=list(BROWSER))
        yield browser
        browser.close()
