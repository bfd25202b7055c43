"""Released tables as the packs of the web map: in degrees, clipped to the surroundings, in an order that packs well."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from govmap.crs import GEOGRAPHIC
from govmap.messages import Voice
from govmap.publish import Released
from govmap.render import symbology
from govmap.render.compact import MICRO, Pack, hilbert_order

MARGIN_M = 350.0
MARGIN_SHARE = 0.06
UNIT_TOLERANCE_M = 0.8
AREA_TOLERANCE_M = 1.0
WAY_TOLERANCE_M = 0.6
LABEL_TOLERANCE_M = 2.0
SMALLEST_NAMED_M2 = 4000.0
OFFICIAL_DIGITS = 15
DOORS_SHOWN = 3

Frame: TypeAlias = pd.DataFrame
Places: TypeAlias = Mapping[str, int]


@dataclass(frozen=True)
class Ground:
    """Where the map lies: how metres become degrees, and the window in metres that is drawn."""

    to_degrees: Transformer
    window: tuple[float, float, float, float]
    bounds: tuple[float, float, float, float]

    def degrees(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Bring shapes from metres to degrees."""
        return np.asarray(shapely.transform(shapes, self._turn))

    def _turn(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(self.to_degrees.transform(points[:, 0], points[:, 1]))

    def seen(self, frame: Frame) -> NDArray[np.bool_]:
        """Tell which shapes touch the window."""
        west, south, east, north = self.window
        box = shapely.bounds(shapes_of(frame))
        with np.errstate(invalid="ignore"):
            return np.asarray((box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south))


def shapes_of(frame: Frame) -> NDArray[np.object_]:
    """Give the shapes of a frame as they are."""
    return np.asarray(frame["geometry"].to_numpy(), dtype=object)


def ground(released: Released) -> Ground:
    """Find the window of a map: the communities, or else the units, with something of what surrounds them."""
    for name in ("communities", "units", "buildings"):
        frame = released.tables.get(name)
        if isinstance(frame, gpd.GeoDataFrame) and len(frame) and frame.crs is not None:
            edges = shapely.total_bounds(shapes_of(frame))
            if np.isfinite(edges).all():
                return _around(edges, frame.crs)
    message = "a map needs communities, units or buildings with a CRS"
    raise ValueError(message)


def _around(edges: NDArray[np.float64], crs: Any) -> Ground:
    turn = Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True)
    west, south, east, north = (float(edge) for edge in edges)
    wide = max(MARGIN_M, MARGIN_SHARE * max(east - west, north - south))
    bounds = turn.transform_bounds(west, south, east, north)
    rounded = tuple(round(float(edge), 6) for edge in bounds)
    return Ground(turn, (west - wide, south - wide, east + wide, north + wide), rounded)  # type: ignore[arg-type] # four


def packs(released: Released, here: Ground, voices: Mapping[str, Voice], found: list[str]) -> dict[str, str]:
    """Pack every table that the page draws; `found` names the categories of resources in the order of the page."""
    tables = released.tables
    units = _units_in_order(tables["units"])
    place = {unit: at for at, unit in enumerate(units["unit_id"])}
    made = {"units": pack_units(units, here, voices), "tallies": pack_tallies(tables.get("tallies"), place)}
    made |= pack_features(tables.get("features"), here)
    made["communities"] = pack_communities(tables.get("communities"), here)
    compounds, compound_at = pack_compounds(tables.get("compounds"), here)
    buildings, building_at = pack_buildings(tables, here, place, compound_at)
    made |= {"compounds": compounds, "buildings": buildings}
    made["addresses"] = pack_addresses(tables.get("addresses"), here, building_at)
    made["parts"] = pack_parts(tables, place, building_at)
    made["resources"] = pack_resources(tables.get("resources"), here, units, found)
    made["incidents"] = pack_incidents(tables.get("incidents"), here, units)
    made["duties"] = pack_duties(tables.get("workers"), tables.get("duties"), place)
    return {name: pack.text() for name, pack in made.items() if pack is not None and pack.rows}


def column(frame: Frame, name: str) -> "pd.Series[Any]":
    """Give a column with None for every null, or all None where it is missing."""
    if name not in frame:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    values = frame[name].astype(object)
    return values.where(frame[name].notna(), None)


def _units_in_order(units: Frame) -> Frame:
    """Sort units by code, so that the list of the page reads from the first to the last."""
    key = column(units, "code").fillna(units["unit_id"]).astype(str)
    order = np.lexsort((units["unit_id"].astype(str), key))
    return units.iloc[order].reset_index(drop=True)


def pack_units(units: Frame, here: Ground, voices: Mapping[str, Voice]) -> Pack:
    """Pack units with colour, label and what the panel says of them."""
    shapes = shapes_of(units)
    drawn = shapely.coverage_simplify(
        np.where(shapely.is_empty(shapes) | shapely.is_missing(shapes), None, shapes), UNIT_TOLERANCE_M
    )
    pack = Pack(len(units)).shapes(here.degrees(drawn))
    code = column(units, "code").fillna(units["unit_id"]).astype(str)
    pack.texts("code", code).texts("label", [_short(one) for one in code])
    for name in ("name", "kind", "withheld", "responsible_org", "meeting_place", "bounds_text"):
        pack.texts(name, column(units, name))
    for name in ("households", "residents", "buildings"):
        pack.numbers(name, column(units, name))
    pack.numbers("area", column(units, "area_m2")).numbers(
        "estimated_share", column(units, "estimated_share"), scale=100
    )
    pack.numbers("colour", symbology.colours(drawn))
    for language, voice in voices.items():
        pack.texts(f"reason_{language}", [reason(one, voice) for one in column(units, "out_of_band_reason")])
    return _label_places(pack, drawn, here)


def _short(code: str) -> str:
    """Give the last three digits of an official code, any other code whole."""
    return code[-3:] if len(code) == OFFICIAL_DIGITS and code.isdigit() else code


def reason(stored: Any, voice: Voice) -> str | None:
    """Tell why a unit is out of its band: a note as JSON, a key, or words of the user's own."""
    if not stored:
        return None
    try:
        told = json.loads(stored) if isinstance(stored, str) else stored
    except ValueError:
        told = stored
    if isinstance(told, Mapping) and voice.knows(str(told.get("key"))):
        return voice.say(str(told["key"]), **told.get("facts", {}))
    return voice.say(told) if isinstance(told, str) and voice.knows(told) else str(stored)


def _label_places(pack: Pack, shapes: NDArray[np.object_], here: Ground) -> Pack:
    """Add the middle of the largest circle inside each shape, where a label has most room, and its radius."""
    single, owner = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((-shapely.area(single), owner))
    rows, first = np.unique(owner[order], return_index=True)
    largest = shapely.convex_hull(single[order][first]) if len(rows) == 0 else single[order][first]
    spoke = shapely.maximum_inscribed_circle(largest, LABEL_TOLERANCE_M)
    middle = here.degrees(shapely.get_point(spoke, 0))
    west, _, _, north = here.bounds
    at = np.full((len(shapes), 3), np.nan)
    at[rows] = np.column_stack([shapely.get_x(middle) - west, north - shapely.get_y(middle), shapely.length(spoke)])
    pack.numbers("label_east", np.clip(at[:, 0] * MICRO, 0, None)).numbers(
        "label_south", np.clip(at[:, 1] * MICRO, 0, None)
    )
    return pack.numbers("label_radius", at[:, 2])


def pack_tallies(tallies: Frame | None, place: Places) -> Pack | None:
    """Pack what was counted in each unit; resources are counted by the page itself."""
    if tallies is None:
        return None
    kept = tallies[tallies["unit_id"].isin(place) & (tallies["theme"] != "resources")]
    kept = kept.assign(unit=kept["unit_id"].map(place)).sort_values(["unit", "theme", "category"], kind="stable")
    pack = Pack(len(kept)).numbers("unit", kept["unit"])
    for name in ("theme", "category"):
        pack.texts(name, column(kept, name))
    return pack.numbers("count", column(kept, "count")).numbers("people", column(kept, "people"))


def pack_communities(communities: Frame | None, here: Ground) -> Pack | None:
    """Pack the communities' borders."""
    if communities is None or communities.empty:
        return None
    pack = Pack(len(communities)).shapes(here.degrees(shapely.simplify(shapes_of(communities), WAY_TOLERANCE_M)))
    return pack.texts("name", column(communities, "name")).texts("name_zh", column(communities, "name_zh"))


def pack_features(features: Frame | None, here: Ground) -> dict[str, Pack]:
    """Pack the base map: areas, ways and the names of places."""
    if features is None or features.empty:
        return {}
    seen = features[here.seen(features)].reset_index(drop=True)
    dimension = shapely.get_dimensions(shapes_of(seen))
    areas, lines, points = (seen[dimension == one] for one in (2, 1, 0))
    return {"areas": _areas(areas, here), "ways": _ways(lines, here), "places": _places(areas, points, here)}


def _styled(frame: Frame, styles: Mapping[str, Any]) -> "pd.Series[Any]":
    """Name the style of each row: its class, else its kind; null where neither is drawn."""
    own = column(frame, "class")
    own = own.where(own.isin(list(styles)), column(frame, "kind"))
    return own.where(own.isin(list(styles)), None)


def _clipped(frame: Frame, here: Ground, tolerance: float) -> Frame:
    cut = shapely.clip_by_rect(shapes_of(frame), *here.window)
    cut = shapely.simplify(cut, tolerance)
    kept = ~shapely.is_empty(cut)
    return frame[kept].assign(geometry=cut[kept])


def _ordered(frame: Frame, here: Ground, names: tuple[str, ...]) -> tuple[Frame, NDArray[np.object_]]:
    """Sort rows along a curve through their places; rows of one place by what they say."""
    frame = frame.sort_values(list(names), kind="stable", na_position="last") if names else frame
    shapes = here.degrees(shapes_of(frame))
    order = hilbert_order(shapes)
    return frame.iloc[order], shapes[order]


def _areas(areas: Frame, here: Ground) -> Pack:
    areas = areas.assign(style=_styled(areas, symbology.AREAS))
    areas = _clipped(areas[areas["style"].notna()], here, AREA_TOLERANCE_M)
    rows, shapes = _ordered(areas, here, ("feature_id",))
    return Pack(len(rows)).shapes(shapely.orient_polygons(shapes)).texts("class", rows["style"])


def _ways(lines: Frame, here: Ground) -> Pack:
    lines = lines.assign(style=_styled(lines, symbology.WAYS))
    lines = _clipped(lines[lines["style"].notna()], here, WAY_TOLERANCE_M)
    rows, shapes = _ordered(lines, here, ("feature_id",))
    first = [symbology.WAYS[style][3] for style in rows["style"]]
    pack = Pack(len(rows)).shapes(shapes).texts("class", rows["style"]).numbers("from", first)
    return pack.texts("name", column(rows, "name")).texts("name_zh", column(rows, "name_zh"))


def _places(areas: Frame, points: Frame, here: Ground) -> Pack:
    """Names of settlements and stations, and of waters and parks large enough to carry one."""
    size = shapely.area(shapes_of(areas))
    named = column(areas, "name").notna() & column(areas, "kind").isin(["water", "green"]) & (size > SMALLEST_NAMED_M2)
    large = areas[named]
    middle = shapely.point_on_surface(shapely.clip_by_rect(shapes_of(large), *here.window))
    zoom = np.clip(19 - np.log2(np.sqrt(np.maximum(size[named], 1)) / 40), 12, 18)
    large = large.assign(geometry=middle, style=column(large, "kind"), zoom=np.ceil(zoom))
    points = points.assign(
        style="place", zoom=[PLACES_ZOOM.get(one, symbology.PLACES_OTHERWISE) for one in column(points, "class")]
    )
    both = [pd.DataFrame(frame) for frame in (points[column(points, "name").notna()], large) if len(frame)]
    if not both:
        return Pack(0)
    rows, shapes = _ordered(pd.concat(both, ignore_index=True), here, ("feature_id",))
    pack = Pack(len(rows)).shapes(shapes).texts("class", rows["style"]).numbers("from", rows["zoom"])
    return pack.texts("name", column(rows, "name")).texts("name_zh", column(rows, "name_zh"))


PLACES_ZOOM = symbology.PLACES


def pack_compounds(compounds: Frame | None, here: Ground) -> tuple[Pack | None, Places]:
    """Pack the compounds, and say at which row each stands."""
    if compounds is None or compounds.empty:
        return None, {}
    seen = compounds[here.seen(compounds)]
    rows, shapes = _ordered(seen, here, ("compound_id",))
    pack = Pack(len(rows)).shapes(
        shapely.orient_polygons(here.degrees(shapely.simplify(shapes_of(rows), WAY_TOLERANCE_M)))
    )
    for name in ("name", "name_zh", "kind"):
        pack.texts(name, column(rows, name))
    return pack, _at(rows["compound_id"])


def _at(ids: "pd.Series[Any]") -> Places:
    return {one: at for at, one in enumerate(ids)}


def pack_buildings(
    tables: Mapping[str, Frame], here: Ground, place: Places, compound_at: Places
) -> tuple[Pack | None, Places]:
    """Pack the buildings, and say at which row each stands."""
    buildings = tables.get("buildings")
    if buildings is None or buildings.empty:
        return None, {}
    standing = here.seen(buildings) & (column(buildings, "status") != "demolished").to_numpy()
    rows, shapes = _ordered(buildings[standing], here, ("building_id",))
    pack = Pack(len(rows)).shapes(shapely.orient_polygons(shapes))
    pack.numbers("unit", column(rows, "unit_id").map(place)).numbers(
        "compound", column(rows, "compound_id").map(compound_at)
    )
    pack.texts("name", column(rows, "name")).texts("door", rows["building_id"].map(_doors(tables.get("addresses"))))
    pack.texts("use", column(rows, "use")).texts("status", column(rows, "status"))
    pack.numbers("levels", column(rows, "levels"), scale=2)
    for name in ("households", "households_low", "households_high", "residents"):
        if name in rows:
            pack.numbers(name, column(rows, name))
    if "households_source" in rows:
        pack.texts("source", column(rows, "households_source"))
    return pack, _at(rows["building_id"])


def _doors(addresses: Frame | None) -> Mapping[str, str]:
    """House numbers of each building, the first few."""
    if addresses is None or addresses.empty:
        return {}
    told = addresses[["building_id", "house_number"]].dropna().drop_duplicates()
    told = told.assign(number=told["house_number"].str.extract(r"(\d+)", expand=False).astype(float))
    told = told.sort_values(["building_id", "number", "house_number"], kind="stable")
    told["place"] = told.groupby("building_id").cumcount()
    shown = told[told["place"] < DOORS_SHOWN].groupby("building_id")["house_number"].agg(", ".join)
    more = told["building_id"][told["place"] == DOORS_SHOWN]
    return {**shown.to_dict(), **{one: f"{shown[one]} …" for one in more}}


def pack_addresses(addresses: Frame | None, here: Ground, building_at: Places) -> Pack | None:
    """Pack the addresses for the search."""
    if addresses is None or addresses.empty:
        return None
    full = column(addresses, "full")
    seen = addresses[here.seen(addresses) & full.notna().to_numpy()]
    rows, shapes = _ordered(seen, here, ("full", "address_id"))
    return (
        Pack(len(rows))
        .shapes(shapes)
        .texts("full", column(rows, "full"))
        .numbers("building", column(rows, "building_id").map(building_at))
    )


def pack_parts(tables: Mapping[str, Frame], place: Places, building_at: Places) -> Pack | None:
    """Pack the parts of buildings that have several."""
    if "parts" not in tables or "plan_parts" not in tables:
        return None
    parts = tables["parts"][tables["parts"]["building_id"].notna()]
    several = parts[parts["building_id"].duplicated(keep=False)].merge(
        tables["plan_parts"][["part_id", "unit_id"]], on="part_id", how="left"
    )
    several = several.assign(building=several["building_id"].map(building_at), unit=several["unit_id"].map(place))
    several = several[several["building"].notna()].sort_values(["building", "part_id"], kind="stable")
    pack = Pack(len(several)).numbers("building", several["building"]).numbers("unit", several["unit"])
    pack.texts("entrance", column(several, "entrance"))
    return pack.numbers("floor_from", column(several, "floor_from")).numbers("floor_to", column(several, "floor_to"))


def _located(frame: Frame, units: Frame) -> "pd.Series[Any]":
    """Place of the unit of each point: as released, else the unit in which it lies."""
    known = column(frame, "unit_id").map({unit: at for at, unit in enumerate(units["unit_id"])})
    open_ = np.flatnonzero(known.isna())
    point, unit = shapely.STRtree(shapes_of(units)).query(shapes_of(frame)[open_], predicate="intersects")
    found = known.astype(object).to_numpy(copy=True)
    found[open_[point[::-1]]] = unit[::-1]
    return pd.Series(found, index=frame.index, dtype=object)


def pack_resources(resources: Frame | None, here: Ground, units: Frame, found: list[str]) -> Pack | None:
    """Pack the resources with the place of their category."""
    if resources is None or resources.empty:
        return None
    seen = resources[here.seen(resources) & column(resources, "category").isin(found).to_numpy()]
    seen = seen.assign(unit=_located(seen, units))
    rows, shapes = _ordered(seen, here, ("resource_id",))
    pack = Pack(len(rows)).shapes(shapes).numbers("unit", rows["unit"])
    pack.numbers("category", rows["category"].map({name: at for at, name in enumerate(found)}))
    for name in ("name", "hours", "provider_type", "contact_role"):
        pack.texts(name, column(rows, name))
    return pack.texts(
        "capacity", [_amount(*row) for row in zip(column(rows, "capacity"), column(rows, "capacity_unit"), strict=True)]
    )


def _amount(value: Any, unit: Any) -> str | None:
    return None if value is None else f"{float(value):g}{f' {unit}' if unit else ''}"


def pack_incidents(incidents: Frame | None, here: Ground, units: Frame) -> Pack | None:
    """Pack the incidents that have a place."""
    if incidents is None or incidents.empty:
        return None
    seen = incidents[here.seen(incidents)]
    seen = seen.assign(unit=_located(seen, units))
    rows, shapes = _ordered(seen, here, ("incident_id",))
    pack = Pack(len(rows)).shapes(shapes).numbers("unit", rows["unit"])
    for name in ("kind", "category", "severity", "stage"):
        pack.texts(name, column(rows, name))
    for name, stored in (("reported", "reported_at"), ("due", "due_at"), ("closed", "closed_at")):
        pack.texts(name, [None if one is None else str(one)[:10] for one in column(rows, stored)])
    return pack


def pack_duties(workers: Frame | None, duties: Frame | None, place: Places) -> Pack | None:
    """Pack who answers for which unit, with the office's number; never for the public."""
    if workers is None or duties is None or duties.empty:
        return None
    rows = duties.merge(workers.drop(columns="role", errors="ignore"), on="worker_id", how="left")
    rows = (
        rows.assign(unit=rows["unit_id"].map(place))
        .dropna(subset="unit")
        .sort_values(["unit", "role", "worker_id"], kind="stable")
    )
    pack = Pack(len(rows)).numbers("unit", rows["unit"])
    for name, stored in (
        ("worker", "worker_id"),
        ("name", "name"),
        ("role", "role"),
        ("organisation", "organisation"),
        ("phone", "office_phone"),
    ):
        pack.texts(name, column(rows, stored))
    return pack
