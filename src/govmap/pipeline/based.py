"""What the desk shows of base data: the building at a place, what is known of it, what was drawn, what is stale."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.errors import InputError
from govmap.messages import Voice
from govmap.pipeline import handmade
from govmap.pipeline.handmade import Degrees
from govmap.pipeline.report import Report
from govmap.project import BASE_TABLES, Project

TABLE = "buildings"
SAID = (
    "building_id", "name", "number", "use", "levels", "dwellings", "households", "households_given", "residents",
    "residents_given", "households_source", "stairwells", "homes_a_floor", "status", "compound_id", "edited_by_hand",
)  # fmt: skip
OURS = ("barriers", "compounds", "entrances")
STANDING = ("standing", "new")
NEAR_M = 2.0
MOST = 500


def state(project: Project, *, voice: Voice) -> Report:
    """Say whether the ground is stale, how many changes by hand can be taken back, what was and what may be drawn."""
    with project.store.reading() as session:
        edits = session.read("base_edits", columns=["edit_id", "turn", "action", "undone", "base_after"])
        rows = {name: session.read(name) for name in OURS}
        offers = session.count("offers", where={"state": ["open"]})
        foreign = set(session.foreign_changes()) & set(BASE_TABLES)
        communities = session.read("communities", columns=["community_id", "name"])
    stale = project.fact("cells_base") != (project.fact("base_version") or "0") or bool(foreign)
    live = edits[~edits["undone"].astype(bool)].sort_values("turn")
    last = None if live.empty else voice.say(f"base_action_{live['action'].iloc[-1]}")
    figures: dict[str, Any] = {
        "stale": stale,
        "edits": len(live),
        "last": last,
        "offers": offers,
        "drawn": _drawn(rows, project),
    }
    figures["communities"] = communities.to_dict("records")
    return Report(figures={**figures, **_choices(voice)})


def at(project: Project, place: Degrees) -> Report:
    """
    Name the standing building at a place, the nearest within two metres; none where there is none.

    Raises
    ------
    InputError
        It is no place.
    """
    point = handmade.point(project, place)
    rows = project.read(TABLE, columns=["building_id", "status", "geometry"])
    rows = rows[rows["status"].isin(STANDING) & rows["geometry"].notna()].reset_index(drop=True)
    shapes = rows["geometry"].to_numpy()
    if not len(shapes):
        return Report(figures={"buildings": []})
    near = shapely.STRtree(shapes).query(point, predicate="dwithin", distance=NEAR_M)
    if not len(near):
        return Report(figures={"buildings": []})
    far = shapely.distance(shapes[near], point)
    found = str(rows["building_id"].to_numpy()[near[int(np.argmin(far))]])
    return facts(project, [found])


def facts(project: Project, building_ids: Sequence[str]) -> Report:
    """
    Say what is known of buildings, with their outlines in degrees, in the order in which they are named.

    Raises
    ------
    InputError
        One is unknown, or there are too many.
    """
    wanted = list(dict.fromkeys(building_ids))
    if len(wanted) > MOST:
        raise InputError("base_too_many", most=MOST)
    rows = project.read(TABLE, where={"building_id": wanted}).set_index("building_id", drop=False)
    unknown = [one for one in wanted if one not in rows.index]
    if unknown:
        raise InputError("base_no_building", building=unknown[0][:40])
    rows = rows.loc[wanted]
    rings = _rings(project, rows["geometry"].to_numpy())
    plain = pd.DataFrame(rows)[list(SAID)].astype(object)
    told = plain.where(plain.notna(), None).to_dict("records")
    return Report(figures={"buildings": [{**row, "rings": ring} for row, ring in zip(told, rings, strict=True)]})


def with_shapes(project: Project, report: Report, building_ids: Sequence[str]) -> Report:
    """Add to what a change did the outlines of the buildings that it touched, for the page to draw at once."""
    report.figures["buildings"] = facts(project, building_ids).figures["buildings"]
    return report


# below ---------------------------------------------------------------------------------------------------------------
def _drawn(rows: dict[str, pd.DataFrame], project: Project) -> list[dict[str, Any]]:
    """List walls, compounds and gates that were drawn by hand, with their lines in degrees."""
    found = []
    for table, some in rows.items():
        key = some.columns[0]
        by_hand = some[some[key].str.match(r"^[bcg][0-9a-f]{8,}$").fillna(value=False).astype(bool)]
        lines = _lines(project, by_hand["geometry"].to_numpy())
        names = by_hand["name"] if "name" in by_hand else by_hand["kind"]
        for row, name, line in zip(by_hand[key], names, lines, strict=True):
            found.append({"what": key.removesuffix("_id"), "id": row, "name": name, "lines": line, "table": table})
    return found


def _choices(voice: Voice) -> dict[str, Any]:
    """Give what may be chosen: uses of buildings, kinds of walls and compounds, with their titles."""
    walls = catalog.layer("drawing")["walls"]["kinds"]
    return {
        "uses": _titled(catalog.layer("buildings")["uses"], voice),
        "walls": [one for one in _titled(catalog.layer("barriers")["kinds"], voice) if one[0] in walls],
        "kinds": _titled(catalog.layer("compounds")["kinds"], voice),
    }


def _titled(rows: Sequence[Any], voice: Voice) -> list[list[str]]:
    once = {str(one["name"]): str(one["title"][voice.language]) for one in rows if "title" in one}
    return [[name, title] for name, title in once.items()]


def _degrees(project: Project, shapes: Any) -> Any:
    from pyproj import Transformer

    way = Transformer.from_crs(project.crs, 4326, always_xy=True)
    return shapely.transform(shapes, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])))


def _rings(project: Project, shapes: Any) -> list[list[list[list[list[float]]]]]:
    """Give of each shape its polygons, of each the outer ring alone, as latitude and longitude."""
    return [
        [[[[round(y, 7), round(x, 7)] for x, y in one.exterior.coords]] for one in shapely.get_parts(shape)]
        for shape in _degrees(project, shapes)
    ]


def _lines(project: Project, shapes: Any) -> list[list[list[list[float]]]]:
    return [
        [
            [[round(y, 7), round(x, 7)] for x, y in shapely.get_coordinates(one)]
            for one in shapely.get_parts(shape)
            if not shapely.is_empty(one)
        ]
        for shape in _degrees(project, shapes)
    ]
