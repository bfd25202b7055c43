"""A hamlet whose gaps, loads and matches can be counted by eye: two streets, a river between, one bridge.

Each street has a house every 100 m, 20 m off the street, the first 50 m from the bridge. Eight houses of 50 people
stand in the north, eight of 40 in the south. The only clinic stands at the bridge, in the north.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from govmap import pipeline
from govmap.config import from_machine
from govmap.messages import Voice
from govmap.project import new_project, open_project

EAST, NORTH = 500_000.0, 3_400_000.0  # of the south end of the bridge lane
BANKS = {"N": (120.0, 140.0, 50, 20), "S": (0.0, -20.0, 40, 16)}  # street, houses, people and households a house
HOUSES = [f"{bank}{number}" for bank in BANKS for number in range(1, 9)]
LANE, RIVER, LENGTH = 0.0, 60.0, 800.0
UNITS = {
    "North by the bridge": ["N1", "N2", "N3", "N4"],
    "North far end": ["N5", "N6", "N7", "N8"],
    "South by the bridge": ["S1", "S2", "S3", "S4"],
    "South far end": ["S5", "S6", "S7", "S8"],
}
CLINIC = (0.0, 140.0)
HALLS = {"North hall": (800.0, 140.0), "South hall": (400.0, -20.0)}
CANTEEN, PLACES_AT_TABLE = (400.0, -20.0), 2
WANT_A_MEAL = ["S4", "S6", "S8", "N8"]


@dataclass(frozen=True)
class Place:
    """A house and where it stands, in metres from the south end of the bridge lane."""

    name: str
    x: float
    y: float
    people: int
    households: int


def places() -> list[Place]:
    """Give the sixteen houses."""
    return [
        Place(f"{bank}{number}", 100.0 * number - 50.0, row, people, households)
        for bank, (_, row, people, households) in BANKS.items()
        for number in range(1, 9)
    ]


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(EAST + x, NORTH + y)


def line(*corners: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in corners])


def box(west: float, south: float, east: float, north: float) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)])


def build(folder: Path) -> Path:
    """Make the hamlet's project: its ground, its houses, its four units."""
    path = folder / "hamlet.gpkg"
    with new_project(path, CRS.from_epsg(32650), profile_name="generic") as project, project.change("hamlet") as change:
        for name, frame in ground().items():
            change.session.append(name, gpd.GeoDataFrame(frame, geometry="geometry", crs=project.crs))
        change.set("language", "en")
        change.base_changed()
    with open_project(path) as project:
        pipeline.cells(project, config=from_machine("en"))
    listed = folder / "units.csv"
    rows = [f"{house},{unit}" for unit, houses in UNITS.items() for house in houses]
    listed.write_text("\n".join(["building_id,unit", *rows]), "utf-8")
    pipeline.import_table(path, "units", listed, pipeline.Reading(), config=from_machine("en"), voice=Voice("en"))
    with open_project(path) as project:
        pipeline.attach(project, config=from_machine("en"))
    return path


def ground() -> dict[str, pd.DataFrame]:
    """Give the tables that OSM would give."""
    homes = places()
    houses = {
        "building_id": [one.name for one in homes],
        "name": [one.name for one in homes],
        "community_id": "hamlet",
        "use": "residential",
        "levels": 2.0,
        "dwellings": [one.households for one in homes],
        "households": [one.households for one in homes],
        "residents": [one.people for one in homes],
        "households_given": [one.households for one in homes],
        "residents_given": [one.people for one in homes],
        "households_source": "register",
        "status": "standing",
        "edited_by_hand": False,
        "geometry": [box(one.x - 20, one.y - 8, one.x + 20, one.y + 8) for one in homes],
    }
    return {
        "communities": pd.DataFrame(
            {"community_id": ["hamlet"], "name": ["Hamlet"], "geometry": [box(-60, -60, 860, 180)]}
        ),
        "buildings": pd.DataFrame(houses),
        "streets": _streets(),
        "barriers": pd.DataFrame(
            {
                "barrier_id": ["river"],
                "kind": ["river"],
                "name": ["River"],
                "strength": [1.0],
                "on_ground": [True],
                "edited_by_hand": [False],
                "geometry": [shapely.MultiLineString([line((-60, RIVER), (860, RIVER))])],
            }
        ),
        "resources": pd.DataFrame(
            {
                "resource_id": ["clinic", "canteen", *HALLS],
                "category": ["clinic", "elder_meals", "vacant_room", "vacant_room"],
                "name": ["Clinic", "Canteen", *HALLS],
                "capacity": [None, PLACES_AT_TABLE, None, None],
                "edited_by_hand": False,
                "geometry": [at(*CLINIC), at(*CANTEEN), *(at(*place) for place in HALLS.values())],
            }
        ),
        "incidents": pd.DataFrame(
            {
                "incident_id": [f"meal for {house}" for house in WANT_A_MEAL],
                "external_no": WANT_A_MEAL,
                "kind": "need",
                "category": "meal",
                "sensitive": False,
                "reported_at": pd.Timestamp("2026-03-02T09:00", tz="UTC"),
                "geometry": [at(one.x, one.y) for name in WANT_A_MEAL for one in homes if one.name == name],
            }
        ),
    }


def _streets() -> pd.DataFrame:
    south, north = BANKS["S"][0], BANKS["N"][0]
    ways = {
        "Bridge Lane": ("sw", "nw", line((LANE, south), (LANE, north))),
        "North Street": ("nw", "ne", line((LANE, north), (LENGTH, north))),
        "South Street": ("sw", "se", line((LANE, south), (LENGTH, south))),
    }
    return pd.DataFrame(
        {
            "street_id": list(ways),
            "from_node": [way[0] for way in ways.values()],
            "to_node": [way[1] for way in ways.values()],
            "length_m": [way[2].length for way in ways.values()],
            "kind": "residential",
            "name": list(ways),
            "walkable": True,
            "geometry": [way[2] for way in ways.values()],
        }
    )


def drawing() -> str:
    """Draw the hamlet for the documentation, a metre to a metre, north up."""
    unit_of = {house: number for number, houses in enumerate(UNITS.values()) for house in houses}
    fills = ("#d9e7f5", "#b9d3ea", "#f6e3c5", "#edcf9a")
    drawn = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-80 -230 980 320" font-family="sans-serif" font-size="15">',
        '<rect x="-80" y="-230" width="980" height="320" fill="#ffffff"/>',
        f'<path d="M-60 {-RIVER}H860" stroke="#6baed6" stroke-width="18"/>',
        *(
            f'<path d="M{LANE:.0f} {-street:.0f}H{LENGTH:.0f}" stroke="#777777" stroke-width="5" fill="none"/>'
            for street in (BANKS["N"][0], BANKS["S"][0])
        ),
        f'<path d="M{LANE:.0f} 0V{-BANKS["N"][0]:.0f}" stroke="#777777" stroke-width="5"/>',
    ]
    for one in places():
        fill = fills[unit_of[one.name]]
        drawn.append(
            f'<rect x="{one.x - 20:.0f}" y="{-one.y - 8:.0f}" width="40" height="16" fill="{fill}" stroke="#333333"/>'
        )
        side = -18 if one.y > RIVER else 30
        drawn.append(f'<text x="{one.x:.0f}" y="{-one.y + side:.0f}" text-anchor="middle">{one.name}</text>')
    marks = {"Clinic": CLINIC, **HALLS}
    for name, (x, y) in marks.items():
        drawn.append(f'<circle cx="{x:.0f}" cy="{-y:.0f}" r="8" fill="#b2182b" stroke="#ffffff" stroke-width="2"/>')
        above = -48 if y > RIVER else 58
        drawn.append(f'<text x="{x:.0f}" y="{-y + above:.0f}" text-anchor="middle" fill="#b2182b">{name}</text>')
    drawn.append(f'<text x="700" y="{-RIVER + 5:.0f}" fill="#08519c">River</text>')
    return "\n".join([*drawn, "</svg>", ""])
